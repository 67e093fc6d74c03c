"""Confusions and microstructure of a model on held-out squares of the annotation, so that two models, or two decisions
on the scores of one, can be compared square by square."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import accumulate
from operator import add
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, VoxelSize
from keramos.learning.annotated import AnnotatedSlice, AnnotatedSlices
from keramos.learning.hold_out import number_squares
from keramos.measurements.counting.plane import PlaneCounts, count_plane
from keramos.measurements.in_plane import compare_microstructures, finish_plane
from keramos.networks import Checkpoint
from keramos.scoring import headline_iou
from keramos.segmenters import LearnedDecision, planes_of, segmenter_of

_MOST_PIXELS = 2**23
"""Of all slices looked at, with those beside them: some seconds for each model."""
_LEAST_WRONG = 1e-3
"""An IoU or an error of the microstructure is not told apart from a perfect one below this."""
_SOME_SIZE = VoxelSize(10, 10, 10)
"""Where voxels are of unknown size: errors are shares, so that it does not matter."""


@dataclass(frozen=True, eq=False)
class HeldOutScores:
    """Scores (phases, Z, Y, X) of a slice of which some is held out, and its codes (Y X, 255 elsewhere). Z is 3 where
    the stack has both slices beside it, else 1."""

    scores: NDArray[np.float32]
    codes: NDArray[np.uint8]
    file: tuple[str, str]


@dataclass(frozen=True, eq=False)
class Judged:
    """Confusions (squares, K, K; truth along rows) of a decision on the squares that are held out, of all slices of a
    stack together; and of each square what is counted of the positive phase in the decision and in the annotation."""

    confusions: NDArray[np.int64]
    predicted: tuple[PlaneCounts, ...] = ()
    true: tuple[PlaneCounts, ...] = ()
    voxel_size: VoxelSize = _SOME_SIZE

    def iou(self, positive: int) -> float:
        return float(headline_iou(self.confusions.sum(axis=0), positive))

    @property
    def structure(self) -> float | None:
        """The mean error of the microstructure in the plane (`PlaneErrors.mean_error`); None where none is counted."""
        return self._structure(reduce(add, self.predicted), reduce(add, self.true)) if self.true else None

    def structure_without(self) -> NDArray[np.float64]:
        """The same with each square left out in turn."""
        pairs = zip(_sums_without(self.predicted), _sums_without(self.true), strict=True)
        return np.array([self._structure(predicted, true) for predicted, true in pairs])

    def _structure(self, predicted: PlaneCounts, true: PlaneCounts) -> float:
        return compare_microstructures(
            finish_plane(predicted, self.voxel_size), finish_plane(true, self.voxel_size)
        ).mean_error


@dataclass(frozen=True)
class Gain:
    """The comparison of one judged decision with another.

    Attributes:
        iou: what its IoU is above the other's, with its standard error.
        fall: by what share it is less wrong, by the mean of what is missing of an IoU of 1 and of the error of the
            microstructure, each as a share of the other's; with its standard error.

    Standard errors are the jackknife's, which leaves out each square in turn, of both alike; None for a single square.
    """

    iou: float
    iou_error: float | None
    fall: float
    fall_error: float | None


def read_scores(model: Checkpoint, held_out: AnnotatedSlices, device: str = "cpu") -> list[HeldOutScores]:
    """The scores of a model on slices of which some is held out; of many or large slices some are looked at, evenly
    spread."""
    segmenter, planes = segmenter_of(model, device=device), planes_of(model.card.architecture)
    largest = max(item.codes.size for item in held_out.slices) * 3
    most = max(1, _MOST_PIXELS // largest)
    found = []
    for whole in held_out.slices[:: -(-len(held_out.slices) // most)]:
        beside = int(_has_neighbours(whole, planes))
        item = whole.with_planes(planes + 2 * beside)
        volume, middle = item.as_volume(held_out.voxel_size), len(item.seen) // 2
        core = Box((middle - beside, 0, 0), (middle + beside + 1, *item.codes.shape))
        scores = segmenter.fit_to(volume).scores(volume.read_channels(), Block(0, core, item.block.read))
        found.append(HeldOutScores(scores, item.codes, (item.image, item.source)))
    return found


def _has_neighbours(item: AnnotatedSlice, planes: int) -> bool:
    """Whether all is there that a network of so many planes reads for the slices beside one; beyond the ends of a stack
    slices are repeated."""
    middle = len(item.seen) // 2
    if len(item.seen) < planes + 2:
        return False
    return not any(np.array_equal(item.seen[middle], item.seen[middle + step]) for step in (-1, 1))


def judge(
    seen: Sequence[HeldOutScores], decision: LearnedDecision, positive: int, voxel_size: VoxelSize | None = None
) -> Judged:
    """The squares that are held out, by a decision on scores."""
    confusions: dict[tuple[str, str, int], Any] = {}
    counts: dict[tuple[str, str, int], tuple[PlaneCounts, PlaneCounts]] = {}
    for one in seen:
        decided, phases = decision.codes_of_middle(one.scores, positive), len(one.scores)
        for number, place in _squares(one.codes):
            true, predicted = one.codes[place], decided[place]
            known = true != NOT_ANNOTATED
            rows = true[known].astype(np.int64) * phases + predicted[known]
            confusion = np.bincount(rows, minlength=phases**2).reshape(phases, phases)
            pair = count_plane(np.where(known, predicted, true), positive), count_plane(true, positive)
            key = (*one.file, number)
            confusions[key] = confusions.get(key, 0) + confusion
            counts[key] = pair if key not in counts else (counts[key][0] + pair[0], counts[key][1] + pair[1])
    keys = sorted(confusions)
    predicted_counts, true_counts = ([counts[key][side] for key in keys] for side in (0, 1))
    return Judged(
        np.stack([confusions[key] for key in keys]),
        tuple(predicted_counts),
        tuple(true_counts),
        voxel_size or _SOME_SIZE,
    )


def _squares(codes: NDArray[np.uint8]) -> Iterator[tuple[int, tuple[slice, slice]]]:
    """The squares in which something is held out: number and place."""
    numbers = number_squares(codes.shape)
    for number in np.unique(numbers[codes != NOT_ANNOTATED]).tolist():
        rows, columns = (np.flatnonzero((numbers == number).any(axis=axis)) for axis in (1, 0))
        yield number, (slice(rows[0], rows[-1] + 1), slice(columns[0], columns[-1] + 1))


def compare_by_square(before: Judged, after: Judged, positive: int) -> Gain:
    """The gain from one judged decision to another on the same squares.

    Example:
        >>> before = Judged(np.array([[[8, 2], [0, 10]], [[6, 4], [0, 10]]]))
        >>> after = Judged(np.array([[[9, 1], [0, 10]], [[8, 2], [0, 10]]]))
        >>> gain = compare_by_square(before, after, 1)
        >>> [round(value, 3) for value in (gain.iou, gain.iou_error, gain.fall, gain.fall_error)]
        [0.1, 0.022, 0.433, 0.018]
    """
    old, new = (_wrong(judged.confusions.sum(axis=0), positive) for judged in (before, after))
    falls = [_fall(old, new)]
    if before.true:
        falls.append(_fall(before.structure or 0.0, after.structure or 0.0))
    gain, fall = float(old - new), float(np.mean(falls))
    if len(before.confusions) < 2:
        return Gain(gain, None, fall, None)
    olds, news = (_wrong(one.confusions.sum(axis=0) - one.confusions, positive) for one in (before, after))
    each = [_fall(olds, news)]
    if before.true:
        each.append(_fall(before.structure_without(), after.structure_without()))
    return Gain(gain, _jackknife(olds - news), fall, _jackknife(np.mean(each, axis=0)))


def _wrong(confusions: NDArray[np.int64], positive: int) -> Any:
    return 1 - headline_iou(confusions, positive)


def _fall(old: Any, new: Any) -> Any:
    return 1 - (new + _LEAST_WRONG) / (old + _LEAST_WRONG)


def _jackknife(without: NDArray[np.float64]) -> float | None:
    """The standard error from values with each square left out."""
    known = without[~np.isnan(without)]
    return float(np.sqrt((len(without) - 1) * np.var(known))) if known.size > 1 else None


def _sums_without(counts: Sequence[PlaneCounts]) -> list[PlaneCounts]:
    """The sum of all but each in turn; at least two."""
    before = list(accumulate(counts, _add))
    after = list(accumulate(reversed(counts), _add))[::-1]
    middle = [before[place - 1] + after[place + 1] for place in range(1, len(counts) - 1)]
    return [after[1], *middle, before[-2]]


_add: Callable[[PlaneCounts, PlaneCounts], PlaneCounts] = add
