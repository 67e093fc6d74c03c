"""Labels of another size than the stack are refused in one sentence by every command that lays them on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos import check, open_volume, train
from keramos.core import VoxelSize
from keramos.core.errors import FindingError
from keramos.core.progress import Reporter
from keramos.project.image_label_pairs import open_pairs
from keramos.project.named_labels import open_named_labels
from keramos.project.reporting import ReportOptions, gather
from keramos.settings.reading import ReadOptions

Command = Callable[..., Any]
DEPTH, HEIGHT, WIDTH, BAR = 6, 30, 40, 6
SIZE = ("--voxel-size", 20, 5, 5)


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """raw.tif with an information bar of 6 rows, stack.tif without it, truth.tif of stack.tif."""
    folder = tmp_path_factory.mktemp("sizes")
    solid = np.repeat(np.repeat(np.random.default_rng(0).random((DEPTH, HEIGHT // 5, WIDTH // 5)) < 0.6, 5, 1), 5, 2)
    raw = np.zeros((DEPTH, HEIGHT + BAR, WIDTH), np.uint8)
    raw[:, :HEIGHT] = np.where(solid, 160, 60)
    tifffile.imwrite(folder / "raw.tif", raw)
    tifffile.imwrite(folder / "stack.tif", raw[:, :HEIGHT])
    tifffile.imwrite(folder / "truth.tif", solid.astype(np.uint8))
    return folder


def save_wrong(files: Path, name: str, rows: int, columns: int, depth: int | None = None) -> Path:
    """Labels with more rows and columns than the stack at the lower right, or fewer."""
    shape = (HEIGHT + rows, WIDTH + columns)
    codes = np.resize(np.arange(7) // 4, shape if depth is None else (depth, *shape)).astype(np.uint8)
    tifffile.imwrite(files / name, codes)
    return files / name


@pytest.mark.parametrize(
    ("rows", "columns", "reason"),
    [
        (BAR, 0, "6 rows more: drawn on the image with its information bar?"),
        (-1, 0, "1 row fewer: export them at the size of the image"),
        (0, 1, "1 column more: export them"),
        (HEIGHT, WIDTH, "2 times as large: drawn on a scaled copy?"),
        (10, -10, "rows and columns are swapped"),
        (4, 9, "4 rows more and 9 columns more: drawn on the uncropped image?"),
        (-12, -5, "12 rows fewer and 5 columns fewer: labels of a region? say which with --box"),
        (-12, 9, "see that these are of that stack"),
    ],
)
@pytest.mark.parametrize("box", [None, f"0:{DEPTH},0:25,5:35"])
def test_both_sizes_and_the_likely_reason(files: Path, rows: int, columns: int, reason: str, box: str | None) -> None:
    wrong = save_wrong(files, "wrong.tif", rows, columns)
    with pytest.raises(FindingError) as caught:
        open_pairs(files / "stack.tif", wrong, slices=[1], options=ReadOptions(box=box), reporter=Reporter())
    finding = caught.value.finding
    assert (finding.kind, finding.severity) == ("label-size", "fatal")
    assert f"{HEIGHT + rows} x {WIDTH + columns} pixels (y x)" in finding.message
    assert f"{DEPTH} x {HEIGHT} x {WIDTH} voxels (z y x)" in finding.message
    assert reason in finding.advice


def test_a_stack_of_labels_of_another_size_is_not_cut_to_the_box(files: Path) -> None:
    for wrong in (save_wrong(files, "wrong.tif", BAR, 0, DEPTH), save_wrong(files, "wrong.tif", 0, 0, DEPTH - 1)):
        for box in (None, f"0:{DEPTH},0:25,0:{WIDTH}"):
            with pytest.raises(FindingError, match=r"wrong\.tif has"):
                open_pairs(files / "stack.tif", wrong, slices=None, options=ReadOptions(box=box), reporter=Reporter())


def test_every_command_refuses(files: Path, tmp_path: Path, keramos: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    stack, one = files / "stack.tif", save_wrong(files, "wrong.tif", BAR, 0)
    many = save_wrong(files, "wrong_stack.tif", BAR, 0, DEPTH)
    keramos("segment", stack, "--model", "otsu", *SIZE, "--out", "whole.ome.zarr")
    keramos("segment", stack, "--model", "otsu", *SIZE, "--box", "0:6,0:25,5:35", "--out", "part.ome.zarr")
    train_on = ("train", "--images", stack, *SIZE, "--model", "otsu", "--out", "m.keramos")
    pairs = ("--images", stack, "--labels", files / "truth.tif", "--test-images", stack, "--slices", 1)
    commands = [
        (*train_on, "--labels", one, "--slices", 1),
        (*train_on, "--labels", many),
        (*train_on, "--labels", many, "--box", "0:6,0:25,5:35"),
        ("export", stack, "--labels", one, "--slices", 1, *SIZE, "--to", "nnunet", "--out", "nn"),
        ("evaluate", "whole.ome.zarr", many),
        ("evaluate", "whole.ome.zarr", many, "--box", "0:6,0:25,5:35"),
        ("evaluate", "part.ome.zarr", files / "truth.tif"),
        ("evaluate", "whole.ome.zarr", one, "--slices", 1),
        ("compare", *pairs, "--test-labels", one, "--test-slices", 2, *SIZE, "--out", "c"),
        ("report", "whole.ome.zarr", "--truth", many, "--out", "r.html"),
        ("report", "part.ome.zarr", "--truth", many, "--out", "r.html"),
        ("quantify", "whole.ome.zarr", "--truth", many, "--out", "q.json"),
    ]
    for command in commands:
        ran = keramos(*command)
        assert ran.status == 2, (command, ran.lines)
        (line,) = [line for line in ran.lines if "nothing says which pixel" in line]
        assert line.count(" x ") >= 2, line
    assert not {"m.keramos", "r.html", "nn", "q.json"} & {path.name for path in tmp_path.iterdir()}


def test_labels_of_the_whole_stack_serve_a_box(files: Path, tmp_path: Path, keramos: Command) -> None:
    part = tmp_path / "part.ome.zarr"
    keramos("segment", files / "raw.tif", "--model", "otsu", *SIZE, "--box", "1:6,0:30,5:35", "--out", part)
    whole = np.zeros((DEPTH, HEIGHT + BAR, WIDTH), np.uint8)
    whole[:, :HEIGHT] = tifffile.imread(files / "truth.tif")
    tifffile.imwrite(tmp_path / "truth.tif", whole)
    scored = keramos("evaluate", part, tmp_path / "truth.tif", "--box", "1:6,0:30,5:35", "--json", tmp_path / "e.json")
    assert scored.status == 0
    scores = json.loads((tmp_path / "e.json").read_text(encoding="utf-8"))
    assert scores["phases"]["solid"]["iou"] == 1
    truth = open_named_labels(tmp_path / "truth.tif", ReadOptions(), Reporter())
    content = gather(part, ReportOptions(truth=truth, measure=False), Reporter())
    assert content.scored[0].evaluation.accuracy == 1  # type: ignore[union-attr]


def test_check_names_it_and_lists_what_else_there_is(files: Path) -> None:
    result = check(files / "stack.tif", labels=[save_wrong(files, "wrong.tif", BAR, 0)], slices=[1])
    assert [finding.kind for finding in result.findings if finding.severity == "fatal"] == ["label-size"]


def test_check_cuts_images_and_labels_once(files: Path) -> None:
    result = check(files / "stack.tif", labels=[files / "truth.tif"], box="1:6,5:30,5:35", voxel_size=(20, 5, 5))
    assert result.images.shape == (5, 25, 30)
    assert "label-size" not in {finding.kind for finding in result.findings}


def test_an_open_stack_that_is_cut_takes_labels_of_the_file_or_of_the_cut(files: Path, tmp_path: Path) -> None:
    box = f"0:{DEPTH},0:{HEIGHT},5:35"
    cut = open_volume(files / "stack.tif", box=box, voxel_size=VoxelSize(20, 5, 5))
    truth = tifffile.imread(files / "truth.tif")
    tifffile.imwrite(tmp_path / "part.tif", truth[..., 5:35])
    for labels in (files / "truth.tif", tmp_path / "part.tif"):
        options = ReadOptions(box="1:3,10:20,0:20")
        ((images, codes),) = open_pairs(cut, labels, slices=None, options=options, reporter=Reporter())
        assert np.array_equal(codes.read(), truth[1:3, 10:20, 5:25])
        assert np.array_equal(images.read() > 100, codes.read())
    made = train(cut, files / "truth.tif", model="otsu", out=tmp_path / "m.keramos")
    assert made.path.is_file()
