"""Findings about scores of the very slices that a model was trained on."""

from __future__ import annotations

from collections.abc import Sequence

from keramos.core import Finding, name_slices


def report_scored(slices: Sequence[int]) -> Finding:
    """The finding that these slices (z as in the truth's file), which the model was trained on, are scored."""
    numbers = " ".join(map(str, slices))
    return Finding(
        "trained-slices-scored",
        f"the model was trained on {name_slices(slices)} of these images, which {_is(slices)} scored",
        "the scores are better than they would be on slices that the model has not seen",
        f"leave {name_slices(slices)} out (--leave-out {numbers})",
        slices=tuple(slices),
    )


def report_left_out(slices: Sequence[int]) -> Finding:
    """The finding that these slices (z as in the truth's file) are not scored because a model was trained on them."""
    return Finding(
        "trained-slices-left-out",
        f"{name_slices(slices)} {_is(slices)} not scored, because the model was trained on "
        f"{'them' if slices[1:] else 'it'}",
        "the scores are of the other slices",
        severity="note",
        slices=tuple(slices),
    )


def report_unknown(labels: str, model: str) -> Finding:
    """The finding that it is not known which slices the model of the labels of these names was trained on."""
    return Finding(
        "trained-slices-unknown",
        f"{labels} does not say which slices its model {model} was trained on, and model or images are not at their "
        "paths any more",
        "the scores may be of slices that the model has seen",
        "leave those out (--leave-out), or segment again",
    )


def _is(slices: Sequence[int]) -> str:
    return "are" if slices[1:] else "is"
