"""A folder of raw slices becomes a volume whose missing and blank slices are not measured."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import keramos as package
from keramos.core import NOT_ANNOTATED
from keramos.project.recipe.read import read_recipe
from keramos.project.recipe.steps import Places, build_steps
from keramos.simulation import make_phantom

SHAPE = (12, 64, 72)
MISSING, BLANK = 5, 9


@cache
def drawn() -> np.ndarray:
    return make_phantom(SHAPE, seed=4).images.read()


@pytest.fixture(scope="module", autouse=True)
def pictures_left_out() -> None:
    """Here they are drawn."""


@pytest.fixture(scope="module")
def raw(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Slices 0 to 11 with a bar of 12 rows; 5 is not there, 9 is blank."""
    folder = tmp_path_factory.mktemp("raw")
    bar = np.zeros((12, SHAPE[2]), np.uint8)
    bar[4:8, 10:40] = 255
    for z, pixels in enumerate(drawn()):
        if z != MISSING:
            shown = np.full_like(pixels, 3) if z == BLANK else pixels
            tifffile.imwrite(folder / f"cut_{z:03}.tif", np.vstack([shown, bar]))
    return folder


def test_the_volume_has_the_slices_and_what_is_lacking_is_filled_for_looking(
    raw: Path, tmp_path: Path, monkeypatch: Any, keramos: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    options = ("--voxel-size", 20, 10, 10, "--align", "none", "--remedies", "none")
    told = keramos("prepare", raw, "--out", "p.ome.zarr", *options, "--json", "p.json")
    assert told.status == 0, told.lines
    facts = json.loads(Path("p.json").read_text(encoding="utf-8"))
    assert facts["shape"] == list(SHAPE)
    assert facts["bar_rows"] == 12
    assert facts["filled_slices"] == [MISSING, BLANK]
    assert facts["slices"] == [f"cut_{z:03}.tif" for z in range(12) if z not in (MISSING, BLANK)]
    assert facts["slice_positions_nm"] == [20.0 * z for z in range(12) if z not in (MISSING, BLANK)]
    assert facts["shifts_px"] == [[0, 0]] * 10
    volume = package.open_volume("p.ome.zarr")
    pixels = volume.read()
    for z in range(12):
        if z not in (MISSING, BLANK):
            assert np.array_equal(pixels[z], drawn()[z])
    middle = (drawn()[4].astype(float) + drawn()[6]) / 2
    assert np.abs(pixels[MISSING] - middle).max() <= 0.5
    assert facts["view"] is None
    assert "which Keramos prepared" in keramos("prepare", "p.ome.zarr", "--out", "again.ome.zarr").complaint
    said = " ".join(keramos("info", "p.ome.zarr").out.split())
    assert "preparation.slices 10 used, 2 filled" in said
    assert "preparation.alignment no slice was moved" in said
    assert str(volume.voxel_size) == "20 x 10 x 10 nm (z y x)"
    assert any("slice 8 is without an image" in note for note in told.notes)
    labels = package.segment("p.ome.zarr", "otsu", out="s.ome.zarr").read()
    assert [z for z in range(12) if (labels[z] == NOT_ANNOTATED).any()] == [MISSING, BLANK]
    fractions = [one for one in package.quantify("s.ome.zarr").quantities if one.id == "phase-fraction"]
    shown = labels[[z for z in range(12) if z not in (MISSING, BLANK)]]
    assert fractions[1].quantity.value == pytest.approx((shown == 1).mean())
    scores = package.evaluate("s.ome.zarr", "s.ome.zarr")
    assert scores.to_json()["voxels"] == shown.size
    assert "found the segmentation" in keramos("prepare", "s.ome.zarr", "--out", "again.ome.zarr").complaint
    cropped = package.segment("p.ome.zarr", "otsu", out="c.ome.zarr", box="4:10,0:64,0:72").read()
    assert [z for z in range(6) if (cropped[z] == NOT_ANNOTATED).all()] == [MISSING - 4, BLANK - 4]


def test_what_does_not_fit_is_refused(raw: Path, tmp_path: Path, keramos: Callable[..., Any]) -> None:
    out = tmp_path / "p.ome.zarr"
    assert "found neither" in keramos("prepare", raw).complaint
    for names in ("magic", "none,shading"):
        assert "or none alone" in keramos("prepare", raw, "--out", out, "--remedies", names).complaint
    assert "fewer rows than the 76" in keramos("prepare", raw, "--out", out, "--bar", 76).complaint
    assert "another place to write to" in keramos("prepare", raw, "--out", out, "--look", out).complaint
    assert "at least 16 x 16" in keramos("prepare", raw, "--out", out, "--box", "0:11,0:9,0:72").complaint
    assert "edges of a pixel" in keramos("prepare", raw, "--out", out, "--slice-thickness", 20).complaint
    one = tmp_path / "one.tif"
    tifffile.imwrite(one, drawn()[:1])
    assert "at least two slices" in keramos("prepare", one, "--out", out).complaint
    assert not out.exists()


def test_a_killed_run_goes_on_and_another_one_is_refused(
    raw: Path, tmp_path: Path, monkeypatch: Any, keramos: Callable[..., Any]
) -> None:
    from keramos.project.preparing.write import PrepareBlock

    out, whole = tmp_path / "p.ome.zarr", tmp_path / "w.ome.zarr"
    options = ("--voxel-size", 20, 10, 10, "--memory", "385MiB")
    assert keramos("prepare", raw, "--out", whole, *options).status == 0
    write = PrepareBlock.write

    def stop(self: Any, block: Any, result: Any) -> None:
        if block.index == 1:
            raise KeyboardInterrupt
        write(self, block, result)

    monkeypatch.setattr(PrepareBlock, "write", stop)
    with pytest.raises(KeyboardInterrupt):
        package.prepare(raw, out=out, voxel_size=(20, 10, 10), memory="385MiB")
    monkeypatch.undo()
    assert "unfinished" in keramos("segment", out, "--model", "otsu", "--out", tmp_path / "s.ome.zarr").complaint
    assert "bar differs" in keramos("prepare", raw, "--out", out, *options, "--bar", 3).complaint
    told = keramos("prepare", raw, "--out", out, *options)
    assert any("resuming" in note and "1 of" in note for note in told.notes), told.lines
    assert np.array_equal(package.open_volume(out).read(), package.open_volume(whole).read())


def test_a_page_alone_shows_both_sides_and_writes_no_volume(
    raw: Path, tmp_path: Path, keramos: Callable[..., Any]
) -> None:
    page = tmp_path / "look.html"
    told = keramos("prepare", raw, "--look", page, "--voxel-size", 20, 10, 10)
    assert told.status == 0, told.lines
    html = page.read_text(encoding="utf-8")
    assert list(tmp_path.iterdir()) == [page]
    assert html.count("<img ") == 6
    for words in ("10 of 11 slices", "slice 8 is without an image", "information bar (12 rows) was cut off", "(5)"):
        assert words in html, words
    assert "already there" in keramos("prepare", raw, "--look", page).complaint
    assert keramos("prepare", raw, "--look", page, "--fresh").status == 0


def test_a_recipe_prepares_its_stack_before_all_else(raw: Path, tmp_path: Path, keramos: Callable[..., Any]) -> None:
    recipe = tmp_path / "recipe.toml"
    text = f"""
    [stack]
    images = '{raw}'
    voxel_size = [20, 10, 10]
    [prepare]
    look = true
    remedies = "none"
    [segment]
    model = "otsu"
    """
    recipe.write_text(text, encoding="utf-8")
    told = keramos("run", recipe)
    assert told.status == 0, told.lines
    made = tmp_path / "run"
    assert (made / "preparation.html").is_file()
    labels, volume = (
        package.open_labels(made / "segmentation.ome.zarr"),
        package.open_volume(made / "prepared.ome.zarr"),
    )
    assert labels.shape == volume.shape
    assert volume.filled_slices == (MISSING, BLANK)
    assert keramos("run", recipe, "--dry-run").out.split() == [
        "prepare",
        "up",
        "to",
        "date",
        "segment",
        "up",
        "to",
        "date",
    ]
    recipe.write_text(text.replace('"none"', '"shading"'), encoding="utf-8")
    again = keramos("run", recipe)
    assert any("remedies changed" in note for note in again.notes), again.lines
    recipe.write_text("[phantom]\n[prepare]\n[segment]\nmodel = 'otsu'\n", encoding="utf-8")
    assert "give a [stack] of raw slices" in keramos("run", recipe).complaint


def test_pixels_of_tilted_images_are_stretched_where_the_files_say_that_nobody_did(
    tmp_path: Path, keramos: Callable[..., Any]
) -> None:
    folder, truth = tmp_path / "raw", tmp_path / "raw-truth" / "truth.json"
    made = keramos("phantom", "--out", folder, "--raw", "tescan", "--shape", 6, 40, 48, "--voxel-size", 20, 10, 10)
    assert made.status == 0, made.lines
    asked = keramos("prepare", folder, "--look", tmp_path / "a.html").notes
    assert any("state the thickness of a slice (z)" in note and "--slice-thickness" in note for note in asked)
    assert any("not corrected for the tilt" in note for note in asked)
    numbers = tmp_path / "b.json"
    options = ("--look", tmp_path / "b.html", "--slice-thickness", 20, "--tilt", 35, "--json", numbers)
    told = keramos("prepare", folder, *options)
    assert told.status == 0, told.lines
    right = json.loads(truth.read_text(encoding="utf-8"))["voxel_size_nm"]
    size = json.loads(numbers.read_text(encoding="utf-8"))["voxel_size_nm"]
    assert size == pytest.approx(list(right.values()) if isinstance(right, dict) else right, rel=1e-4)
    assert not any("not corrected" in note or "state the thickness" in note for note in told.notes)


def test_the_recipe_for_raw_slices_is_one(raw: Path, tmp_path: Path, keramos: Callable[..., Any]) -> None:
    recipe = Path(__file__).parents[2] / "examples" / "raw.toml"
    (tmp_path / "labels.tif").touch()
    text = recipe.read_text(encoding="utf-8").replace('"raw"  ', f"'{raw}'  ")
    (tmp_path / "raw.toml").write_text(text, encoding="utf-8")
    told = keramos("run", tmp_path / "raw.toml", "--dry-run")
    assert told.status == 0, told.lines
    assert [line.split()[0] for line in told.out.splitlines()] == ["prepare", "train", "segment", "quantify", "report"]


def test_labels_of_raw_slices_are_learned_from_where_they_lie_in_the_volume(raw: Path, tmp_path: Path) -> None:
    (tmp_path / "raw.toml").write_text(
        f"out = 'run'\n[stack]\nimages = '{raw}'\n[prepare]\nlabels = 'drawn.tif'\nslices = [3]\n"
        "phases = 'void=0,solid=1'\n[train]\n[segment]\n",
        encoding="utf-8",
    )
    recipe = read_recipe(tmp_path / "raw.toml")
    prepare, train, _ = build_steps(recipe, Places(tmp_path, tmp_path / "run"))
    place = tmp_path / "run" / "prepared-labels.ome.zarr"
    assert prepare.outputs[-1] == place
    assert train.settings.to_json()["labels"] == [str(place)]
