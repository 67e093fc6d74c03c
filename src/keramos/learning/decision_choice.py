"""The choice of the decision on a network's scores, on annotation that it did not learn: whether flicker is removed,
which small pieces are, and the threshold.

the decision of the model's card -> each change that may help, the least first -> kept where IoU and microstructure in
the plane together are better on held-out squares by more than chance, and the IoU is not worse by more than that

An IoU hardly sees specks: a thousandth of the voxels doubles a surface. But few squares hardly see anything, so that
what is not shown to be better stays as it was. A threshold moves all outlines, so that it learns how far to one side
people draw theirs: of the bundled weights, on labels a pixel too wide, 20 of 48 held-out sets asked for another one,
and 17 of these had a lower IoU against the truth. It is chosen only for networks that learnt nothing but these labels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from keramos.learning.held_out_errors import Gain, HeldOutScores, Judged, compare_by_square, judge
from keramos.networks import Checkpoint
from keramos.segmenters import LearnedDecision

SPECKS = (4, 8, 16, 32)
"""Voxels."""
THRESHOLDS = (0.45, 0.55, 0.4, 0.6, 0.35, 0.65)
_STANDARD_ERRORS = 3.0
"""Of a dozen trials with twice as much one would often be chosen by chance."""


@dataclass(frozen=True)
class DecisionChoice:
    """The decision that is kept, the trials of all, and a sentence that says what it is and why."""

    decision: LearnedDecision
    trials: tuple[dict[str, Any], ...]
    sentence: str

    def put_into(self, model: Checkpoint) -> Checkpoint:
        """The model with this decision in its card."""
        training = model.card.training.model_copy(update={"decisions": self.trials, "decision": self.sentence})
        return replace(model, card=model.card.model_copy(update={**self.decision.to_json(), "training": training}))


def choose_decision(model: Checkpoint, seen: Sequence[HeldOutScores], *, fresh: bool = False) -> DecisionChoice:
    """The decision of the model's card, or one that is better on the held-out squares of which `seen` has scores. Of a
    `fresh` network, which has learnt from the same labels alone, the threshold is chosen, too."""
    positive, size = model.card.positive, model.card.voxel_size
    kept = LearnedDecision.of(model.card)
    first = now = judge(seen, kept, positive, size)
    trials = [_trial(kept, now, None, positive)]
    for change in _changes(kept, seen, fresh):
        other = replace(kept, **change)
        new = judge(seen, other, positive, size)
        gain = compare_by_square(now, new, positive)
        trials.append(_trial(other, new, gain, positive))
        if is_better(gain):
            kept, now = other, new
    trials = [{**trial, "kept": trial["decision"] == kept.to_json()} for trial in trials]
    return DecisionChoice(kept, tuple(trials), _say(LearnedDecision.of(model.card), kept, first, now, positive))


def is_better(gain: Gain) -> bool:
    """Whether less is wrong by more than three standard errors, and the IoU is not lower by more than one."""
    if gain.fall_error is None or gain.iou_error is None:
        return False
    return gain.fall > _STANDARD_ERRORS * gain.fall_error and gain.iou >= -gain.iou_error


def _changes(kept: LearnedDecision, seen: Sequence[HeldOutScores], fresh: bool) -> list[dict[str, Any]]:
    """The changes that are tried, each beside those that were kept before. Specks and thresholds are those of two
    phases."""
    changes: list[dict[str, Any]] = []
    if any(one.scores.shape[1] > 1 for one in seen):
        changes.append({"removes_flicker": not kept.removes_flicker})
    if len(seen[0].scores) == 2:
        changes += [{"specks": specks} for specks in SPECKS]
        changes += [{"threshold": threshold} for threshold in THRESHOLDS if fresh]
    return changes


def _trial(decision: LearnedDecision, judged: Judged, gain: Gain | None, positive: int) -> dict[str, Any]:
    scores = {"iou": judged.iou(positive), "structure": judged.structure}
    gains = {} if gain is None else {"fall": gain.fall, "standard_error": gain.fall_error}
    return {"decision": decision.to_json(), **scores, **gains}


def _say(card: LearnedDecision, kept: LearnedDecision, first: Judged, now: Judged, positive: int) -> str:
    flicker = "flicker between slices is removed" if kept.removes_flicker else "flicker between slices is kept"
    specks = f"pieces of fewer than {kept.specks} voxels are removed" if kept.specks else "small pieces stay"
    threshold = "" if kept.threshold is None else f", the positive phase begins at a score of {kept.threshold:g}"
    if kept == card:
        return f"{flicker}, {specks}{threshold}: no other decision was better, by more than chance, on held-out squares"
    before, after = first.structure or 0.0, now.structure or 0.0
    return (
        f"{flicker}, {specks}{threshold}: on held-out squares the error of the microstructure falls from {before:.3f} "
        f"to {after:.3f} (IoU {first.iou(positive):.3f} to {now.iou(positive):.3f})"
    )
