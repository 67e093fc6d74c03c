"""Curves from histograms are those of sorting every score; split and merge is the whole."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.scoring.score_histogram import BINS, compute_curves, count_scores, empty_histogram

RNG = np.random.default_rng(0)
TRUTH = RNG.integers(0, 2, (40, 50)).astype(np.uint8)
SCORES = np.clip(0.5 + 0.2 * (TRUTH - 0.5) + 0.15 * RNG.standard_normal(TRUTH.shape), 0, 1)


def by_sorting(scores: np.ndarray, truth: np.ndarray) -> tuple[float, float]:
    """ROC area as the share of pairs in order (ties half), average precision by going down the list."""
    positive, negative = scores[truth == 1], scores[truth == 0]
    pairs = positive[:, None] - negative[None]
    area = float(np.mean((pairs > 0) + 0.5 * (pairs == 0)))
    order = np.argsort(-scores, kind="stable")
    hits = truth[order].cumsum()
    return area, float(np.mean((hits / np.arange(1, len(hits) + 1))[truth[order] == 1]))


def test_areas_are_those_of_sorting() -> None:
    curves = compute_curves(count_scores(SCORES, TRUTH, 1))
    area, precision = by_sorting(SCORES.ravel(), TRUTH.ravel())
    assert curves.roc_area == pytest.approx(area, abs=1e-3)
    assert curves.average_precision == pytest.approx(precision, abs=3e-3)
    assert (np.diff(curves.true_positive_rate) >= 0).all()
    assert curves.true_positive_rate[-1] == curves.false_positive_rate[-1] == 1


def test_areas_hold_where_a_network_is_sure_of_almost_everything() -> None:
    logits = 9 * (TRUTH - 0.5) + 4 * RNG.standard_normal(TRUTH.shape)
    scores = 1 / (1 + np.exp(-logits))
    assert np.mean((scores < 1 / 1024) | (scores > 1023 / 1024)) > 0.2
    area, precision = by_sorting(scores.ravel(), TRUTH.ravel())
    curves = compute_curves(count_scores(scores.astype(np.float32), TRUTH, 1))
    assert curves.roc_area == pytest.approx(area, abs=2e-4)
    assert curves.average_precision == pytest.approx(precision, abs=1e-3)


def test_a_point_of_the_curve_is_the_rate_at_its_threshold() -> None:
    coarse = np.round(SCORES * 20) / 20
    curves = compute_curves(count_scores(coarse, TRUTH, 1))
    found = coarse >= 0.6
    tpr, fpr = found[TRUTH == 1].mean(), found[TRUTH == 0].mean()
    at = np.argmin(np.abs(curves.true_positive_rate - tpr))
    assert curves.true_positive_rate[at] == pytest.approx(tpr)
    assert curves.false_positive_rate[at] == pytest.approx(fpr)
    assert curves.precision[at] == pytest.approx(TRUTH[found].mean())


def test_split_and_merge_is_the_whole_and_255_is_left_out() -> None:
    whole = count_scores(SCORES, TRUTH, 1).counts
    parts = empty_histogram() + count_scores(SCORES[:13], TRUTH[:13], 1) + count_scores(SCORES[13:], TRUTH[13:], 1)
    assert np.array_equal(parts.counts, whole)
    hidden = np.where(RNG.random(TRUTH.shape) < 0.5, TRUTH, 255).astype(np.uint8)
    known = hidden != 255
    assert np.array_equal(count_scores(SCORES, hidden, 1).counts, count_scores(SCORES[known], TRUTH[known], 1).counts)
    assert whole.sum() == TRUTH.size


def test_perfect_useless_and_one_sided_scores() -> None:
    assert compute_curves(count_scores(TRUTH.astype(float), TRUTH, 1)).roc_area == 1
    assert compute_curves(count_scores(1.0 - TRUTH, TRUTH, 1)).roc_area == 0
    assert compute_curves(count_scores(np.full(TRUTH.shape, 0.5), TRUTH, 1)).roc_area == 0.5
    one_sided = compute_curves(count_scores(SCORES, np.ones_like(TRUTH), 1))
    assert one_sided.roc_area is None
    assert one_sided.average_precision is None
    assert count_scores(np.array([1.0, 0.0]), np.array([1, 0], np.uint8), 1).counts[:, [0, BINS - 1]].tolist() == [
        [1, 0],
        [0, 1],
    ]
