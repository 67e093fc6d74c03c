"""A project from the first proposal to models that are compared: what is learnt, kept, scored and resumed."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from keramos.core import NOT_ANNOTATED, LabelVolume, PhaseTable, Volume
from keramos.core.errors import SettingsError
from keramos.learning import clock
from keramos.networks import load_checkpoint
from keramos.project.assist import Assistant, ModelRecord, lessons
from keramos.project.assist.assistant import go_on

TABLE = PhaseTable.from_names(["matrix", "pores"])
SHAPE = (6, 96, 96)


@pytest.fixture(autouse=True)
def short_trainings(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"_LEAST_TRAINING_S": 0.2, "CROP": 48, "BATCH": 2}.items():
        monkeypatch.setattr(lessons, name, value)
    monkeypatch.setattr(clock, "now", time.process_time)  # other work on the machine decides nothing


@dataclass
class Project:
    folder: Path
    volume: Volume
    truth: np.ndarray

    def assistant(self, phases: PhaseTable = TABLE) -> Assistant:
        return Assistant(self.volume, phases, self.folder / "models", self.folder / "proposal.ome.zarr", device="cpu")

    def labels(self, *slices: int, phases: PhaseTable = TABLE) -> LabelVolume:
        codes = np.full(SHAPE, NOT_ANNOTATED, np.uint8)
        for z in slices:
            codes[z, ::6] = self.truth[z, ::6]
        return LabelVolume.from_array(codes, phases, self.volume.voxel_size)


@pytest.fixture
def project(tmp_path: Path) -> Project:
    _, y, x = np.indices(SHAPE)
    pores = ((y // 24 + x // 24) % 2).astype(np.uint8)
    grey = np.where(pores, 60, 190) + np.random.default_rng(0).normal(0, 8, SHAPE)
    volume = Volume.from_array(grey.clip(0, 255).astype(np.uint8), (20, 26.4, 20.8))
    return Project(tmp_path, volume, pores)


def learn(beside: Assistant, labels: LabelVolume, stop: Callable[[], bool] = go_on) -> ModelRecord:
    record = beside.learn(labels, seconds=0.3, stop=stop)
    assert record is not None
    return record


def test_the_bundled_weights_propose_at_once_with_void_where_its_name_says(project: Project) -> None:
    beside = project.assistant()
    assert beside.propose(2)
    assert not beside.propose(2)
    agree = np.mean(beside.proposals.codes(2) == project.truth[2])
    assert agree > 0.85
    assert beside.status()["enough"]["state"] == "nothing"


def test_three_phases_are_proposed_only_after_a_training(project: Project) -> None:
    three = PhaseTable.from_names(["matrix", "pores", "cracks"])
    beside = project.assistant(three)
    with pytest.raises(SettingsError, match="nothing is proposed until something is learnt"):
        beside.propose(0)
    record = learn(beside, project.labels(1, 4, phases=three))
    assert beside.propose(0)
    assert record.voxels["cracks"] == 0
    assert np.mean(beside.proposals.codes(0) == project.truth[0]) > 0.7


def test_models_are_kept_scored_gone_back_to_and_compared(project: Project) -> None:
    beside = project.assistant()
    labels = project.labels(1, 4)
    first = beside.score(learn(beside, labels), labels)
    assert first.score is not None
    assert first.score.iou > 0.5
    assert first.gain is not None
    assert load_checkpoint(project.folder / "models" / "0001.keramos").card.scores["held_out_iou"] == first.score.iou
    second = learn(beside, project.labels(1, 2, 4))
    assert second.start == 1
    assert second.slices == (1, 2, 4)
    again = project.assistant()
    assert [row["number"] for row in again.status()["models"]] == [1, 2]
    assert again.status()["current"] == 2
    again.use(1)
    assert again.propose(0)
    assert again.proposals.maker_of(0) == 1
    comparison = again.compare(1, 2, slices=[0, 5])
    assert {row.z for row in comparison.slices} == {0, 5}
    assert 0 <= comparison.share < 0.3
    with pytest.raises(SettingsError, match="no model 7"):
        again.use(7)


def test_accepted_proposals_are_learnt_but_neither_held_out_nor_scored(project: Project) -> None:
    beside, labels = project.assistant(), project.labels(1, 4)
    marks = np.zeros(SHAPE, np.uint8)
    marks[4] = marks[1, :, :48] = 1
    accepted = Volume.from_array(marks)
    record = beside.learn(labels, accepted=accepted, seconds=0.3)
    assert record is not None
    assert record.accepted == 0.75
    assert record.slices == (1, 4)
    scored = beside.score(record, labels, accepted=accepted).score
    squares = beside.records.squares(SHAPE[1:])
    by_hand = np.where(marks > 0, NOT_ANNOTATED, labels.read())
    held = np.isin(squares.numbers, list(squares.held)) & (by_hand != NOT_ANNOTATED)
    assert scored is not None
    assert 0 < scored.voxels == held.sum()
    assert 0.08 < held.sum() / (by_hand != NOT_ANNOTATED).sum() < 0.3


def test_of_accepted_proposals_alone_there_is_no_score_and_it_is_said_why(project: Project) -> None:
    beside, labels = project.assistant(), project.labels(1, 4)
    accepted = Volume.from_array(np.ones(SHAPE, np.uint8))
    record = beside.learn(labels, accepted=accepted, seconds=0.3)
    assert record is not None
    assert beside.score(record, labels, accepted=accepted).score is None
    verdict = beside.status()["enough"]
    assert verdict["state"] == "unknown"
    assert "100 % of the labels are accepted proposals" in verdict["sentence"]
    assert "too few places are drawn by hand" in verdict["sentence"]


def test_a_learnt_square_is_never_checked_by_a_model_that_goes_on_from_it(project: Project) -> None:
    beside = project.assistant()
    learn(beside, project.labels(1))
    before = beside.records.squares(SHAPE[1:])
    learn(beside, project.labels(1, 3, 5))
    after = beside.records.squares(SHAPE[1:])
    assert before.learned <= after.learned
    assert before.held <= after.held
    assert not after.held & after.learned


def test_the_whole_stack_is_proposed_nearest_first_and_goes_on_after_an_interruption(project: Project) -> None:
    beside = project.assistant()
    answers = iter([False, False, True])
    assert beside.propose_all(3, stop=lambda: next(answers)) == [3, 2]
    assert project.assistant().propose_all(3) == [4, 1, 5, 0]


def test_stopping_keeps_the_model_as_it_is(project: Project) -> None:
    calls = iter(range(1000))
    record = learn(project.assistant(), project.labels(1, 4), stop=lambda: next(calls) > 5)
    assert record.stopped
    assert project.assistant().learn(project.labels(1), seconds=0.3, stop=lambda: True) is None


def test_places_to_draw_next_come_with_a_reason_and_use_the_proposals(project: Project) -> None:
    beside = project.assistant()
    beside.propose_all(0)
    beside.networks.view_with(0).predictor.scores = None  # type: ignore[method-assign, assignment]
    places = beside.suggest([1], count=2, edge=32).suggestions
    assert len(places) == 2
    assert all("region is uncertain" in place.why for place in places)
