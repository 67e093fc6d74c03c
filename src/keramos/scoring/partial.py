"""Counts of a part of a volume: integers whose sums over parts are the counts of the whole."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, triple
from keramos.core.errors import SettingsError
from keramos.scoring.settings import ScoreSettings

Counts = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Partial:
    """Counts of a part. Confusions have the truth along rows and the prediction along columns.

    Attributes:
        cells: the box of cells (in cells, not voxels) that the two arrays of cells cover.
        confusion: (z, y, x, K, K) in each cell, annotated voxels only.
        confusion_off_boundary: the same without the band around the true boundary.
        slice_confusion: (slices, K, K) in each slice of the whole volume, annotated voxels only.
        slice_predicted: (slices, K) voxels of each predicted phase, annotated in the truth or not.
        neighbours: (2, 2), rows along y and x: pairs of annotated neighbours, and those of different phases.
    """

    cells: Box
    confusion: Counts
    confusion_off_boundary: Counts
    slice_confusion: Counts
    slice_predicted: Counts
    neighbours: Counts

    def __add__(self, other: Partial) -> Partial:
        return merge(self, other)


def empty_partial(settings: ScoreSettings) -> Partial:
    """Counts without any voxel."""
    k, slices = settings.classes, settings.shape[0]
    none = np.zeros((0, 0, 0, k, k), np.int64)
    return Partial(
        cells=Box((0, 0, 0), (0, 0, 0)),
        confusion=none,
        confusion_off_boundary=none,
        slice_confusion=np.zeros((slices, k, k), np.int64),
        slice_predicted=np.zeros((slices, k), np.int64),
        neighbours=np.zeros((2, 2), np.int64),
    )


def merge(a: Partial, b: Partial) -> Partial:
    """Counts of two parts that share no voxels; associative and commutative.

    Raises:
        SettingsError: the parts have different numbers of phases or slices.
    """
    if a.slice_confusion.shape != b.slice_confusion.shape:
        raise SettingsError(
            "expected two parts of the same measurement (slices, phases, phases), "
            f"found {a.slice_confusion.shape} and {b.slice_confusion.shape}"
        )
    cells = _around(a.cells, b.cells)
    return Partial(
        cells=cells,
        confusion=_place(a.confusion, a.cells, cells) + _place(b.confusion, b.cells, cells),
        confusion_off_boundary=(
            _place(a.confusion_off_boundary, a.cells, cells) + _place(b.confusion_off_boundary, b.cells, cells)
        ),
        slice_confusion=a.slice_confusion + b.slice_confusion,
        slice_predicted=a.slice_predicted + b.slice_predicted,
        neighbours=a.neighbours + b.neighbours,
    )


def _around(a: Box, b: Box) -> Box:
    """The smallest box of cells that contains both."""
    if a.voxels == 0 or b.voxels == 0:
        return a if b.voxels == 0 else b
    start = triple([min(p, q) for p, q in zip(a.start, b.start, strict=True)])
    return Box(start, triple([max(p, q) for p, q in zip(a.stop, b.stop, strict=True)]))


def _place(counts: Counts, cells: Box, target: Box) -> Counts:
    """The counts of `cells` in an array that covers the cells of `target`, with zeros elsewhere."""
    if cells == target or cells.voxels == 0:
        # The zero broadcasts: an empty part adds nothing anywhere.
        return counts if cells == target else np.zeros((), np.int64)
    out = np.zeros((*target.shape, *counts.shape[3:]), np.int64)
    out[cells.relative_to(target).slices] = counts
    return out
