"""Labels go from a prepared volume back onto the raw slices, and from raw slices onto the volume."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import keramos as package
from keramos.core import NOT_ANNOTATED, Finding
from keramos.core.progress import FindingCollector, Reporter
from keramos.simulation import Phantom, make_phantom

DRIFT = np.array([(0, 0), (2, -1), (5, -2), (4, 1), (1, 3), (0, 4), (-2, 2), (-1, 0), (1, -2), (3, -1)])
BLANK = 6


@cache
def canvas() -> Phantom:
    return make_phantom((10, 110, 120), seed=8, severity=0.2)


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Windows of 96 x 100 pixels of a phantom, which wander by whole pixels; slice 6 is blank."""
    folder = tmp_path_factory.mktemp("raw")
    for z, pixels in enumerate(see(canvas().images.read())):
        tifffile.imwrite(folder / f"cut_{z:03}.tif", np.zeros_like(pixels) if z == BLANK else pixels)
    return folder


def see(volume: np.ndarray) -> np.ndarray:
    return np.stack([one[7 - dy : 103 - dy, 10 - dx : 110 - dx] for one, (dy, dx) in zip(volume, DRIFT, strict=True)])


def test_labels_of_the_volume_lie_on_what_the_raw_slices_show(
    raw: Path, tmp_path: Path, monkeypatch: Any, keramos: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    told = keramos("prepare", raw, "--out", "p.ome.zarr", "--voxel-size", 20, 10, 10, "--remedies", "none")
    assert told.status == 0, told.lines
    assert keramos("segment", "p.ome.zarr", "--model", "otsu", "--out", "s.ome.zarr").status == 0
    assert keramos("export", "s.ome.zarr", "--onto", raw, "--out", "back.tif").status == 0
    back, truth = tifffile.imread("back.tif"), see(canvas().truth.read())
    assert back.shape == truth.shape
    known = back != NOT_ANNOTATED
    assert not known[BLANK].any()
    assert known[[z for z in range(10) if z != BLANK]].mean() > 0.8
    here = tifffile.imread(sorted(raw.glob("*.tif"))).astype(int)
    assert (back[known] == truth[known]).mean() > 0.9
    assert here[known & (back == 1)].mean() > here[known & (back == 0)].mean() + 40
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    for file in raw.glob("*.tif"):
        (renamed / file.name.replace("cut", "new")).write_bytes(file.read_bytes())
    told = keramos("export", "s.ome.zarr", "--onto", renamed, "--out", "renamed.tif")
    assert any("such as new_000.tif for cut_000.tif" in note for note in told.notes), told.lines
    assert not any("other pixels" in note for note in told.notes), told.lines
    (renamed / "new_004.tif").write_bytes((renamed / "new_003.tif").read_bytes())
    told = keramos("export", "s.ome.zarr", "--onto", renamed, "--out", "changed.tif")
    assert any("slice 4 of" in note and "has other pixels" in note for note in told.notes), told.lines
    assert "prepared from" in keramos("export", "s.ome.zarr", "--onto", "p.ome.zarr", "--out", "no.tif").complaint


def test_labels_drawn_on_a_raw_slice_come_along(
    raw: Path, tmp_path: Path, monkeypatch: Any, keramos: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ("--voxel-size", 20, 10, 10, "--box", "1:10,0:96,4:100")
    assert keramos("prepare", raw, "--out", "p.ome.zarr", *options).status == 0
    drawn = see(canvas().truth.read())
    tifffile.imwrite("drawn.tif", drawn[[3, 8]])
    onto = ("--phases", "void=0,solid=1", "--onto", "p.ome.zarr", "--out")
    assert keramos("export", "drawn.tif", *onto, "along.tif", "--slices", 3, 8).status == 0
    along, volume = tifffile.imread("along.tif"), package.open_volume("p.ome.zarr")
    assert along.shape == volume.shape
    assert [z for z in range(9) if (along[z] != NOT_ANNOTATED).any()] == [2, 7]
    images = volume.read().astype(int)
    for z in (2, 7):
        shift = np.array(volume.facts["shifts_px"])[volume.facts["raw_slices"].index(z + 1)]
        (top, _), (left, _) = volume.facts["window"]
        y, x = (int(np.rint(v)) for v in (top - shift[0], left + 4 - shift[1]))
        same = drawn[z + 1, y : y + along.shape[1], x : x + along.shape[2]]
        assert np.array_equal(along[z], same)
        assert images[z][along[z] == 1].mean() > images[z][along[z] == 0].mean() + 40
    for slices, words in (
        ((3, 3), "found 3 twice"),
        ((3, 99), "found 99"),
        ((3, BLANK), "found 6"),
        ((3, 0), "found 0"),
    ):
        assert words in keramos("export", "drawn.tif", *onto, "no.tif", "--slices", *slices).complaint
    assert "give them with --slices" in keramos("export", "drawn.tif", *onto, "no.tif").complaint
    tifffile.imwrite("other.tif", drawn[3, 1:])
    assert "whole raw slices" in keramos("export", "other.tif", *onto, "no.tif", "--slices", 3).complaint
    assert (
        "that Keramos prepared"
        in keramos("export", "drawn.tif", "--phases", "void=0,solid=1", "--onto", raw, "--out", "no.tif").complaint
    )


def test_labels_of_raw_slices_come_along_and_go_back_to_the_same_pixels(
    raw: Path, tmp_path: Path, monkeypatch: Any, keramos: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    drawn = see(canvas().truth.read()).astype(np.uint8)
    drawn[[1, 4]] = 9
    tifffile.imwrite("drawn.tif", drawn)
    given = ("prepare", raw, "--out", "p.ome.zarr", "--voxel-size", 20, 10, 10, "--labels")
    whole = ("--phases", "void=0,solid=1", "--ignore", 9)
    told = keramos(*given, "drawn.tif", *whole, "--json", "p.json")
    assert told.status == 0, told.lines
    assert any("labels of raw slice 6 are not in the volume" in note for note in told.notes), told.lines
    (finding,) = (one for one in json.loads(Path("p.json").read_text())["findings"] if one["kind"] == "left-out-labels")
    assert finding["slices"] == [BLANK]
    labels, volume = package.open_labels("p-labels.ome.zarr"), package.open_volume("p.ome.zarr")
    codes, images = labels.read(), volume.read().astype(int)
    assert codes.shape == images.shape
    assert labels.voxel_size == volume.voxel_size
    assert {z for z in range(10) if (codes[z] == NOT_ANNOTATED).all()} == {1, 4, BLANK}
    assert images[codes == 1].mean() > images[codes == 0].mean() + 40
    assert keramos("export", "p-labels.ome.zarr", "--onto", raw, "--out", "back.tif").status == 0
    back = tifffile.imread("back.tif")
    known = back != NOT_ANNOTATED
    assert not known[[1, 4, BLANK]].any()
    assert known[[0, 2, 3, 5, 7, 8, 9]].mean() > 0.8
    assert np.array_equal(back[known], drawn[known])
    bar = Finding("information-bar", "the lowest rows are the bar", "they are measured", "leave them out")
    barred = replace(package.open_volume(raw), findings=(bar,))
    reporter = FindingCollector(Reporter())
    package.export(labels, out="quiet.tif", onto=barred, reporter=reporter)
    assert not [one for one in reporter.findings if one.kind == "information-bar"]
    again = keramos(*given, "drawn.tif", *whole)
    assert again.status == 0
    assert any("p-labels.ome.zarr is there already" in note for note in again.notes)
    tifffile.imwrite("other.tif", drawn[[3]])
    assert "found other ones" in keramos(*given, "other.tif", *whole, "--slices", 3).complaint
    assert keramos(*given, "other.tif", *whole, "--slices", 3, "--fresh").status == 0
    codes = package.open_labels("p-labels.ome.zarr").read()
    assert [z for z in range(10) if (codes[z] != NOT_ANNOTATED).any()] == [3]


def test_labels_are_paired_with_raw_slices_by_their_names_and_need_no_information_bar(
    raw: Path, tmp_path: Path, monkeypatch: Any, keramos: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    drawn = see(canvas().truth.read()).astype(np.uint8)
    Path("drawn").mkdir()
    for z in (2, 8):
        tifffile.imwrite(f"drawn/cut_{z:03}.tif", drawn[z, :90])
    given = ("prepare", raw, "--voxel-size", 20, 10, 10, "--align", "none", "--remedies", "none")
    labels = ("--labels", "drawn", "--phases", "void=0,solid=1")
    assert keramos(*given, "--out", "p.ome.zarr", *labels, "--bar", 6).status == 0
    codes = package.open_labels("p-labels.ome.zarr").read()
    assert codes.shape == (10, 90, 100)
    for z in range(10):
        assert np.array_equal(codes[z], drawn[z, :90]) if z in (2, 8) else (codes[z] == NOT_ANNOTATED).all()
    Path("drawn/cut_002.tif").unlink()
    assert keramos(*given, "--out", "one.ome.zarr", *labels, "--bar", 6).status == 0
    assert (package.open_labels("one-labels.ome.zarr").read() != NOT_ANNOTATED).any(axis=(1, 2)).nonzero()[0] == [8]
    for options, words in (
        (("--look", "p.html", *labels), "expected a volume to write"),
        (("--out", "q.ome.zarr", "--slices", 3), "--slices: expected labels"),
        (("--out", "q.ome.zarr", *labels, "--bar", 6, "--slices", 3, 4), "found 2; give them with --slices"),
        (("--out", "q.ome.zarr", *labels, "--bar", 7), "or 89 x 100 without the information bar"),
    ):
        assert words in keramos(*given, *options).complaint
    assert not Path("q.ome.zarr").exists()
    tifffile.imwrite("q-labels.ome.zarr", drawn[2])
    assert "q-labels.ome.zarr" in keramos(*given, "--out", "q.ome.zarr", *labels, "--bar", 6, "--fresh").complaint


def test_slices_of_a_turned_scan_become_the_same_volume_and_labels_of_them_go_both_ways(
    raw: Path, tmp_path: Path, monkeypatch: Any, keramos: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    drawn, bar = see(canvas().truth.read()).astype(np.uint8), np.zeros((6, 100), np.uint8)
    tifffile.imwrite("upright.tif", np.pad(drawn, ((0, 0), (0, 6), (0, 0)), constant_values=9))
    tifffile.imwrite("over.tif", turned := np.pad(drawn[:, ::-1, ::-1], ((0, 0), (0, 6), (0, 0)), constant_values=9))
    for name, step in (("upright", 1), ("over", -1)):
        Path(name).mkdir()
        for file in raw.glob("*.tif"):
            tifffile.imwrite(Path(name) / file.name, np.vstack([tifffile.imread(file)[::step, ::step], bar]))
    given = ("--voxel-size", 20, 10, 10, "--bar", 0, "--phases", "void=0,solid=1", "--ignore", 9, "--shear", "fiducial")
    for name, box, region, turn in (
        ("upright", "0:10,10:96,0:95", "0:1,20:60,30:80", 0),
        ("over", "0:10,0:86,5:100", "0:1,36:76,20:70", 180),
    ):
        regions = ("--box", box, "--fiducial", region, "--turn", turn, "--labels", f"{name}.tif")
        told = keramos("prepare", name, "--out", f"{name}.ome.zarr", *given, *regions)
        assert told.status == 0, told.lines
    for read, suffix in ((package.open_volume, ""), (package.open_labels, "-labels")):
        one, other = (read(f"{name}{suffix}.ome.zarr").read() for name in ("upright", "over"))
        assert np.array_equal(one, other)
    assert keramos("export", "over-labels.ome.zarr", "--onto", "over", "--out", "back.tif").status == 0
    back = tifffile.imread("back.tif")
    known = back != NOT_ANNOTATED
    assert known.mean() > 0.5
    assert np.array_equal(back[known], turned[known])
    told = keramos("export", "over-labels.ome.zarr", "--onto", "upright", "--out", "no.tif")
    assert any("has other pixels" in note for note in told.notes)
