"""Make a prediction's codes mean what the truth's mean; leave slices out of a truth."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.errors import LabelError, ShapeError
from keramos.progress import Reporter
from keramos.volume import NOT_ANNOTATED, Box, LabelVolume, PixelSource, Triple


@dataclass(frozen=True, eq=False)
class Recoded:
    """Labels whose codes are looked up in a table of 256."""

    source: PixelSource
    table: NDArray[np.uint8]

    @property
    def shape(self) -> Triple:
        return self.source.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.source.dtype

    def read(self, box: Box) -> NDArray[Any]:
        codes: NDArray[np.uint8] = self.table[self.source.read(box)]
        return codes


@dataclass(frozen=True, eq=False)
class Masked:
    """Labels in which the slices of a stack `outside` (z) are not annotated."""

    source: PixelSource
    outside: frozenset[int]

    @property
    def shape(self) -> Triple:
        return self.source.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.source.dtype

    def read(self, box: Box) -> NDArray[Any]:
        codes = np.array(self.source.read(box))
        hidden = [z - box.start[0] for z in self.outside if box.start[0] <= z < box.stop[0]]
        codes[hidden] = NOT_ANNOTATED
        return codes


@dataclass(frozen=True)
class Named:
    """Labels, and whether their phases' names come from the file or the user, or were only guessed."""

    labels: LabelVolume
    surely: bool


def reconciled(prediction: Named, truth: Named, reporter: Reporter) -> tuple[LabelVolume, LabelVolume]:
    """Prediction and truth whose codes mean the same phases; the truth's names count unless they were guessed.

    Raises:
        LabelError: they cannot be made to mean the same.
    """
    if prediction.surely and not truth.surely:
        return prediction.labels, _with_phases_of(truth, prediction.labels, reporter)
    return _with_phases_of(prediction, truth.labels, reporter), truth.labels


def _with_phases_of(own: Named, other: LabelVolume, reporter: Reporter) -> LabelVolume:
    """The same names in another order are recoded; guessed names give way, in the order of the codes."""
    labels, wanted = own.labels, other.phases
    here, there = labels.phases.names, wanted.names
    if set(here) == set(there):
        table = np.full(256, NOT_ANNOTATED, np.uint8)
        table[: len(here)] = [there.index(name) for name in here]
        source = labels.source if here == there else Recoded(labels.source, table)
        return replace(labels, source=source, phases=wanted)
    if own.surely or len(here) != len(there):
        raise LabelError(
            f"expected the phases {', '.join(there)} of {other.name}, found {', '.join(here)} in {labels.name}; "
            "say which value is which phase with --phases, by the same names"
        )
    pairs = ", ".join(f"{name} for {guessed}" for guessed, name in zip(here, there, strict=True))
    reporter.note(f"{labels.name} names no phases; taken in the order of the codes: {pairs}")
    return replace(labels, phases=wanted)


@dataclass(frozen=True, eq=False)
class Placed:
    """A single slice at `z` of a stack `depth` slices deep; the others are not annotated."""

    slice: PixelSource
    z: int
    depth: int

    @property
    def shape(self) -> Triple:
        return (self.depth, *self.slice.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.slice.dtype

    def read(self, box: Box) -> NDArray[Any]:
        codes = np.full(box.shape, NOT_ANNOTATED, np.uint8)
        if box.start[0] <= self.z < box.stop[0]:
            codes[self.z - box.start[0]] = self.slice.read(Box((0, *box.start[1:]), (1, *box.stop[1:])))[0]
        return codes


def placed(labels: LabelVolume, depth: int, slices: Sequence[int] | None) -> LabelVolume:
    """The labels of a single slice, said to be slice `slices[0]` of a stack, in that stack; others as they are.

    Raises:
        ShapeError: labels of one slice for a stack, without one slice number inside the stack.
    """
    if labels.shape[0] != 1 or depth == 1:
        return labels
    if slices is None or len(slices) != 1 or not 0 <= slices[0] < depth:
        raise ShapeError(
            f"expected labels of all {depth} slices, or the number of the one that is labelled, found labels of a "
            f"single slice in {labels.name}; say which it is with --slices, from 0 to {depth - 1}"
        )
    return replace(labels, source=Placed(labels.source, slices[0], depth))


def without_slices(labels: LabelVolume, leave_out: Sequence[int]) -> LabelVolume:
    """`labels` not annotated in the slices `leave_out`; ShapeError if the volume has no such slice."""
    outside = [z for z in leave_out if not 0 <= z < labels.shape[0]]
    if outside:
        raise ShapeError(
            f"expected slices 0 to {labels.shape[0] - 1} of {labels.name} to leave out, found {outside[0]}"
        )
    return replace(labels, source=Masked(labels.source, frozenset(leave_out))) if leave_out else labels


def only_slices(labels: LabelVolume, keep: Sequence[int]) -> LabelVolume:
    """`labels` annotated in the slices `keep` alone."""
    return without_slices(labels, sorted(set(range(labels.shape[0])) - set(keep)))
