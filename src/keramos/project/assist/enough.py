"""Whether the labelling is enough, in words: from the score on labels that no model learns, and from what the last
training gained there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal

from keramos.core.finding import name_slices
from keramos.project.assist.held_out_score import HeldOutScore, Interval
from keramos.project.assist.model_records import ModelRecord
from keramos.project.assist.places import BUNDLED_WEIGHTS

_WIDEST = 0.06
"""An interval wider than this says too little of a model to stop by."""
_WORTH = 0.01
"""Gains in IoU below this are hardly worth the next hour."""
_FEWEST_STEPS = 60
"""With fewer steps from the bundled weights, which tell void and solid apart, further phases are hardly found."""
HOW = (
    "A sixth of what is drawn or corrected by hand, in squares of the slice, is never learnt; accepted proposals are "
    "never scored. The IoU there has a 95 % interval from resampling these squares. Labelling is called levelled off "
    "when the interval is at most 0.06 wide, comes from at least 20 squares, and the last training gained less than "
    "0.01 there, with its whole interval."
)


@dataclass(frozen=True)
class Verdict:
    """`state`: `nothing` learnt yet, `unknown`, `improving`, `levelled-off`, or `unclear`. `sentence` says it and what
    to do; `doubts` what the score does not cover; `how` the way in which it is decided."""

    state: Literal["nothing", "unknown", "improving", "levelled-off", "unclear"]
    sentence: str
    doubts: tuple[str, ...] = ()
    how: str = HOW

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def judge_labelling(record: ModelRecord | None, depth: int) -> Verdict:
    """Whether the labels that the model in use has learnt are enough for a stack of `depth` slices."""
    if record is None:
        return Verdict("nothing", "Nothing is learnt yet: draw some of each phase in several places, and learn.")
    doubts = _name_doubts(record, depth)
    score, gain = record.score, record.gain
    if score is None:
        return Verdict("unknown", f"It is not known how good the model is: {_explain_no_score(record)}", doubts)
    told = (
        f"On labels that it has not seen the model reaches an IoU of {_number(score.iou, score.interval)} ({score.of})"
    )
    if score.is_indicative or _width(score.interval) > _WIDEST:
        sentence = (
            f"{told}, from only {score.squares} place{'s' if score.squares > 1 else ''}: label in more places, other "
            "slices among them, before you rely on it."
        )
        return Verdict("unknown", sentence, doubts)
    return _judge_gain(told, gain.difference if gain else None, gain.interval if gain else None, doubts)


def _explain_no_score(record: ModelRecord) -> str:
    """Why a model has no score, and what to do."""
    if not record.scored:
        return "it is being checked on labels that it has not seen; if its score does not come soon, learn once more."
    if not record.scored_by_hand:
        return "it was made by an earlier version, whose scores could count accepted proposals; learn once more."
    if record.accepted > 0:
        return (
            f"{100 * record.accepted:.0f} % of the labels are accepted proposals, which only tell whether models "
            "agree, and too few places are drawn by hand to keep some of them for checking; draw or correct some of "
            "each phase in more places of the slice."
        )
    return (
        "too few places are labelled to keep some of them for checking; draw some of each phase in more places of the "
        "slice."
    )


def _judge_gain(told: str, difference: float | None, interval: Interval | None, doubts: tuple[str, ...]) -> Verdict:
    if difference is None or interval is None:
        return Verdict("unclear", f"{told}; learn once more after labelling elsewhere to see whether it rises.", doubts)
    low, high = map(_with_sign, interval)
    gained = f"the last training changed it by {_with_sign(difference)} ({low} to {high})"
    if interval[0] > 0 and difference >= _WORTH:
        return Verdict("improving", f"{told}; {gained}: more labels, or a longer training, still help.", doubts)
    if interval[1] < _WORTH:
        sentence = (
            f"{told}; {gained}: more labels of the same kind bring little. If it is good enough for you, segment; if "
            "not, label the places of doubt, which the list of suggestions names."
        )
        return Verdict("levelled-off", sentence, doubts)
    return Verdict("unclear", f"{told}; {gained}, which may be chance: label the suggested places and learn.", doubts)


def _name_doubts(record: ModelRecord, depth: int) -> tuple[str, ...]:
    doubts = []
    slices: Sequence[int] = record.slices
    if slices and depth > 1:
        spread = (max(slices) - min(slices) + 1) / depth
        if len(slices) < 3 or spread < 0.5:
            doubts.append(
                f"The labels lie in {name_slices(slices)} of {depth}: the score says nothing of slices far from there."
            )
    if record.accepted > 0 and record.score is not None:
        doubts.append(
            f"{100 * record.accepted:.0f} % of the labels are accepted proposals, which are not scored; what was "
            "corrected is, and that is often where a model was wrong: elsewhere the model may be better than its score."
        )
    if len(record.voxels) > 2 and record.start == BUNDLED_WEIGHTS and record.steps < _FEWEST_STEPS:
        doubts.append(
            f"The training came to only {record.steps} steps in {record.seconds:.0f} s, too few to tell "
            f"{len(record.voxels)} phases apart: other work keeps this machine busy, or it is slow; learn once more."
        )
    absent = [name for name, count in record.voxels.items() if not count]
    if absent:
        doubts.append(f"Nothing of {' and '.join(absent)} is learnt: the model cannot find it.")
    if record.grid_nm is not None:
        size = " x ".join(f"{edge:g}" for edge in record.grid_nm)
        doubts.append(f"The model works on voxels of {size} nm (z y x): it does not see finer details.")
    return tuple(doubts)


def list_curve(records: Sequence[ModelRecord]) -> list[dict[str, Any]]:
    """The learning curve: for each model the labelled voxels that it learnt, its score and its gain, as JSON values."""
    return [
        {
            "model": record.number,
            "voxels": sum(record.voxels.values()),
            "slices": len(record.slices),
            "iou": record.score.iou if record.score else None,
            "interval": list(record.score.interval) if record.score and record.score.interval else None,
            "gain": None if record.gain is None else asdict(record.gain),
        }
        for record in records
    ]


def _number(iou: float, interval: Interval | None) -> str:
    return f"{iou:.3f}" if interval is None else f"{iou:.3f} ({interval[0]:.3f} to {interval[1]:.3f})"


def _with_sign(value: float) -> str:
    return f"{value:+.3f}".replace("-", "−")


def _width(interval: Interval | None) -> float:
    return 1.0 if interval is None else interval[1] - interval[0]


def describe_score(score: HeldOutScore | None) -> str:
    """The score in a few words, for lists."""
    return "no score" if score is None else f"IoU {_number(score.iou, score.interval)}"
