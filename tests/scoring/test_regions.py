"""Scores of regions are counts, in whatever portions the slices come."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core.errors import ShapeError
from keramos.scoring import RegionScore, compute_region_scores, count_regions

RNG = np.random.default_rng(0)
SHAPE = (5, 30, 40)
TRUTH = RNG.integers(0, 2, SHAPE).astype(np.uint8)
TRUTH[2, :, 20:] = 255
FOUND = np.where(RNG.random(SHAPE) < 0.8, TRUTH % 2, 1 - TRUTH % 2).astype(np.uint8)
BITS = RNG.integers(0, 8, SHAPE).astype(np.uint8)


def test_errors_are_wrong_over_all_annotated_voxels_of_the_region() -> None:
    scores = compute_region_scores(count_regions(FOUND, TRUTH, BITS, 3), ("a", "b", "c"))
    for number, row in enumerate(scores):
        inside = ((BITS & (1 << number)) > 0) & (TRUTH != 255)
        assert (row.name, row.voxels) == ("abc"[number], inside.sum())
        assert row.wrong == np.sum(inside & (FOUND != TRUTH))
        assert row.error == pytest.approx(row.wrong / row.voxels)


def test_split_and_merge_is_the_whole() -> None:
    whole = count_regions(FOUND, TRUTH, BITS, 3).counts
    parts = [count_regions(FOUND[part], TRUTH[part], BITS[part], 3) for part in (slice(0, 2), slice(2, 3), slice(3, 5))]
    assert np.array_equal((parts[0] + parts[1] + parts[2]).counts, whole)
    assert whole.min() > 0


def test_a_patch_is_found_where_half_of_it_is_right() -> None:
    truth = np.zeros((1, 20, 40), np.uint8)
    bits, found = np.zeros_like(truth), np.zeros_like(truth)
    for column, right in ((2, 4), (12, 2), (22, 1), (32, 0)):
        bits[0, 4:8, column] = 2
        found[0, 4 + right : 8, column] = 1
    bits[0, 8, 33] = 2  # joined over a corner
    scores = compute_region_scores(count_regions(found, truth, bits, 2), ("none", "some"))
    assert scores[1] == RegionScore("some", 17, 9, 9 / 17, 4, 2)
    assert scores[0] == RegionScore("none", 0, 0, None, 0, 0)


def test_other_shapes_are_refused() -> None:
    with pytest.raises(ShapeError, match="of one shape"):
        count_regions(FOUND, TRUTH, BITS[1:], 3)
