"""Labels seen in other ways: with other codes, without some slices, as one slice of a stack. Nothing is read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, PixelSource, SourceView, Triple, Volume
from keramos.core.errors import ShapeError


@dataclass(frozen=True, eq=False)
class RecodedLabels(SourceView):
    """Labels whose codes are looked up in a table of 256."""

    table: NDArray[np.uint8]

    def read(self, box: Box) -> NDArray[Any]:
        codes: NDArray[np.uint8] = self.table[self.source.read(box)]
        return codes


@dataclass(frozen=True, eq=False)
class MaskedSlices(SourceView):
    """Labels in which the slices of a stack `outside` (z) are not annotated."""

    outside: frozenset[int]

    def read(self, box: Box) -> NDArray[Any]:
        codes = np.array(self.source.read(box))
        hidden = [z - box.start[0] for z in self.outside if box.start[0] <= z < box.stop[0]]
        codes[hidden] = NOT_ANNOTATED
        return codes


@dataclass(frozen=True, eq=False)
class SliceInStack(SourceView):
    """A single slice at `z` of a stack `depth` slices deep; the others are not annotated."""

    z: int
    depth: int

    @property
    def shape(self) -> Triple:
        return (self.depth, *self.source.shape[1:])

    @property
    def origin(self) -> Triple:
        return (0, 0, 0)

    def read(self, box: Box) -> NDArray[Any]:
        codes = np.full(box.shape, NOT_ANNOTATED, np.uint8)
        if box.start[0] <= self.z < box.stop[0]:
            codes[self.z - box.start[0]] = self.source.read(Box((0, *box.start[1:]), (1, *box.stop[1:])))[0]
        return codes


@dataclass(frozen=True, eq=False)
class KnownInBoth(SourceView):
    """Labels that are not annotated where those of another source are not."""

    other: PixelSource

    def read(self, box: Box) -> NDArray[Any]:
        return np.where(self.other.read(box) == NOT_ANNOTATED, np.uint8(NOT_ANNOTATED), self.source.read(box))


_DARKEST, _BRIGHTEST, _UNKNOWN = 70, 210, 30


def paint_phases(labels: LabelVolume) -> Volume:
    """A volume whose grey values are the phases of labels, evenly apart in the order of their codes, and darker than
    all where nothing is annotated: for pictures of labels without images."""
    table = np.full(256, _UNKNOWN, np.uint8)
    table[: len(labels.phases)] = np.linspace(_DARKEST, _BRIGHTEST, len(labels.phases)).round()
    return Volume(RecodedLabels(labels.source, table), labels.voxel_size, labels.name)


def where_known(labels: LabelVolume, other: LabelVolume) -> LabelVolume:
    """The labels, not annotated where those of another volume of the same shape are not."""
    return replace(labels, source=KnownInBoth(labels.source, other.source))


def place_in_stack(labels: LabelVolume, depth: int, slices: Sequence[int] | None) -> LabelVolume:
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
    return replace(labels, source=SliceInStack(labels.source, slices[0], depth))


def choose_slices(truth: LabelVolume, depth: int, slices: Sequence[int] | None) -> LabelVolume:
    """A truth for a stack `depth` slices deep, annotated in `slices` alone, if given: those of a truth of the whole
    stack, numbered as in its file, or the number of a truth of a single slice.

    Raises:
        ShapeError: slices that the truth does not have, or a truth of one slice without its number.
    """
    if truth.shape[0] == 1 < depth:
        return place_in_stack(truth, depth, slices)
    return truth if slices is None else only_slices(truth, slices)


def without_slices(labels: LabelVolume, leave_out: Sequence[int]) -> LabelVolume:
    """`labels` not annotated in the slices `leave_out`, numbered as in their file; ShapeError if one is not there."""
    first = labels.origin[0]
    _check_slices(labels, leave_out, "to leave out")
    hidden = frozenset(z - first for z in leave_out)
    return replace(labels, source=MaskedSlices(labels.source, hidden)) if hidden else labels


def only_slices(labels: LabelVolume, keep: Sequence[int]) -> LabelVolume:
    """`labels` annotated in the slices `keep` alone, numbered as in their file; ShapeError if one is not there."""
    first, depth = labels.origin[0], labels.shape[0]
    _check_slices(labels, keep, "to use")
    return without_slices(labels, sorted(set(range(first, first + depth)) - set(keep)))


def _check_slices(labels: LabelVolume, slices: Sequence[int], purpose: str) -> None:
    first, depth = labels.origin[0], labels.shape[0]
    outside = [z for z in slices if not first <= z < first + depth]
    if outside:
        raise ShapeError(
            f"expected slices {first} to {first + depth - 1} of {labels.name} {purpose}, found {outside[0]}"
        )
