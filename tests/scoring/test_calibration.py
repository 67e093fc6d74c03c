"""Scores that mean what they say have no calibration error; logits made too sure get their temperature back."""

from __future__ import annotations

import json

import numpy as np
import pytest
from scipy.special import softmax

from keramos.core.errors import LabelError, PixelError, ShapeError
from keramos.scoring import (
    Calibration,
    count_stored_scores,
    empty_stored_scores,
    fit_temperature,
    measure_calibration,
    measure_stored_calibration,
)

RNG = np.random.default_rng(0)
VOXELS = 60_000
SCORES = RNG.uniform(0.5, 1, VOXELS)
RIGHT = RNG.random(VOXELS) < SCORES


def drawn_from_its_own_scores(phases: int = 3) -> tuple[np.ndarray, np.ndarray]:
    """Logits (phases, N), and codes drawn with just the probabilities that they state."""
    logits = RNG.normal(0, 2, (phases, VOXELS))
    lots = RNG.random(VOXELS)
    return logits, (lots > softmax(logits, axis=0).cumsum(axis=0)).sum(axis=0).astype(np.uint8)


def test_calibrated_scores_have_no_error_but_that_of_the_sample() -> None:
    result = measure_calibration(SCORES, RIGHT)
    # Of 4,000 voxels a bin, the mean of |noise| is sqrt(2 / pi) * sqrt(0.19 / 4000) = 0.0055 for scores of 0.75.
    assert result.ece < 0.01
    assert result.mean_score == pytest.approx(0.75, abs=0.01)


def test_the_error_is_how_far_the_scores_are_off() -> None:
    """Right always or never, whatever the score: the error is the mean distance from 1 or 0."""
    assert measure_calibration(SCORES, np.ones(VOXELS, bool)).ece == pytest.approx(1 - SCORES.mean())
    assert measure_calibration(SCORES, np.zeros(VOXELS, bool)).ece == pytest.approx(SCORES.mean())
    too_sure = measure_calibration(np.minimum(SCORES + 0.1, 1), RIGHT)
    assert too_sure.ece == pytest.approx(np.mean(np.minimum(SCORES + 0.1, 1) - SCORES), abs=0.005)
    assert too_sure.mean_score > too_sure.share_right


def test_bins_hold_equally_many_and_rise() -> None:
    bins = measure_calibration(SCORES[:50_003], RIGHT[:50_003]).bins
    assert len(bins) == 15
    assert {row.voxels for row in bins} == {3333, 3334}
    assert sum(row.voxels for row in bins) == 50_003
    assert (np.diff([row.mean_score for row in bins]) > 0).all()
    in_order = np.argsort(SCORES[:50_003])[: bins[0].voxels]
    assert bins[0].mean_score == pytest.approx(SCORES[in_order].mean())
    assert bins[0].share_right == pytest.approx(RIGHT[in_order].mean())


def test_equal_scores_are_shared_out_among_bins_in_proportion() -> None:
    right = np.arange(3000) < 2400
    bins = measure_calibration(np.full(3000, 0.9), right, bins=3).bins
    assert [(row.voxels, row.mean_score, row.share_right) for row in bins] == [(1000, pytest.approx(0.9), 0.8)] * 3
    assert measure_calibration(np.full(3000, 0.9), right).ece == pytest.approx(0.1)
    assert len(measure_calibration(np.array([0.6, 0.7]), np.array([True, False])).bins) == 2


def test_stored_scores_give_the_same_within_their_step() -> None:
    stored = np.rint(255 * SCORES).astype(np.uint8)
    counts = count_stored_scores(stored, RIGHT)
    result = measure_stored_calibration(counts)
    assert result.ece == pytest.approx(measure_calibration(SCORES, RIGHT).ece, abs=0.002)
    assert result.score_step == 1 / 255
    assert result.share_right == RIGHT.mean()
    parts = (
        empty_stored_scores() + count_stored_scores(stored[:7], RIGHT[:7]) + count_stored_scores(stored[7:], RIGHT[7:])
    )
    assert np.array_equal(parts.counts, counts.counts)


def test_json_comes_back() -> None:
    result = measure_calibration(SCORES, RIGHT)
    assert Calibration.from_json(json.loads(json.dumps(result.to_json(), allow_nan=False))) == result


@pytest.mark.parametrize("factor", [0.5, 1.0, 3.0])
def test_the_temperature_is_what_the_logits_were_multiplied_by(factor: float) -> None:
    logits, codes = drawn_from_its_own_scores()
    found = fit_temperature(factor * logits, codes)
    assert found == pytest.approx(factor, rel=0.03)
    scores, before = (softmax(factor * logits / by, axis=0) for by in (found, 1))
    decided = logits.argmax(axis=0)
    assert np.array_equal(scores.argmax(axis=0), decided)
    assert measure_calibration(scores.max(axis=0), decided == codes).ece < 0.01
    if factor != 1:
        assert measure_calibration(before.max(axis=0), decided == codes).ece > 0.05


def test_of_two_phases_the_order_of_voxels_stays() -> None:
    logits, codes = drawn_from_its_own_scores(2)
    order = np.argsort(logits[1] - logits[0])
    scores = softmax(3 * logits / fit_temperature(3 * logits, codes), axis=0)[1]
    assert (np.diff(scores[order]) >= -1e-12).all()


def test_voxels_that_nobody_annotated_do_not_count() -> None:
    logits, codes = drawn_from_its_own_scores()
    spoilt = np.where(np.arange(VOXELS) % 3 == 0, 255, codes).astype(np.uint8)
    kept = spoilt != 255
    assert fit_temperature(logits, spoilt) == fit_temperature(logits[:, kept], codes[kept])


def test_what_no_temperature_can_be_fitted_to_is_said() -> None:
    logits, codes = drawn_from_its_own_scores()
    with pytest.raises(LabelError, match="no annotated voxels to fit the temperature on"):
        fit_temperature(logits, np.full(VOXELS, 255, np.uint8))
    with pytest.raises(LabelError, match=r"codes 0 to 2.*found 7"):
        fit_temperature(logits, np.where(codes == 1, 7, codes).astype(np.uint8))
    with pytest.raises(ShapeError, match="logits"):
        fit_temperature(logits, codes[:5])
    with pytest.raises(PixelError, match="NaN or infinity, so no temperature"):
        fit_temperature(np.full((2, 3), np.nan), np.zeros(3, np.uint8))
    with pytest.raises(LabelError, match="no annotated voxels with scores"):
        measure_calibration(np.zeros(0), np.zeros(0, bool))
    with pytest.raises(ShapeError, match="scores and right of one shape"):
        measure_calibration(np.zeros(3), np.zeros(2, bool))


def test_all_right_gives_the_coldest_temperature() -> None:
    codes = np.array([0, 1, 1, 0], np.uint8)
    logits = 0.05 * np.stack([2.0 - 4 * codes, 4.0 * codes - 2])
    assert fit_temperature(logits, codes) == pytest.approx(0.05, rel=0.01)
