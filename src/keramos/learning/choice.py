"""The choice between a model as it was before a training and what it has become, on annotation that it did not learn.

untouched, then 1/4, 1/2, 3/4 and all of the way to the trained weights -> scored on held-out squares, by the IoU and by
the microstructure in the plane -> a quarter of the way, unless it is worse by more than chance, and further where that
is better by more than chance, and by enough

Labels of people err, and the held-out squares of a slice err as the rest of it does: a network that has learnt the
errors is rewarded for them. On phantoms a quarter of the way was better on other slices than untouched in all
trainings, from exact labels and from a simulated annotator's; all of it was better on the held-out squares and worse
than untouched on other slices. So each further step has to explain a good part of what the kept model gets wrong, of
the voxels alone as well: a person draws the microstructure of held-out squares as that of the rest of the slice.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np

from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.blending import blend, can_blend
from keramos.learning.held_out_errors import Gain, Judged, compare_by_square, judge, read_scores
from keramos.networks import Checkpoint, ModelCard
from keramos.segmenters import LearnedDecision

SMALL_STEP = 0.25
"""The share of the way to the trained weights that is safe."""
_SHARES = (SMALL_STEP, 0.5, 0.75, 1.0)
_LEAST_EXPLAINED = 0.25
"""The share of the kept model's errors on the hold-out that a larger step has to mend."""
_STANDARD_ERRORS = 2.0
_KNOWN = 0.9
"""The share of annotated voxels that a model decides alike, from which on its material is known to it."""


@dataclass(frozen=True, eq=False)
class Candidate:
    """A model that may be kept: `share` is how far it lies on the way to the trained weights, `title` what sentences
    call it; empty for the usual."""

    name: str
    share: float
    model: Checkpoint
    title: str = ""


@dataclass(frozen=True)
class Trial:
    """The score of a candidate: the IoU on held-out squares, what it is above the model kept until then, and that
    gain's standard error; the error of the microstructure in the plane there, and by what share less is wrong in both
    together, with its standard error."""

    name: str
    iou: float
    gain: float
    standard_error: float | None
    kept: bool = False
    structure: float | None = None
    fall: float = 0.0
    fall_error: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True, eq=False)
class Choice:
    """The model that is kept, its share of the way to the trained weights, the trials of all, and a sentence that says
    why."""

    model: Checkpoint
    share: float
    trials: tuple[Trial, ...]
    sentence: str


def list_candidates(rival: Checkpoint, trained: Checkpoint, *, is_start: bool) -> list[Candidate]:
    """The models that may be kept, the most cautious first: the rival, if the training began with it those between, and
    the trained one."""
    shares = _SHARES if is_start and can_blend(rival, trained) else (1.0,)
    between = [Candidate(_name(share), share, blend(rival, trained, share)) for share in shares if share < 1]
    untouched = replace(rival, card=_card_as_it_began(rival, trained) if is_start else _add_training(rival, trained))
    title = "" if is_start else "the bundled network"
    return [Candidate("untouched", 0.0, untouched, title), *between, Candidate("trained", 1.0, trained)]


def choose(candidates: Sequence[Candidate], held_out: AnnotatedSlices, device: str = "cpu") -> Choice:
    """Keep the small step unless it is worse on the held-out squares than the first candidate by more than two standard
    errors; any later one that is better than what is kept by more than two of them and by a quarter of what is left
    wrong, in the IoU alone and in both. Wrong is what is missing of an IoU of 1 and of the microstructure in the plane,
    both alike; neither may be better at the cost of the IoU."""
    positive = held_out.phases.positive
    kept, now, trials = candidates[0], judge_model(candidates[0].model, held_out, device), list[Trial]()
    trials.append(Trial(kept.name, now.iou(positive), 0.0, None, structure=now.structure))
    for candidate in candidates[1:]:
        new = judge_model(candidate.model, held_out, device)
        gain = compare_by_square(now, new, positive)
        trial = Trial(candidate.name, new.iou(positive), gain.iou, gain.iou_error)
        trials.append(replace(trial, structure=new.structure, fall=gain.fall, fall_error=gain.fall_error))
        if _is_better(candidate.share, gain, missing=1 - now.iou(positive)):
            kept, now = candidate, new
    trials = [replace(trial, kept=trial.name == kept.name) for trial in trials]
    return Choice(kept.model, kept.share, tuple(trials), _say(trials, candidates[0].title))


def choose_without_hold_out(candidates: Sequence[Candidate], learned: AnnotatedSlices, device: str = "cpu") -> Choice:
    """Keep the small step if the untouched model, which has not seen the labels, decides nine tenths of them as they
    are drawn, else the trained model: for annotation of which too little is there to hold any of it out."""
    counts = judge_model(candidates[0].model, learned, device).confusions.sum(axis=0)
    agreement = float(np.trace(counts) / counts.sum())
    small = next((one for one in candidates if one.share == SMALL_STEP), candidates[0])
    kept = small if agreement >= _KNOWN else candidates[-1]
    sentence = (
        f"too little is annotated to hold some of it out; {candidates[0].title or 'the network'} agreed with "
        f"{agreement:.0%} of the labels before the training, so {kept.title or _SAID[kept.name]} is kept"
    )
    return Choice(kept.model, kept.share, (), sentence)


def judge_model(model: Checkpoint, held_out: AnnotatedSlices, device: str = "cpu") -> Judged:
    """The held-out squares, by the decision that the model's card states."""
    seen = read_scores(model, held_out, device)
    return judge(seen, LearnedDecision.of(model.card), held_out.phases.positive, held_out.voxel_size)


def _is_better(share: float, gain: Gain, missing: float) -> bool:
    """Whether a candidate is to be kept; `missing` is what the model kept until now lacks of an IoU of 1."""
    if np.isnan(gain.iou) or np.isnan(gain.fall):
        return False
    if gain.iou_error is None or gain.fall_error is None:
        return share <= SMALL_STEP and gain.iou > 0 and gain.fall > 0
    if gain.iou <= -_STANDARD_ERRORS * gain.iou_error:
        return False
    if share <= SMALL_STEP:
        return gain.fall > -_STANDARD_ERRORS * gain.fall_error
    if gain.iou <= _STANDARD_ERRORS * gain.iou_error or gain.iou < _LEAST_EXPLAINED * missing:
        return False
    return gain.fall > _STANDARD_ERRORS * gain.fall_error and gain.fall >= _LEAST_EXPLAINED


def _name(share: float) -> str:
    return f"{share:.0%} trained"


_SAID = {
    "untouched": "the network as it was",
    "trained": "the trained network",
    **{_name(share): f"a network {share:.0%} of the way to the trained one" for share in _SHARES},
}


def _say(trials: Sequence[Trial], rival: str) -> str:
    """The sentence on what is kept; `rival` is what the first one is called, if the training did not begin with it."""
    kept, first, last = next(trial for trial in trials if trial.kept), trials[0], trials[-1]
    if kept is first:
        better = "was already better than" if first.iou >= last.iou else "was not worse, by more than chance, than"
        return (
            f"{rival or _SAID[first.name]} {better} what was learnt from these labels ({first.iou:.3f} against "
            f"{last.iou:.3f} on held-out squares), so {f'{rival} is kept, unchanged' if rival else 'it is kept'}"
        )
    others = f"untouched {first.iou:.3f}" + ("" if kept is last else f", trained {last.iou:.3f}")
    return f"{_SAID[kept.name]} is kept: {kept.iou:.3f} on held-out squares ({others})"


def _card_as_it_began(start: Checkpoint, trained: Checkpoint) -> ModelCard:
    """The card of the trained network, which may read more slices or channels than `start`, before its training."""
    kept = {name: getattr(start.card, name) for name in ("normalisation", "temperature")}
    return trained.card.model_copy(update=kept)


def _add_training(rival: Checkpoint, trained: Checkpoint) -> ModelCard:
    """The card of a model that goes on as it is: with the labels that it was compared on, as after a training."""
    made = {name: getattr(trained.card, name) for name in ("training", "versions", "scores", "licence", "notes")}
    return rival.card.model_copy(update=made)
