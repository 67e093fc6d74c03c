"""Differences of two segmentations of one stack: how many voxels, and the places, the largest first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects, label

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Phase, PhaseTable, Triple, triple
from keramos.core.errors import LabelError, ShapeError
from keramos.core.progress import Progress

Codes = NDArray[np.uint8]
COLOURS = ("#0072b2", "#f0e442", "#cc79a7", "#009e73", "#d55e00", "#56b4e9")
"""Blue and yellow first, which colour-blind readers tell apart best (Okabe and Ito 2008)."""


@dataclass(frozen=True, slots=True)
class DifferingPlace:
    """Voxels that hang together and differ: their box, one of them near their middle (Z Y X), and the phases there."""

    voxels: int
    box: Box
    centre: Triple
    first: str
    second: str

    def to_json(self) -> dict[str, Any]:
        """JSON values; the box as its first voxel and the one behind its last."""
        box = [list(self.box.start), list(self.box.stop)]
        return {
            "voxels": self.voxels,
            "box": box,
            "centre": list(self.centre),
            "first": self.first,
            "second": self.second,
        }


@dataclass(frozen=True)
class Differences:
    """Voxels that both label, those of them that differ, how many places they make, and the largest of these."""

    compared: int
    differing: int
    count: int
    places: tuple[DifferingPlace, ...]

    def to_json(self) -> dict[str, Any]:
        """JSON values by the names of the attributes."""
        places = [place.to_json() for place in self.places]
        return {"compared": self.compared, "differing": self.differing, "count": self.count, "places": places}


def match_codes(first: PhaseTable, second: PhaseTable) -> Codes:
    """The codes of the first table by those of the second (256 of them, 255 for what is no phase): by the names of the
    phases where these are the same, else in their order. LabelError for tables of other lengths."""
    if len(first) != len(second):
        raise LabelError(
            f"the phases {', '.join(first.names)} cannot be compared with {', '.join(second.names)}; choose two "
            "segmentations of as many phases"
        )
    table = np.full(256, NOT_ANNOTATED, np.uint8)
    same = set(first.names) == set(second.names)
    table[: len(second)] = [first.code(name) if same else code for code, name in enumerate(second.names)]
    return table


def mark_differences(first: Codes, second: Codes, phases: int) -> Codes:
    """The second codes where both are phases and they differ, 255 elsewhere.

    Example:
        >>> mark_differences(np.array([0, 1, 1, 255], np.uint8), np.array([0, 0, 1, 1], np.uint8), 2).tolist()
        [255, 0, 255, 255]
    """
    differ = (first < phases) & (second < phases) & (first != second)
    return np.where(differ, second, np.uint8(NOT_ANNOTATED))


def name_differences(phases: PhaseTable) -> PhaseTable:
    """The phases of differences, by the codes of the second labels, in colours of their own.

    Example:
        >>> name_differences(PhaseTable.from_names(["void", "solid"])).names
        ('void instead of solid', 'solid instead of void')
    """
    names = phases.names
    told = [
        f"{name} instead of {names[1 - code]}" if len(names) == 2 else f"{name} instead"
        for code, name in enumerate(names)
    ]
    return PhaseTable(tuple(Phase(name, COLOURS[i % len(COLOURS)]) for i, name in enumerate(told)), phases.positive)


def find_differences(
    first: LabelVolume, second: LabelVolume, *, most: int = 300, progress: Progress | None = None
) -> Differences:
    """Compare two label volumes slice by slice; voxels that touch by a face belong to one place.

    Args:
        first, second: labels of the same voxels.
        most: places that are listed.
        progress: receives the slices that are done.

    Raises:
        ShapeError: they have other shapes. LabelError: other numbers of phases.

    Example:
        >>> one, other = np.zeros((2, 4, 4), np.uint8), np.zeros((2, 4, 4), np.uint8)
        >>> other[:, 1, 1], other[0, 3, 3] = 1, 1
        >>> table = PhaseTable.from_names(["void", "solid"])
        >>> told = find_differences(LabelVolume.from_array(one, table), LabelVolume.from_array(other, table))
        >>> told.differing, told.count, told.places[0].voxels, told.places[0].second
        (3, 2, 2, 'solid')
    """
    if first.shape != second.shape:
        raise ShapeError(f"labels of {first.shape} voxels cannot be compared with labels of {second.shape}")
    table, pieces, compared = match_codes(first.phases, second.phases), _Pieces(), 0
    depth = first.shape[0]
    for z in range(depth):
        one, other = _read_slice(first, z), table[_read_slice(second, z)]
        compared += int(((one < len(first.phases)) & (other < len(first.phases))).sum())
        pieces.add(z, mark_differences(one, other, len(first.phases)), one)
        if progress is not None:
            progress(z + 1, depth)
    return Differences(compared, pieces.voxels, *pieces.join(first.phases.names, most))


def _read_slice(labels: LabelVolume, z: int) -> Codes:
    return np.asarray(labels.read(Box((z, 0, 0), (z + 1, *labels.shape[1:])))[0], np.uint8)


@dataclass
class _Pieces:
    """Pieces of differing voxels in single slices, and which of them touch from slice to slice."""

    voxels: int = 0
    _count: int = 0
    _rows: list[NDArray[np.int64]] = field(default_factory=list)
    """By piece: voxels, z, its first row and column, those behind its last, a voxel's row and column, both codes."""
    _edges: list[NDArray[np.int64]] = field(default_factory=list)
    _before: NDArray[np.int64] | None = None

    def add(self, z: int, marked: Codes, first: Codes) -> None:
        """Take in the marked differences of a slice."""
        labels, count = label(marked != NOT_ANNOTATED)
        if not count:
            self._before = None
            return
        sizes = np.bincount(labels.ravel())[1:]
        inside = np.argsort(labels, axis=None, kind="stable")[-int(sizes.sum()) :]
        middles = inside[np.cumsum(sizes) - sizes + sizes // 2]
        ends = [(a.start, b.start, a.stop, b.stop) for a, b in find_objects(labels)]
        codes = (first.ravel()[middles], marked.ravel()[middles])
        places = np.column_stack([sizes, np.full(count, z), ends, *np.divmod(middles, labels.shape[1]), *codes])
        numbers = np.where(labels, labels.astype(np.int64) + self._count, 0)
        if self._before is not None:
            both = (numbers > 0) & (self._before > 0)
            self._edges.append(np.unique(np.column_stack([self._before[both], numbers[both]]), axis=0) - 1)
        self._rows.append(places.astype(np.int64))
        self.voxels, self._count, self._before = self.voxels + int(sizes.sum()), self._count + count, numbers

    def join(self, names: tuple[str, ...], most: int) -> tuple[int, tuple[DifferingPlace, ...]]:
        """The number of places that the pieces make, and the largest of them."""
        from scipy.sparse import coo_matrix
        from scipy.sparse.csgraph import connected_components

        if not self._count:
            return 0, ()
        rows, edges = np.concatenate(self._rows), np.concatenate([np.empty((0, 2), np.int64), *self._edges])
        graph = coo_matrix((np.ones(len(edges), np.int8), (edges[:, 0], edges[:, 1])), (self._count, self._count))
        count, place = connected_components(graph, directed=False)
        sizes = np.bincount(place, rows[:, 0])
        largest = np.lexsort((np.arange(count), -sizes))[:most]
        by_place = np.argsort(place, kind="stable")
        starts = np.searchsorted(place[by_place], largest)
        stops = np.searchsorted(place[by_place], largest, side="right")
        return int(count), tuple(_describe(rows[by_place[a:b]], names) for a, b in zip(starts, stops, strict=True))


def _describe(pieces: NDArray[np.int64], names: tuple[str, ...]) -> DifferingPlace:
    """The place that pieces make; shown at the largest of them."""
    shown = pieces[int(np.argmax(pieces[:, 0]))]
    start = (pieces[:, 1].min(), *pieces[:, 2:4].min(axis=0))
    stop = (pieces[:, 1].max() + 1, *pieces[:, 4:6].max(axis=0))
    box = Box(triple([int(v) for v in start]), triple([int(v) for v in stop]))
    centre = triple([int(shown[1]), int(shown[6]), int(shown[7])])
    return DifferingPlace(int(pieces[:, 0].sum()), box, centre, names[int(shown[8])], names[int(shown[9])])
