"""A training never makes a model worse: what is kept is what is better on annotation that was not learnt."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from doubles import Dies, Killed, Notes
from numpy.typing import NDArray

from keramos.core import VOID_SOLID
from keramos.learning import AnnotatedSlice, AnnotatedSlices, TrainSettings, choice, train_model
from keramos.learning.blending import blend, can_blend
from keramos.learning.choice import Candidate, choose, choose_without_hold_out, list_candidates
from keramos.learning.held_out_errors import Judged
from keramos.measurements.counting.plane import PlaneCounts, count_plane
from keramos.networks import Checkpoint, load_bundled, load_checkpoint

SQUARES = 12


def weights(seed: int) -> Checkpoint:
    """The bundled weights for single images, each shifted by a little of its own."""
    start = load_bundled("porous-solid", 1)
    assert start is not None
    generator = torch.Generator().manual_seed(seed)
    moved = {
        name: tensor + 0.1 * torch.rand(tensor.shape, generator=generator) if tensor.is_floating_point() else tensor
        for name, tensor in start.weights.items()
    }
    return replace(start, weights=moved)


def errors(rate: float, spread: float = 0.0) -> NDArray[np.int64]:
    """Confusions of squares of 1000 voxels, half of them void, with so many errors, in every second square more."""
    wrong = np.array([round(1000 * (rate + spread * (-1) ** n)) for n in range(SQUARES)])
    rows = np.zeros((SQUARES, 2, 2), np.int64)
    rows[:, 0, 0], rows[:, 1, 1], rows[:, 1, 0] = 500, 500 - wrong, wrong
    return rows


def kept_of(monkeypatch: pytest.MonkeyPatch, *counts: NDArray[np.int64]) -> tuple[str, choice.Choice]:
    """The name of what is kept of candidates with these errors: untouched, steps of a quarter, trained."""
    start, trained = weights(0), weights(1)
    candidates = list_candidates(start, trained, is_start=True)
    assert [one.share for one in candidates] == [0, 0.25, 0.5, 0.75, 1]
    by_model = {id(one.model): rows for one, rows in zip(candidates, counts, strict=True)}
    monkeypatch.setattr(choice, "judge_model", lambda model, *_: Judged(by_model[id(model)]))
    made = choose(candidates, data())
    return next(trial.name for trial in made.trials if trial.kept), made


def data(edge: int = 96) -> AnnotatedSlices:
    """A slice of bright solid and dark void in stripes."""
    codes = (np.arange(edge) // 12 % 2).astype(np.uint8)[None].repeat(edge, 0)
    noise = np.random.default_rng(0).normal(0, 8, codes.shape)
    grey = np.clip(60 + 120 * codes + noise, 0, 255).astype(np.uint8)
    return AnnotatedSlices((AnnotatedSlice(grey, codes, "image.tif", 0),), VOID_SOLID, None)


def test_what_knew_better_is_kept_untouched(monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [errors(0.02), errors(0.021), errors(0.03), errors(0.04), errors(0.05)]
    name, made = kept_of(monkeypatch, *rows)
    assert name == "untouched"
    assert "was already better than what was learnt from these labels (0.960 against 0.900" in made.sentence


def test_a_small_step_is_taken_and_a_large_one_not_for_a_small_gain(monkeypatch: pytest.MonkeyPatch) -> None:
    name, made = kept_of(monkeypatch, errors(0.05), errors(0.048), errors(0.045), errors(0.043), errors(0.041))
    assert name == "25% trained"
    assert "0.904 on held-out squares (untouched 0.900, trained 0.918)" in made.sentence


def test_a_small_step_is_taken_where_it_is_worse_by_chance_at_most(monkeypatch: pytest.MonkeyPatch) -> None:
    worse = errors(0.055, spread=0.03)
    assert kept_of(monkeypatch, errors(0.05), worse, worse, worse, worse)[0] == "25% trained"


def test_what_mends_many_errors_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    name, made = kept_of(monkeypatch, errors(0.3), errors(0.29), errors(0.2), errors(0.1), errors(0.05))
    assert name == "trained"
    assert [round(trial.gain, 3) for trial in made.trials] == [0, 0.02, 0.18, 0.2, 0.1]


def test_a_gain_that_may_be_chance_is_not_believed(monkeypatch: pytest.MonkeyPatch) -> None:
    chance = errors(0.2, spread=0.19)
    assert kept_of(monkeypatch, errors(0.3), errors(0.31), chance, chance, chance)[0] == "untouched"


def speckled(every: int) -> tuple[PlaneCounts, ...]:
    """What is counted in squares of stripes, with a wrong pixel at every so many."""
    stripes = (np.arange(32) // 8 % 2).astype(np.uint8)[None].repeat(32, 0)
    rows = []
    for seed in range(SQUARES):
        codes = stripes.copy()
        if every:
            places = np.random.default_rng(seed).choice(codes.size, codes.size // every, replace=False)
            codes.flat[places] = 1 - codes.flat[places]
        rows.append(count_plane(codes, 1))
    return tuple(rows)


def test_specks_are_not_taken_for_a_little_more_of_iou(monkeypatch: pytest.MonkeyPatch) -> None:
    start, trained = weights(0), weights(1)
    candidates = list_candidates(start, trained, is_start=True)
    true = speckled(0)
    for specks, kept in ((200, "trained"), (10, "untouched")):
        before = Judged(errors(0.1), speckled(100), true)
        rows = [before, *(Judged(errors(0.07), speckled(specks), true) for _ in candidates[1:])]
        by_model = {id(one.model): row for one, row in zip(candidates, rows, strict=True)}
        monkeypatch.setattr(choice, "judge_model", lambda model, *_, by_model=by_model: by_model[id(model)])
        made = choose(candidates, data())
        better = [trial for trial in made.trials if trial.kept]
        assert (better[0].name == "untouched") == (kept == "untouched")
        assert made.trials[1].gain == pytest.approx(0.06, abs=0.002)
        assert (made.trials[1].fall > 0) == (kept != "untouched")


def test_a_better_microstructure_alone_is_no_reason_for_a_large_step(monkeypatch: pytest.MonkeyPatch) -> None:
    """A person's outlines have a microstructure of their own; a training learnt it, and lost on all other slices."""
    start, trained, true = weights(0), weights(1), speckled(0)
    candidates = list_candidates(start, trained, is_start=True)
    for wrong, kept in ((0.095, "25% trained"), (0.05, "50% trained")):
        rows = [Judged(errors(rate), speckled(10), true) for rate in (0.1, 0.099)]
        rows += [Judged(errors(wrong), speckled(400), true)] * 3
        by_model = {id(one.model): row for one, row in zip(candidates, rows, strict=True)}
        monkeypatch.setattr(choice, "judge_model", lambda model, *_, by_model=by_model: by_model[id(model)])
        made = choose(candidates, data())
        assert made.trials[2].fall > 0.4
        assert [trial.name for trial in made.trials if trial.kept] == [kept]


def test_blends_lie_on_the_way(monkeypatch: pytest.MonkeyPatch) -> None:
    start, trained = weights(0), weights(1)
    half = blend(start, trained, 0.5)
    for name, tensor in half.weights.items():
        torch.testing.assert_close(tensor, (start.weights[name] + trained.weights[name]) / 2, check_dtype=False)
    other = load_bundled("porous-solid", 9)
    assert other is not None
    assert not can_blend(other, trained)
    fixed = start.card.normalisation.model_copy(update={"scope": "fixed"})  # type: ignore[union-attr]
    changed = replace(start, card=start.card.model_copy(update={"normalisation": fixed}))
    assert [one.name for one in list_candidates(changed, trained, is_start=True)] == ["untouched", "trained"]
    assert list_candidates(changed, trained, is_start=True)[0].model.card.normalisation == fixed


def test_too_few_labels_to_hold_any_out(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = [Candidate("untouched", 0, weights(0)), Candidate("25% trained", 0.25, weights(2))]
    candidates.append(Candidate("trained", 1, weights(1)))
    for rate, kept in ((0.05, 1), (0.15, 2)):
        monkeypatch.setattr(choice, "judge_model", lambda *_, rate=rate: Judged(errors(rate)))
        made = choose_without_hold_out(candidates, data())
        assert made.model is candidates[kept].model
        assert f"agreed with {1 - rate:.0%} of the labels before the training" in made.sentence


def test_a_bundled_network_that_the_training_did_not_begin_with_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    candidates = list_candidates(weights(0), weights(1), is_start=False)
    scores = iter([errors(0.02), errors(0.05)])
    monkeypatch.setattr(choice, "judge_model", lambda *_: Judged(next(scores)))
    made = choose(candidates, data())
    assert made.share == 0
    assert made.sentence.startswith("the bundled network was already better than what was learnt from these labels (")
    assert made.sentence.endswith("on held-out squares), so the bundled network is kept, unchanged")
    monkeypatch.setattr(choice, "judge_model", lambda *_: Judged(errors(0.02)))
    sentence = choose_without_hold_out(candidates, data()).sentence
    assert sentence.endswith(
        "the bundled network agreed with 98% of the labels before the training, so the bundled network is kept"
    )


def test_a_training_that_spoils_the_weights_leaves_them_as_they_were(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 12)
    start, notes = load_bundled("porous-solid", 1), Notes()
    settings = TrainSettings(epochs=1, crop=32, batch=4, learning_rate=3.0, adapts=True, device="cpu")
    options: dict[str, Any] = {"half_range": 128, "start": start, "reporter": notes}
    made = train_model(data(), settings, tmp_path / "m.keramos", rival=start, **options)
    assert start is not None
    kept = load_checkpoint(made.path)
    assert all(torch.equal(tensor, start.weights[name]) for name, tensor in kept.weights.items())
    assert [trial["kept"] for trial in made.card.training.candidates] == [True, False, False, False, False]
    assert "the network as it was" in made.card.training.choice
    assert made.card.training.choice in notes.notes
    assert made.card.training.decision in notes.notes
    assert "flicker between slices is kept" in made.card.training.decision
    assert made.card.training.decisions[0]["iou"] == pytest.approx(made.card.scores["held_out_iou"])
    assert made.card.scores["held_out_iou"] == pytest.approx(made.card.training.candidates[0]["iou"])
    alone = train_model(data(), settings, tmp_path / "n.keramos", **options)
    assert not alone.card.training.choice
    assert not torch.equal(load_checkpoint(alone.path).weights["head.0.bias"], start.weights["head.0.bias"])


def test_a_killed_training_goes_on_to_the_same_choice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 16)
    start = load_bundled("porous-solid", 1)
    settings = TrainSettings(epochs=1, crop=32, batch=2, learning_rate=5e-4, adapts=True, device="cpu")
    options: dict[str, Any] = {"half_range": 128, "start": start, "rival": start}
    whole = train_model(data(), settings, tmp_path / "whole.keramos", **options)
    with pytest.raises(Killed):
        train_model(data(), settings, tmp_path / "m.keramos", reporter=Dies(50, "train"), **options)
    assert load_checkpoint(tmp_path / "m.unfinished.keramos").card.training.steps == 0
    on = train_model(data(), settings, tmp_path / "m.keramos", **options)
    assert on.card.training.candidates == whole.card.training.candidates
    weights = load_checkpoint(whole.path).weights
    assert all(torch.equal(tensor, weights[name]) for name, tensor in load_checkpoint(on.path).weights.items())


def test_a_network_of_more_slices_is_compared_with_what_it_began_as(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 4)
    start, item = load_bundled("porous-solid", 1), data().slices[0]
    seven = replace(data(), slices=(replace(item, planes=(item.grey,) * 7),))
    settings = TrainSettings(
        model="compact-7", epochs=1, crop=32, batch=2, learning_rate=3.0, adapts=True, device="cpu"
    )
    made = train_model(seven, settings, tmp_path / "m.keramos", half_range=128, start=start, rival=start)
    assert made.card.architecture == "compact-7"
    assert made.card.training.candidates[0]["kept"]


@pytest.mark.parametrize("edge", [96, 32])
def test_scores_of_known_weights_stay_as_sure_as_they_were(
    edge: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A fifth of the labels is wrong: scores calibrated on them would doubt all that is right. Of 32 pixels nothing is
    held out."""
    monkeypatch.setattr("keramos.learning.settings.CROPS_PER_EPOCH", 4)
    known, item = load_bundled("porous-solid", 1), data(edge).slices[0]
    assert known is not None
    start = replace(known, card=known.card.model_copy(update={"temperature": 1.3}))
    wrong = np.random.default_rng(1).random(item.codes.shape) < 0.2
    drawn = replace(data(edge), slices=(replace(item, codes=np.where(wrong, 1 - item.codes, item.codes)),))
    settings = TrainSettings(epochs=1, crop=32, batch=2, learning_rate=1e-5, adapts=True, device="cpu")
    options: dict[str, Any] = {"half_range": 128, "start": start}
    made = train_model(drawn, settings, tmp_path / "m.keramos", rival=start, **options)
    assert made.card.temperature == 1.3
    assert ("held_out_iou" in made.card.scores) == (edge == 96)
    if edge == 96:
        bare = replace(known, card=known.card.model_copy(update={"temperature": 1.0}))
        other = {**options, "start": bare, "rival": bare}
        assert train_model(drawn, settings, tmp_path / "o.keramos", **other).card.temperature > 2, "never calibrated"
        asked = settings.replace(hold_out=0.15)
        assert train_model(drawn, asked, tmp_path / "n.keramos", **options).card.temperature > 2
