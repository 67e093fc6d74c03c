"""A prediction that is off in one way gives one sentence; a good one, or one that errs both ways alike, gives none."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import Box, PhaseTable
from keramos.inspection import check_evaluation
from keramos.inspection.amounts import odds_ratio
from keramos.inspection.plain_truth import check_truth_slices
from keramos.inspection.scribbled_truth import check_truth_outlines
from keramos.scoring import Evaluation, ScoreSettings, finish, measure

RNG = np.random.default_rng(0)
TRUTH = (RNG.random((2, 60, 60)) < 0.75).astype(np.uint8)


def evaluated(prediction: NDArray[np.uint8], truth: NDArray[np.uint8], phases: int = 2) -> Evaluation:
    table = PhaseTable.from_names(["void", "solid", "crack"][:phases], "solid")
    settings, whole = ScoreSettings.of(table, truth.shape), Box.whole(truth.shape)
    return finish(measure(prediction, truth, read=whole, core=whole, settings=settings), settings, resamples=5)


def only(evaluation: Evaluation, kind: str) -> str:
    findings = check_evaluation(evaluation)
    assert [finding.kind for finding in findings] == [kind]
    return findings[0].text


def test_a_good_prediction_has_none() -> None:
    noisy = np.where(RNG.random(TRUTH.shape) < 0.95, TRUTH, 1 - TRUTH).astype(np.uint8)
    assert check_evaluation(evaluated(TRUTH, TRUTH)) == []
    assert check_evaluation(evaluated(noisy, TRUTH)) == []


def test_too_little_and_too_much() -> None:
    half = np.where(RNG.random(TRUTH.shape) < 0.6, TRUTH, 0).astype(np.uint8)
    text = only(evaluated(half, TRUTH), "other-amount")
    assert text.startswith("far too little solid was predicted, 44 % where the truth has 75 %")
    most = np.where(RNG.random(TRUTH.shape) < 0.3, TRUTH, 1).astype(np.uint8)
    assert "far too much solid" in only(evaluated(most, TRUTH), "other-amount")


def test_a_phase_that_was_never_found() -> None:
    text = only(evaluated(np.ones_like(TRUTH), TRUTH), "phase-never-predicted")
    assert "no voxel is called void, which 1,8" in text
    three = np.where(RNG.random(TRUTH.shape) < 0.1, 2, TRUTH).astype(np.uint8)
    crack = only(evaluated(np.where(three == 2, 1, three).astype(np.uint8), three, 3), "phase-never-predicted")
    assert "called crack" in crack


def test_of_a_few_voxels_nothing_is_said() -> None:
    few = TRUTH.copy()
    few.flat[:150] = 2
    assert check_evaluation(evaluated(TRUTH, few, 3)) == []


@pytest.mark.parametrize(("value", "annotated"), [(0, [1]), (1, [0, 4])])
def test_a_truth_of_which_few_slices_were_annotated(value: int, annotated: list[int]) -> None:
    prediction = (RNG.random((5, 60, 60)) < 0.75).astype(np.uint8)
    truth = np.full_like(prediction, value)
    truth[annotated] = prediction[annotated]
    (finding,) = check_truth_slices(evaluated(prediction, truth))
    assert finding.kind == "unlabelled-value"
    assert set(finding.slices) == set(range(5)) - set(annotated)
    assert "the prediction holds 75 % solid" in finding.message
    assert check_truth_slices(evaluated(truth, truth)) == []
    assert check_truth_slices(evaluated(prediction, np.where(truth == value, 255, truth).astype(np.uint8))) == []
    assert check_truth_slices(evaluated(prediction, prediction)) == []


@pytest.mark.parametrize(("first", "second", "ratio"), [(0.5, 0.5, 1), (0.5, 0.75, 3), (0.75, 0.5, 3), (0.25, 0.5, 3)])
def test_odds(first: float, second: float, ratio: float) -> None:
    assert odds_ratio(first, second) == pytest.approx(ratio)
    assert odds_ratio(1 - first, 1 - second) == pytest.approx(ratio)


def test_scribbles_that_stay_away_from_outlines() -> None:
    truth = np.ones((2, 60, 60), np.uint8)
    truth[:, :, :25] = 0
    assert check_truth_outlines(evaluated(truth, truth)) == []
    scribbles = truth.copy()
    scribbles[:, :, 20:30] = 255
    (finding,) = check_truth_outlines(evaluated(truth, scribbles))
    assert (finding.kind, finding.severity) == ("far-from-outlines", "warning")
    assert "only 0 % of the scored voxels" in finding.message
