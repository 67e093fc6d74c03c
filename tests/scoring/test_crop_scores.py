"""Table 1's two ways of averaging, counted crop by crop."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.scoring.crop_scores import compute_crop_scores, count_crop_confusions

RNG = np.random.default_rng(0)
TRUTH = (RNG.random((6, 20, 20)) < np.linspace(0.2, 0.9, 6)[:, None, None]).astype(np.uint8)
FOUND = np.where(RNG.random(TRUTH.shape) < 0.85, TRUTH, 1 - TRUTH).astype(np.uint8)


def iou(found: np.ndarray, true: np.ndarray) -> float:
    return float(np.sum((found == 1) & (true == 1)) / np.sum((found == 1) | (true == 1)))


def test_means_over_crops_and_pooled_counts_differ_and_are_right() -> None:
    halves = [slice(0, 3), slice(3, 6)]
    sets = [count_crop_confusions(FOUND[part], TRUTH[part], 2) for part in halves]
    scores = compute_crop_scores(sets, 1)
    over = [np.mean([iou(f, t) for f, t in zip(FOUND[part], TRUTH[part], strict=True)]) for part in halves]
    pooled = [iou(FOUND[part], TRUTH[part]) for part in halves]
    assert scores.over_crops["iou"].mean == pytest.approx(np.mean(over))
    assert scores.over_crops["iou"].deviation == pytest.approx(np.std(over, ddof=1))
    assert scores.pooled["iou"].mean == pytest.approx(np.mean(pooled))
    assert abs(np.mean(over) - np.mean(pooled)) > 0.001
    assert scores.crops == 6
    assert scores.confusion[1, 0] == np.sum((TRUTH == 1) & (FOUND == 0))


def test_confusions_leave_out_what_nobody_annotated() -> None:
    hidden = TRUTH.copy()
    hidden[:, :, 10:] = 255
    assert np.array_equal(
        count_crop_confusions(FOUND, hidden, 2), count_crop_confusions(FOUND[..., :10], TRUTH[..., :10], 2)
    )


def test_crops_where_a_score_is_undefined_are_left_out() -> None:
    truth = np.zeros((2, 4, 4), np.uint8)
    truth[0, :2] = 1
    scores = compute_crop_scores([count_crop_confusions(truth, truth, 2)], 1)
    assert scores.over_crops["iou"].mean == 1
    assert scores.over_crops["iou"].deviation is None
    nothing = compute_crop_scores([count_crop_confusions(truth[1:], truth[1:], 2)], 1)
    assert nothing.over_crops["recall"].mean is None
