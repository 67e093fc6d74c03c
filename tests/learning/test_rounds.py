"""A long training that begins with known weights ends once more time gains hardly anything, and not before."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import count
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from doubles import Dies, Killed, Notes
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, VOID_SOLID
from keramos.core.progress import Reporter
from keramos.learning import (
    AnnotatedSlice,
    AnnotatedSlices,
    TrainSettings,
    clock,
    network_fitting,
    network_training,
    train_model,
)
from keramos.learning.crops import CropSampler
from keramos.learning.held_out_errors import Judged
from keramos.learning.rounds import is_enough, plan_rounds
from keramos.networks import Checkpoint, load_checkpoint

SMALL = {"model": "compact", "crop": 32, "batch": 4, "device": "cpu", "scored_slices": 0}
BUDGET = 1050.0
"""Three rounds: until 150, 450 and 1,050 s."""


@pytest.fixture(autouse=True)
def clock_of_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each look at the clock takes 25 s, so that budgets are numbers of steps. All states are saved, however long the
    one before took."""
    monkeypatch.setattr("keramos.learning.state._SHARE_OF_TIME", 0)
    monkeypatch.setattr(clock, "now", map(float, count(0, 25)).__next__)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> None:
    """The small network below has learnt these slices for two steps."""
    monkeypatch.setattr(network_training, "knows_material", lambda *_: True)


def data() -> AnnotatedSlices:
    """A slice of bright solid and dark void in stripes."""
    codes = (np.arange(96) // 12 % 2).astype(np.uint8)[None].repeat(96, 0)
    grey = np.clip(60 + 120 * codes + np.random.default_rng(0).normal(0, 8, codes.shape), 0, 255).astype(np.uint8)
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "image.tif", 0),), VOID_SOLID, None)


@pytest.fixture(scope="module")
def start(tmp_path_factory: pytest.TempPathFactory) -> Checkpoint:
    out = tmp_path_factory.mktemp("start") / "start.keramos"
    network = {"width": 4, "levels": 3}
    settings = TrainSettings(**SMALL, epochs=1, crops=8, network=network)  # type: ignore[arg-type]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 8)
        train_model(data(), settings, out, half_range=128)
    return load_checkpoint(out)


@pytest.fixture
def score(monkeypatch: pytest.MonkeyPatch) -> Callable[[list[float]], None]:
    """Sets the IoUs on held-out squares, in turn."""

    def expect(ious: list[float]) -> None:
        left: Iterator[float] = iter(ious)
        monkeypatch.setattr(network_training, "_score", lambda *_, **__: next(left))

    return expect


def trained(out: Path, start: Checkpoint | None, reporter: Reporter | None = None, **other: object) -> Checkpoint:
    settings = TrainSettings(**{**SMALL, "budget": BUDGET, **other})  # type: ignore[arg-type]
    train_model(data(), settings, out, half_range=128, start=start, rival=start, keep_stopped=False, reporter=reporter)
    return load_checkpoint(out)


def test_rounds_double_and_the_last_takes_what_is_left() -> None:
    assert [round(3600 * end) for end in plan_rounds(3600)] == [150, 450, 1050, 3600]
    assert [round(BUDGET * end) for end in plan_rounds(BUDGET)] == [150, 450, 1050]
    assert [plan_rounds(budget) for budget in (1, 300, 449)] == [(1.0,)] * 3
    assert plan_rounds(450) == (150 / 450, 1.0)


@pytest.mark.parametrize(
    ("before", "after", "enough"),
    [(0.9, 0.903, False), (0.9, 0.901, True), (0.9, 0.89, True), (0.0, 0.5, False), (1.0, 1.0, True)],
)
def test_a_round_has_to_mend_a_fiftieth_of_what_is_wrong(before: float, after: float, enough: bool) -> None:
    rounds = [{"seconds": 0, "iou": before}, {"seconds": 1, "iou": after}]
    assert is_enough(rounds, done=1) is enough
    assert not is_enough(rounds, done=2), "a round that was not scored lies between"
    assert not is_enough(rounds[:1], done=1)


def test_a_training_ends_with_the_round_that_gained_hardly_anything(
    start: Checkpoint, score: Callable[[list[float]], None], tmp_path: Path
) -> None:
    score([0.90, 0.95, 0.9505])
    notes = Notes()
    training = trained(tmp_path / "m.keramos", start, notes).card.training
    assert [row["iou"] for row in training.rounds] == [0.90, 0.95, 0.9505]
    assert 450 <= training.seconds < 600
    (said,) = [note for note in notes.notes if "the training stops early" in note]
    assert "of 1050 s" in said
    assert "mended 1.0% of what was wrong on held-out squares (IoU 0.9505, before 0.9500)" in said
    assert "--full-budget" in said
    assert training.stopped_early


def test_each_round_has_a_rise_and_a_fall_of_the_rate(
    start: Checkpoint, score: Callable[[list[float]], None], tmp_path: Path
) -> None:
    score([0.5, 0.6, 0.7])
    training = trained(tmp_path / "m.keramos", start).card.training
    assert training.seconds >= BUDGET
    assert not training.stopped_early
    seconds, rates = ([row[name] for row in training.curve] for name in ("seconds", "learning_rate"))
    for low, high in ((0, 150), (150, 450), (450, BUDGET)):
        inside = [rate for at, rate in zip(seconds, rates, strict=True) if low < at <= high]
        assert max(inside) > 0.5 * max(rates)
        assert inside[-1] < 0.5 * max(inside)


def test_weights_that_do_not_know_the_material_are_trained_to_the_end(
    start: Checkpoint, score: Callable[[list[float]], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score([])
    monkeypatch.setattr(network_training, "knows_material", lambda *_: False)
    training = trained(tmp_path / "m.keramos", start).card.training
    assert training.rounds == ()
    assert training.seconds >= BUDGET


@pytest.mark.parametrize("other", [{"full_budget": True}, {"budget": 400.0}])
def test_the_whole_budget_is_one_round_if_asked_for_or_short(
    start: Checkpoint, score: Callable[[list[float]], None], tmp_path: Path, other: dict[str, object]
) -> None:
    score([])
    training = trained(tmp_path / "m.keramos", start, **other).card.training
    assert training.rounds == ()
    assert training.seconds >= float(str(other.get("budget", BUDGET)))


def test_scores_are_those_of_the_network_on_squares_that_it_does_not_learn(
    start: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: dict[str, NDArray[np.bool_]] = {}
    judge = network_training.judge_model

    class Recorded(CropSampler):
        def __init__(self, learned: AnnotatedSlices, *given: Any, **others: Any) -> None:
            seen["learned"] = learned.slices[0].codes != NOT_ANNOTATED
            super().__init__(learned, *given, **others)

    def look(model: Checkpoint, held_out: AnnotatedSlices, device: str) -> Judged:
        seen["scored"] = held_out.slices[0].codes != NOT_ANNOTATED
        return judge(model, held_out, device)

    monkeypatch.setattr(network_training, "judge_model", look)
    monkeypatch.setattr(network_fitting, "CropSampler", Recorded)
    rounds = trained(tmp_path / "m.keramos", start).card.training.rounds
    assert seen["scored"].any()
    assert not (seen["scored"] & seen["learned"]).any()
    assert len(rounds) >= 2
    assert rounds[0]["seconds"] == 0
    assert all(0 < row["iou"] <= 1 for row in rounds)
    assert rounds[1]["iou"] > rounds[0]["iou"], "six steps have not told stripes apart"


def test_squares_without_the_positive_phase_stop_nothing(start: Checkpoint, tmp_path: Path) -> None:
    item = data().slices[0]
    alone = AnnotatedSlices((replace(item, codes=np.zeros_like(item.codes)),), VOID_SOLID, None)
    assert network_training._score(start, start=start, held_out=alone, device="cpu") is None
    assert network_training._score(start, start=start, held_out=data(), device="cpu") is not None


def test_without_a_score_the_budget_is_one_round(
    start: Checkpoint, score: Callable[[list[float]], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network_training, "_score", lambda *_, **__: None)
    with pytest.raises(Killed):
        trained(tmp_path / "m.keramos", start, Dies(0.5, "train"))
    score([])  # as where it goes on with one device in place of two
    training = trained(tmp_path / "m.keramos", start).card.training
    assert training.rounds == ()
    assert training.seconds >= BUDGET


def test_rounds_that_go_on_without_a_score_go_to_the_end(
    start: Checkpoint, score: Callable[[list[float]], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score([0.5, 0.6, 0.6])
    with pytest.raises(Killed):
        trained(tmp_path / "m.keramos", start, Dies(0.3, "train"))
    monkeypatch.setattr(network_training, "_score", lambda *_, **__: None)  # as with two devices
    training = trained(tmp_path / "m.keramos", start).card.training
    assert [row["iou"] for row in training.rounds] == [0.5, 0.6]
    assert training.seconds >= BUDGET
    rates = [row["learning_rate"] for row in training.curve if row["seconds"] > 450]
    assert max(rates) > 0.5 * max(row["learning_rate"] for row in training.curve)


def test_ctrl_c_while_a_round_is_scored_keeps_what_is_learnt(
    start: Checkpoint, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers = iter([0.5])

    def interrupt(*_: object, **__: object) -> float:
        for answer in answers:
            return answer
        raise KeyboardInterrupt

    monkeypatch.setattr(network_training, "_score", interrupt)
    settings = TrainSettings(**SMALL, budget=BUDGET)  # type: ignore[arg-type]
    made = train_model(data(), settings, tmp_path / "m.keramos", half_range=128, start=start, rival=start)
    assert made.stopped
    assert 150 <= load_checkpoint(made.path).card.training.seconds < 300


def test_the_unfinished_model_holds_the_rounds_before(
    start: Checkpoint, score: Callable[[list[float]], None], tmp_path: Path
) -> None:
    score([0.5, 0.6, 0.7])
    with pytest.raises(Killed):
        trained(tmp_path / "m.keramos", start, Dies(0.3, "train"))
    training = load_checkpoint(tmp_path / "m.unfinished.keramos").card.training
    assert training.seconds >= 150
    assert [row["iou"] for row in training.rounds] == [0.5, 0.6]


@pytest.mark.parametrize("at", [0.1, 0.3, 0.5])
def test_a_training_killed_in_any_round_ends_as_one_that_was_not(start: Checkpoint, tmp_path: Path, at: float) -> None:
    whole = trained(tmp_path / "whole.keramos", start)
    with pytest.raises(Killed):
        trained(tmp_path / "m.keramos", start, Dies(at, "train"))
    again = trained(tmp_path / "m.keramos", start)
    assert again.card.training.rounds == whole.card.training.rounds
    assert all(torch.equal(whole.weights[name], again.weights[name]) for name in whole.weights)


def test_no_round_learns_the_crops_of_another(
    start: Checkpoint, score: Callable[[list[float]], None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    score([0.5, 0.6, 0.7])
    seeds = []

    class Recorded(CropSampler):
        def __init__(self, *given: Any, seed: Any, **others: Any) -> None:
            seeds.append(seed)
            super().__init__(*given, seed=seed, **others)

    monkeypatch.setattr(network_fitting, "CropSampler", Recorded)
    trained(tmp_path / "m.keramos", start, seed=3)
    assert seeds == [3, (3, 1), (3, 2)]


def test_weights_without_a_rival_are_trained_to_the_end(
    start: Checkpoint, score: Callable[[list[float]], None], tmp_path: Path
) -> None:
    score([])
    settings = TrainSettings(**SMALL, budget=BUDGET, hold_out=0.2)  # type: ignore[arg-type]
    train_model(data(), settings, tmp_path / "m.keramos", half_range=128, start=start)
    assert load_checkpoint(tmp_path / "m.keramos").card.training.seconds >= BUDGET
