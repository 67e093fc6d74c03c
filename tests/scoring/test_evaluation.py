"""Evaluations as values and as JSON."""

from __future__ import annotations

import json

import numpy as np
import pytest

from keramos.core import VOID_SOLID, Box
from keramos.core.errors import FormatError, LabelError
from keramos.scoring import Evaluation, ScoreSettings, finish, measure


def evaluation(seed: int = 0, bootstrap_seed: int = 0) -> Evaluation:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 2, (4, 64, 64)).astype(np.uint8)
    prediction = np.where(rng.random(truth.shape) < 0.9, truth, 1 - truth).astype(np.uint8)
    truth[2] = 255
    truth[3, :, :32] = 255
    score = ScoreSettings(2, 1, ("void", "solid"), truth.shape, (1, 8, 8))
    box = Box.whole(truth.shape)
    return finish(measure(prediction, truth, read=box, core=box, settings=score), score, seed=bootstrap_seed)


def test_json_follows_the_contract_and_comes_back() -> None:
    result = evaluation()
    data = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert {"precision", "recall", "iou", "dice", "iou_without_boundary", "interval"} <= data["phases"]["solid"].keys()
    assert data["positive"] == "solid"
    low, high = data["phases"]["solid"]["interval"]["iou"]
    assert low < data["phases"]["solid"]["iou"] < high
    assert sum(map(sum, data["confusion"])) == data["voxels"] == 64 * 64 * 2 + 64 * 32
    assert data["bootstrap"]["blocks"] == 64  # white noise, length 1, asks for blocks 4 slices deep, of one 8 x 8 cell
    assert data["bootstrap"]["indicative"] is False
    assert Evaluation.from_json(data) == result


def test_undefined_scores_are_null_not_nan() -> None:
    truth = np.zeros((1, 8, 8), np.uint8)
    score = ScoreSettings.of(VOID_SOLID, truth.shape)
    result = finish(
        measure(truth, truth, read=Box.whole(truth.shape), core=Box.whole(truth.shape), settings=score), score
    )
    data = json.loads(json.dumps(result.to_json(), allow_nan=False))
    assert data["phases"]["solid"]["iou"] is None
    assert data["phases"]["void"]["iou"] == 1
    assert data["mean_iou"] == 1
    assert data["boundary_band"]["share_of_errors"] is None
    assert data["phases"]["void"]["interval"]["iou"] is None  # one block: nothing to draw from


def test_fraction_per_slice() -> None:
    result = evaluation()
    assert [row.annotated_voxels for row in result.per_slice] == [4096, 4096, 0, 2048]
    row = result.per_slice[2]
    assert (row.z, row.truth) == (2, None)
    assert 0.4 < row.predicted < 0.6
    assert 0.4 < result.per_slice[0].truth < 0.6


def test_same_seed_same_interval() -> None:
    assert evaluation() == evaluation()
    assert evaluation(bootstrap_seed=1).positive_scores.interval != evaluation().positive_scores.interval


def test_a_phase_that_is_not_there_is_named() -> None:
    with pytest.raises(LabelError, match="expected a phase named void or solid, found 'glass'"):
        evaluation().phase("glass")


@pytest.mark.parametrize("data", [{}, {"phases": []}, {"phases": {"solid": {"interval": {}}}}])
def test_json_that_is_no_evaluation_is_refused(data: dict) -> None:
    with pytest.raises(FormatError, match="this is not the JSON of an evaluation"):
        Evaluation.from_json(data)
