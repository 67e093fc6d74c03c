"""Deciding on scores: with a threshold, a voxel is of the positive phase where its score is at least that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles import Soft
from hypothesis import given, settings
from hypothesis import strategies as st

from keramos.blocks import Block
from keramos.core import VOID_SOLID, Box, PhaseTable, Volume
from keramos.core.errors import ResumeError, SettingsError
from keramos.io import open_labels
from keramos.segmenters import Otsu, Sauvola, decide, segment_volume
from keramos.segmenters.decision import Decision
from keramos.settings.segment import SegmentationOptions

SMALL = 526 * 2**20  # bytes of memory: blocks of one chunk, twelve of them


@given(st.floats(0, 1), st.integers(0, 1), st.integers(0, 2**32 - 1))
@settings(max_examples=30, deadline=None)
def test_positive_where_the_score_is_at_least_the_threshold(threshold: float, positive: int, seed: int) -> None:
    solid = np.random.default_rng(seed).integers(0, 11, (3, 5, 7)).astype(np.float32) / 10
    scores = np.stack([1 - solid, solid])
    found = Decision(positive, threshold).codes(scores) == positive
    np.testing.assert_array_equal(found, scores[positive] >= np.float32(threshold))


def test_without_one_it_is_the_likelier_phase() -> None:
    scores = np.random.default_rng(0).random((3, 2, 4, 4), np.float32)
    np.testing.assert_array_equal(Decision().codes(scores), decide(scores))


@pytest.mark.parametrize("phases", [VOID_SOLID, replace(VOID_SOLID, positive=0)])
def test_blocks_decide_as_the_whole_and_runs_are_told_apart(phases: PhaseTable, volume: Volume, tmp_path: Path) -> None:
    small, out = volume.crop(Box((0, 0, 0), (20, 260, 64))), tmp_path / "out.ome.zarr"
    whole = Box.whole(small.shape)
    scores = Soft().scores(small.read(), Block(0, whole, whole))
    wanted = SegmentationOptions(threshold=0.7, memory=SMALL)
    segment_volume(small, Soft(phases), out, settings=wanted)
    found = open_labels(out).read() == phases.positive
    np.testing.assert_array_equal(found, scores[phases.positive] >= np.float32(0.7))
    assert found.any()
    assert not found.all()
    for other in (SegmentationOptions(memory=SMALL), replace(wanted, threshold=0.6)):
        with pytest.raises(ResumeError, match="threshold differs from the earlier run"):
            segment_volume(small, Soft(phases), out, settings=other)


@pytest.mark.parametrize(
    ("segmenter", "threshold", "says"),
    [
        (Soft(), 1.01, "threshold: expected at most 1, found 1.01"),
        (Soft(), -0.1, "threshold: expected at least 0, found -0.1"),
        (Soft(), float("nan"), "threshold: expected at least 0, found nan"),
        (Otsu(), 0.5, "a trained network for --threshold, found otsu"),
        (Sauvola(), 0.5, "a trained network for --threshold, found sauvola"),
        (
            Soft(PhaseTable.from_names(["void", "glass", "grain"])),
            0.5,
            "two phases for --threshold, found 3: void, glass",
        ),
    ],
)
def test_a_threshold_that_makes_no_sense_is_refused(
    segmenter: Any, threshold: float, says: str, volume: Volume, tmp_path: Path
) -> None:
    with pytest.raises(SettingsError, match=says):
        segment_volume(volume, segmenter, tmp_path / "out.ome.zarr", settings=SegmentationOptions(threshold=threshold))
    assert not (tmp_path / "out.ome.zarr").exists()


@pytest.mark.parametrize("phases", [1, 2, 3, 7])
def test_the_highest_score_decides_and_on_a_tie_the_lower_code(phases: int) -> None:
    scores = np.random.default_rng(phases).integers(0, 4, (phases, 3, 20, 30)).astype(np.float32)
    np.testing.assert_array_equal(decide(scores), np.argmax(scores, axis=0))
