"""A segmentation of a stack is scored, and reported on, with a truth of some slices or of one."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos import evaluate
from keramos.core.errors import ShapeError

Command = Callable[..., Any]
PHASES = ("--phases", "void=0,solid=1")
RIGHT = {3: 1.0, 5: 0.75, 6: 0.5}
"""The share of each of these slices that is predicted rightly; nothing of the others is."""


@pytest.fixture
def files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to work in with truth.tif, its slice5.tif, and predicted.tif."""
    monkeypatch.chdir(tmp_path)
    truth = (np.random.default_rng(1).random((8, 40, 48)) < 0.7).astype(np.uint8)
    predicted = 1 - truth
    for z, share in RIGHT.items():
        predicted[z, : int(40 * share)] = truth[z, : int(40 * share)]
    for name, codes in (("truth", truth), ("slice5", truth[5]), ("predicted", predicted)):
        tifffile.imwrite(f"{name}.tif", codes)
    return tmp_path


@pytest.mark.parametrize(
    ("options", "right", "voxels"),
    [
        (("truth.tif", "--slices", 5), 0.75, 1920),
        (("truth.tif", "--slice", "3,5"), 0.875, 3840),
        (("truth.tif", "--slices", 3, 5, "--leave-out", 3), 0.75, 1920),
        (("slice5.tif", "--slice", 5), 0.75, 1920),
        (("truth.tif", "--box", "5:6,:,:"), 0.75, 1920),
        (("truth.tif", "--box", "5:6,:,:", "--slices", 5), 0.75, 1920),
        (("slice5.tif", "--slices", 5, "--box", "5:6,:,:"), 0.75, 1920),
        (("slice5.tif", "--slices", 5, "--box", "4:8,30:40,8:48"), 0.0, 400),
    ],
)
def test_only_those_slices_count(
    options: tuple[object, ...], right: float, voxels: int, files: Path, keramos: Command
) -> None:
    assert keramos("evaluate", "predicted.tif", *options, *PHASES, "--json", "e.json").status == 0
    scores = json.loads((files / "e.json").read_text(encoding="utf-8"))
    assert (scores["accuracy"], scores["voxels"]) == (pytest.approx(right), voxels)


def test_slices_that_are_not_there(files: Path, keramos: Command) -> None:
    assert (
        "slices 0 to 7 of truth.tif to use, found 9"
        in keramos("evaluate", "predicted.tif", "truth.tif", *PHASES, "--slices", 9).complaint
    )
    with pytest.raises(ShapeError, match="say which it is with --slices, from 0 to 7"):
        evaluate("predicted.tif", "slice5.tif", phases="void=0,solid=1")


def test_a_report_with_the_truth_of_a_tiff_and_of_one_slice(
    phantom: Path, keramos: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)

    assert keramos("segment", phantom / "images.ome.zarr", "--model", "otsu", "--out", "s.ome.zarr").status == 0
    assert keramos("export", phantom / "truth.ome.zarr", "--to", "tiff", "--out", "sized.tif").status == 0
    tifffile.imwrite("truth.tif", tifffile.imread("sized.tif"))
    tifffile.imwrite("slice4.tif", tifffile.imread("sized.tif")[4])
    whole = keramos("report", "s.ome.zarr", "--truth", "truth.tif", *PHASES, "--out", "whole.html")
    assert (whole.status, [note for note in whole.notes if "not measured" in note]) == (0, [])
    assert "Against the truth" in Path("whole.html").read_text(encoding="utf-8")
    one = ("--truth", "slice4.tif", *PHASES, "--slice", 4, "--json", "one.json", "--out", "one.html")
    assert keramos("report", "s.ome.zarr", *one).status == 0
    page = Path("one.html").read_text(encoding="utf-8")
    assert "Against the truth" not in page
    assert "the truth was not measured beside it" in page
    scores = json.loads(Path("one.json").read_text(encoding="utf-8"))["otsu"]["evaluation"]
    assert scores["voxels"] == 96 * 96
