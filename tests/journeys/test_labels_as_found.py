"""Labels as other software leaves them are read as the contract says, and the command says how."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray

from keramos import segment
from keramos.core import Volume, VoxelSize
from keramos.core.progress import Reporter
from keramos.project.named_labels import open_named_labels
from keramos.project.reporting import ReportOptions, gather
from keramos.settings.reading import ReadOptions

Command = Callable[..., Any]
RNG = np.random.default_rng(0)
TRUE: NDArray[np.uint8] = RNG.integers(0, 2, (2, 24, 24)).astype(np.uint8)
FOUND: NDArray[np.uint8] = np.where(RNG.random(TRUE.shape) < 0.9, TRUE, 1 - TRUE).astype(np.uint8)


def iou(found: NDArray[np.uint8], true: NDArray[np.uint8], phase: int, known: NDArray[np.bool_] | None = None) -> float:
    known = np.ones(true.shape, bool) if known is None else known
    a, b = (found == phase) & known, (true == phase) & known
    return float(np.sum(a & b) / np.sum(a | b))


@pytest.fixture
def scored(tmp_path: Path, keramos: Command) -> Callable[..., tuple[dict[str, Any], list[str]]]:
    """Evaluate FOUND (0 and 1) against these pixels: the JSON and the notes."""

    def score(truth: NDArray[Any], *options: object) -> tuple[dict[str, Any], list[str]]:
        tifffile.imwrite(tmp_path / "found.tif", FOUND)
        tifffile.imwrite(tmp_path / "truth.tif", truth)
        ran = keramos(
            "evaluate", tmp_path / "found.tif", tmp_path / "truth.tif", "--json", tmp_path / "e.json", *options
        )
        assert ran.status == 0, ran.lines
        return json.loads((tmp_path / "e.json").read_text(encoding="utf-8")), ran.notes

    return score


def test_0_and_255(scored: Callable[..., Any]) -> None:
    scores, notes = scored(TRUE * 255)
    assert scores["phases"]["solid"]["iou"] == pytest.approx(iou(FOUND, TRUE, 1))
    assert "0-3 is void, 252-255 is solid" in notes[0]


def test_0_and_1(scored: Callable[..., Any]) -> None:
    scores, notes = scored(TRUE)
    assert scores["phases"]["solid"]["iou"] == pytest.approx(iou(FOUND, TRUE, 1))
    assert notes == []


def test_0_and_252_to_255_as_released(scored: Callable[..., Any]) -> None:
    resaved = np.where(TRUE == 1, 252 + RNG.integers(0, 4, TRUE.shape), RNG.integers(0, 3, TRUE.shape)).astype(np.uint8)
    scores, notes = scored(resaved)
    assert scores["phases"]["solid"]["iou"] == pytest.approx(iou(FOUND, TRUE, 1))
    assert "read as binary" in notes[0]


def test_255_beside_small_codes_is_not_annotated(scored: Callable[..., Any]) -> None:
    known = RNG.random(TRUE.shape) < 0.7
    scores, notes = scored(np.where(known, TRUE, 255).astype(np.uint8))
    assert scores["phases"]["solid"]["iou"] == pytest.approx(iou(FOUND, TRUE, 1, known))
    assert scores["voxels"] == known.sum()
    assert "255 is treated as not annotated" in notes[0]


def test_ignore_says_which_value_is_not_annotated(scored: Callable[..., Any]) -> None:
    known = RNG.random(TRUE.shape) < 0.7
    scores, _ = scored(np.where(known, TRUE, 9).astype(np.uint8), "--ignore", 9)
    assert scores["voxels"] == known.sum()


def test_phases_say_what_is_what(scored: Callable[..., Any]) -> None:
    scores, notes = scored(np.where(TRUE == 1, 90, 0).astype(np.uint8), "--phases", "void=0,solid=1-255")
    assert scores["phases"]["solid"]["iou"] == pytest.approx(iou(FOUND, TRUE, 1))
    assert notes == []


def test_the_positive_phase_can_be_the_other(scored: Callable[..., Any]) -> None:
    scores, _ = scored(TRUE, "--positive", "void")
    assert scores["positive"] == "void"
    assert scores["phases"]["void"]["iou"] == pytest.approx(iou(FOUND, TRUE, 0))
    assert scores["mean_iou"] == pytest.approx((iou(FOUND, TRUE, 0) + iou(FOUND, TRUE, 1)) / 2)
    assert scores["confusion"] == [[int(np.sum((TRUE == t) & (FOUND == f))) for f in (0, 1)] for t in (0, 1)]
    assert scores["accuracy"] == pytest.approx(np.mean(TRUE == FOUND))


def test_a_truth_that_shows_0_white_is_scored_as_shown(
    scored: Callable[..., Any], tmp_path: Path, keramos: Command
) -> None:
    scores, _ = scored(TRUE)
    tifffile.imwrite(tmp_path / "truth.tif", (1 - TRUE) * 255, photometric="miniswhite")
    ran = keramos("evaluate", tmp_path / "found.tif", tmp_path / "truth.tif", "--json", tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again["phases"] == scores["phases"]
    assert [row["kind"] for row in again["findings"]] == ["inverted-display"]
    assert any("inverted lookup table" in line and "--phases void=0-3,solid=252-255" in line for line in ran.lines)


def test_a_report_shows_doubts_about_its_truth(tmp_path: Path) -> None:
    grey, store = Volume.from_array(60 + 100 * TRUE, VoxelSize(20, 5, 5), "grey"), tmp_path / "s.ome.zarr"
    segment(grey, model="otsu", out=store)
    tifffile.imwrite(tmp_path / "truth.tif", (1 - TRUE) * 255, photometric="miniswhite")
    truth = open_named_labels(tmp_path / "truth.tif", ReadOptions(), Reporter())
    (method,) = gather(store, ReportOptions(grey, truth, measure=False), Reporter()).methods
    assert "inverted-display" in {finding.kind for finding in method.findings}


def test_outlines_in_grey_end_in_one_sentence_with_the_option(tmp_path: Path, keramos: Command) -> None:
    codes = np.zeros((40, 40), np.uint8)
    codes[10:30, 10:30] = 255
    codes[10, 10:30] = codes[10:30, 29] = 120
    tifffile.imwrite(tmp_path / "labels.tif", codes)
    tifffile.imwrite(tmp_path / "stack.tif", codes // 2)
    train = ("train", "--images", tmp_path / "stack.tif", "--labels", tmp_path / "labels.tif", "--model", "otsu")
    size = ("--voxel-size", 20, 5, 5, "--out", tmp_path / "m.keramos")
    assert "say --phases void=0-127,solid=128-255" in keramos(*train, *size).complaint
    assert keramos(*train, *size, "--phases", "void=0-127,solid=128-255").status == 0
