"""Scores on held-out labels against IoU counted by hand, and the words about whether the labelling is enough."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from keramos.core import NOT_ANNOTATED, PhaseTable
from keramos.project.assist import HeldOutScore, ModelRecord, judge_labelling
from keramos.project.assist.held_out_score import Counts, compare_counts, count_errors, score_counts
from keramos.project.assist.model_records import Gain
from keramos.project.assist.squares import Squares

TABLE = PhaseTable.from_names(["void", "solid"])


def test_iou_is_that_of_the_held_out_labels_alone() -> None:
    rng = np.random.default_rng(0)
    truth = (rng.random((128, 128)) < 0.6).astype(np.uint8)
    wrong = rng.random((128, 128)) < 0.1
    labels = {2: np.where(rng.random((128, 128)) < 0.3, truth, NOT_ANNOTATED).astype(np.uint8)}
    squares = Squares((128, 128)).assign(labels)
    predicted = np.where(wrong, 1 - truth, truth)
    scores = np.stack([np.where(predicted == code, 0.9, 0.1) for code in (0, 1)]).astype(np.float32)
    counts = count_errors(labels, squares, 2, lambda _: scores)
    score = score_counts(counts, TABLE)
    held = np.isin(squares.numbers, list(squares.held)) & (labels[2] != NOT_ANNOTATED)
    both = ((truth == 1) & (predicted == 1) & held).sum()
    assert score is not None
    assert score.interval is not None
    assert score.iou == pytest.approx(both / (((truth == 1) | (predicted == 1)) & held).sum())
    assert score.voxels == held.sum()
    assert score.interval[0] < score.iou < score.interval[1]
    # Nine of ten voxels are right, as their scores of 0.9 say: nothing to calibrate.
    assert counts.temperature == pytest.approx(1, abs=0.15)


def test_the_gain_of_the_same_model_is_nothing() -> None:
    squares = np.random.default_rng(1).integers(0, 50, (12, 2, 2))
    assert compare_counts(Counts(squares, 1.0), Counts(squares, 1.0), TABLE) == (0.0, (0.0, 0.0))


SCORE = HeldOutScore(0.9, (0.88, 0.92), "solid", {"void": 0.8, "solid": 0.9}, 30, 5000)
RECORD = ModelRecord(
    2, 1, (3, 20, 38), {"void": 900, "solid": 900}, 12.0, 80, False, "2026-01-01T00:00:00+00:00", scored_by_hand=True
)


@pytest.mark.parametrize(
    ("changes", "state"),
    [
        ({"score": None}, "unknown"),
        ({"score": replace(SCORE, squares=6)}, "unknown"),
        ({"score": replace(SCORE, interval=(0.8, 0.95))}, "unknown"),
        ({"score": SCORE}, "unclear"),
        ({"score": SCORE, "gain": Gain(1, 0.03, (0.01, 0.05))}, "improving"),
        ({"score": SCORE, "gain": Gain(1, 0.002, (-0.003, 0.006))}, "levelled-off"),
        ({"score": SCORE, "gain": Gain(1, 0.02, (-0.01, 0.05))}, "unclear"),
    ],
)
def test_words_follow_from_interval_and_gain(changes: Mapping[str, Any], state: str) -> None:
    verdict = judge_labelling(replace(RECORD, **changes), 40)
    assert verdict.state == state
    assert not verdict.doubts


def test_doubts_are_said() -> None:
    record = replace(
        RECORD, slices=(4,), voxels={"void": 900, "solid": 0}, score=SCORE, grid_nm=(20.0, 26.4, 20.8), accepted=0.4
    )
    told = " ".join(judge_labelling(record, 40).doubts)
    assert "slice 4 of 40" in told
    assert "Nothing of solid" in told
    assert "40 % of the labels are accepted proposals, which are not scored" in told
    assert "20 x 26.4 x 20.8 nm" in told
    assert judge_labelling(None, 40).state == "nothing"


def test_a_training_of_few_steps_is_doubted_where_it_had_to_learn_further_phases() -> None:
    three = replace(RECORD, start=0, voxels={"pore": 9, "YSZ": 9, "nickel": 9}, score=SCORE)
    assert judge_labelling(three, 40).doubts == ()
    (doubt,) = judge_labelling(replace(three, steps=15), 40).doubts
    assert "only 15 steps in 12 s" in doubt
    for other in (replace(three, steps=15, start=1), replace(RECORD, start=0, steps=15, score=SCORE)):
        assert judge_labelling(other, 40).doubts == ()


def test_a_model_that_is_still_being_scored_is_not_called_one_of_too_few_labels() -> None:
    sentence = judge_labelling(replace(RECORD, scored=False), 40).sentence
    assert "it is being checked" in sentence
    assert "too few places" not in sentence
    assert "too few places" in judge_labelling(RECORD, 40).sentence


@pytest.mark.parametrize("missing", [("scored_by_hand",), ("scored_by_hand", "accepted")])
def test_a_score_that_may_be_of_accepted_proposals_is_left_out(missing: tuple[str, ...]) -> None:
    content = replace(RECORD, score=SCORE, gain=Gain(1, 0.03, (0.01, 0.05)), accepted=0.4).to_json()
    assert ModelRecord.from_json(content).score == SCORE
    record = ModelRecord.from_json({name: value for name, value in content.items() if name not in missing})
    assert record.score is record.gain is None
    assert "made by an earlier version" in judge_labelling(record, 40).sentence
