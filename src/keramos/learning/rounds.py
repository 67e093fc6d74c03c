"""A long training in rounds: it stops early when a round mends hardly anything on annotation that was held out.

150 s -> held-out squares -> 300 s more -> held-out squares -> 600 s more -> ... -> the rest of the budget

Each round begins with what the one before has learnt, with its own warm-up and decay of the learning rate, so that the
scores of their ends can be compared; and each is longer than all before it together, long enough to show whether more
training pays (`benchmarks/early_end.py`).
"""

from __future__ import annotations

from collections.abc import Sequence

Round = dict[str, float]
"""The end of a round: `seconds` of the training until then, and `iou` on held-out squares."""

FIRST_S = 150.0
_LEAST_MENDED = 0.02
"""Chosen, not measured: the share of what is wrong on held-out squares that a round has to mend for the next one to be
worth its time."""


def plan_rounds(budget_s: float) -> tuple[float, ...]:
    """The ends of the rounds as shares of the budget. What is too short for a round of its own belongs to the last.

    Example:
        >>> plan_rounds(300), plan_rounds(600), [round(600 * end) for end in plan_rounds(600)]
        ((1.0,), (0.25, 1.0), [150, 600])
    """
    ends, end, length = [], FIRST_S, FIRST_S
    while end + 2 * length <= budget_s:
        ends.append(end / budget_s)
        length *= 2
        end += length
    return (*ends, 1.0)


def share_mended(rounds: Sequence[Round]) -> float:
    """The share of what was wrong before the last round that it has mended, below 0 where more is wrong."""
    before, after = rounds[-2]["iou"], rounds[-1]["iou"]
    return (after - before) / max(1 - before, 1e-9)


def is_enough(rounds: Sequence[Round], done: int) -> bool:
    """Whether the last of the rounds that are `done` has mended so little that the next one is not worth its time;
    never where not all of them were scored, as by several devices."""
    return len(rounds) == done + 1 and share_mended(rounds) < _LEAST_MENDED


def say_enough(rounds: Sequence[Round], budget_s: float) -> str:
    """The sentence on a training that stops before its budget is spent."""
    before, after = rounds[-2:]
    took, share = after["seconds"] - before["seconds"], share_mended(rounds)
    gain = f"mended {share:.1%} of what was wrong" if share > 0 else "mended nothing of what was wrong"
    return (
        f"the training stops early, after {after['seconds']:.0f} of {budget_s:g} s: the last {took:.0f} s {gain} on "
        f"held-out squares (IoU {after['iou']:.4f}, before {before['iou']:.4f}); --full-budget uses all of it"
    )
