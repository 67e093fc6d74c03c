"""Sums over the voxels of every object, added up block by block: volumes, moments, extents, surfaces and contacts."""

from __future__ import annotations

from itertools import product
from math import gcd

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Triple, VoxelSize
from keramos.measurements.counting.directions import DIRECTIONS
from keramos.measurements.counting.extrapolation import crossing_weights

PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))
"""The axes of the second moments."""
HALO = (2, 2, 2)
"""Voxels around a block that are read."""
_FACES = ((1, 0, 0), (0, 1, 0), (0, 0, 1))
_FAR = np.int32(2**30)
Ids = NDArray[np.uint32]
Sums = NDArray[np.float64]


def feret_directions() -> NDArray[np.float64]:
    """49 unit vectors (Z Y X) all over the half-sphere, at most 15 degrees from any direction: the same seen along each
    axis and in each mirror."""
    whole = [step for step in product(range(-2, 3), repeat=3) if step > (0, 0, 0) and gcd(*step) == 1]
    lines = np.array(whole, float)
    return np.asarray(lines / np.linalg.norm(lines, axis=1, keepdims=True))


class ObjectSums:
    """Sums of objects 1 to `count`; row 0 stands for all else.

    Attributes:
        voxels: of each object.
        first, second: sums of the voxels' places and of products of two of them (`PAIRS`), counted in voxels.
        low, high: the first and the last place along each axis.
        surface: in nm2, Crofton's formula over 13 directions, extrapolated from pairs of voxels one and two apart.
        least, most: the extent of the voxels' centres along `feret_directions` in nm.
        is_open: whether a voxel that nobody annotated lies beside it.
        pairs: two objects each (N, 2) that share faces of voxels.
    """

    def __init__(self, count: int, voxel_size: VoxelSize) -> None:
        rows = count + 1
        self.voxel_size = voxel_size
        self.voxels = np.zeros(rows, np.int64)
        self.first, self.second = np.zeros((rows, 3)), np.zeros((rows, len(PAIRS)))
        self.low, self.high = np.full((rows, 3), _FAR), np.full((rows, 3), -_FAR)
        self.surface, self.is_open = np.zeros(rows), np.zeros(rows, bool)
        self.directions = feret_directions()
        self.least = np.full((len(self.directions), rows), np.inf, np.float32)
        self.most = np.full((len(self.directions), rows), -np.inf, np.float32)
        self._pairs = [np.zeros((0, 2), np.uint32)]

    @property
    def pairs(self) -> Ids:
        return np.unique(np.concatenate(self._pairs), axis=0)

    def add(self, ids: Ids, codes: NDArray[np.uint8], read: Box, core: Box) -> None:
        """Add the core of a block, of which `ids` and `codes` of the box `read` are given."""
        inside = core.relative_to(read).slices
        used, local = _renumber(ids, len(self.voxels))
        if not used.any():
            return
        here = local[inside]
        self._add_moments(used, here, core)
        self._add_extents(used, _edge_voxels(ids, inside, here), core)
        self._add_surface(used, local, codes, inside)
        for step in _FACES:
            one, other = _values(ids, inside, step)
            touch = (one != other) & (one > 0) & (other > 0)
            both = np.stack([np.minimum(one[touch], other[touch]), np.maximum(one[touch], other[touch])], axis=1)
            self._pairs.append(np.unique(both, axis=0))
        if (codes == NOT_ANNOTATED).any():
            self._mark_open(ids, codes, inside)

    def _add_moments(self, used: NDArray[np.int64], here: NDArray[np.integer], core: Box) -> None:
        flat, rows = here.ravel(), len(used)
        self.voxels[used] += np.bincount(flat, minlength=rows)
        lines = [np.arange(a, b, dtype=float) for a, b in zip(core.start, core.stop, strict=True)]
        places = [np.broadcast_to(line, here.shape).ravel() for line in np.ix_(*lines)]
        for axis, place in enumerate(places):
            self.first[used, axis] += np.bincount(flat, weights=place, minlength=rows)
        for number, (one, other) in enumerate(PAIRS):
            self.second[used, number] += np.bincount(flat, weights=places[one] * places[other], minlength=rows)

    def _add_extents(
        self, used: NDArray[np.int64], edge: tuple[NDArray[np.integer], NDArray[np.int64]], core: Box
    ) -> None:
        """The extents of the voxels at objects' edges: their local numbers in ascending order, and their places."""
        numbers, places = edge
        if not len(numbers):
            return
        starts = np.flatnonzero(np.concatenate([[True], numbers[1:] != numbers[:-1]]))
        rows, places = used[numbers[starts]], places + core.start
        for axis in range(3):
            line = places[:, axis].astype(np.int32)
            self.low[rows, axis] = np.minimum(self.low[rows, axis], np.minimum.reduceat(line, starts))
            self.high[rows, axis] = np.maximum(self.high[rows, axis], np.maximum.reduceat(line, starts))
        metres = places * self.voxel_size.zyx
        for number, direction in enumerate(self.directions):
            along = (metres @ direction).astype(np.float32)
            self.least[number, rows] = np.minimum(self.least[number, rows], np.minimum.reduceat(along, starts))
            self.most[number, rows] = np.maximum(self.most[number, rows], np.maximum.reduceat(along, starts))

    def _add_surface(
        self, used: NDArray[np.int64], local: NDArray[np.integer], codes: NDArray[np.uint8], inside: tuple[slice, ...]
    ) -> None:
        """Crossings from an object to anything else that is annotated, weighted; 2 S(1) - S(2) of the pairs one and two
        voxels apart, where the latter stand for half as much each."""
        known = None if not (codes == NOT_ANNOTATED).any() else codes != NOT_ANNOTATED
        weights = crossing_weights(self.voxel_size) * self.voxel_size.volume_nm3
        for step, weight in zip(DIRECTIONS, weights, strict=True):
            for apart, share in ((1, 2 * weight), (2, -weight / 2)):
                far = (step[0] * apart, step[1] * apart, step[2] * apart)
                one, other = _values(local, inside, far)
                crossed = one != other
                if known is not None:
                    first, second = _values(known, inside, far)
                    crossed &= first & second
                both = np.bincount(one[crossed], minlength=len(used)) + np.bincount(other[crossed], minlength=len(used))
                self.surface[used] += share * both

    def _mark_open(self, ids: Ids, codes: NDArray[np.uint8], inside: tuple[slice, ...]) -> None:
        unknown = codes == NOT_ANNOTATED
        for step in _FACES:
            one, other = _values(ids, inside, step)
            first, second = _values(unknown, inside, step)
            self.is_open[one[second]] = True
            self.is_open[other[first]] = True


def _renumber(ids: Ids, rows: int) -> tuple[NDArray[np.int64], NDArray[np.integer]]:
    """The objects in a block in ascending order, 0 among them, and the voxels' numbers in that order."""
    present = np.zeros(rows, bool)
    present[0] = True
    present[ids] = True
    used = np.flatnonzero(present)
    kind: type[np.integer] = np.uint16 if len(used) < 2**16 else np.int64
    table = np.zeros(rows, kind)
    table[used] = np.arange(len(used))
    return used, table[ids]


def _values(array: NDArray[np.generic], inside: tuple[slice, ...], step: Triple) -> tuple[NDArray, NDArray]:  # type: ignore[type-arg]
    """The values of the voxels of the core that have one a step away, and of these."""
    here, there = [], []
    for part, n, size in zip(inside, step, array.shape, strict=True):
        start, stop = max(part.start, -n), min(part.stop, size - n)
        here.append(slice(start, max(start, stop)))
        there.append(slice(start + n, max(start, stop) + n))
    return array[tuple(here)], array[tuple(there)]


def _edge_voxels(
    ids: Ids, inside: tuple[slice, ...], here: NDArray[np.integer]
) -> tuple[NDArray[np.integer], NDArray[np.int64]]:
    """The local numbers, in ascending order, and the places in the core of the voxels of objects that lie at their
    edges: whose neighbour through a face is another, or nothing."""
    edge = np.zeros(here.shape, bool)
    core = ids[inside]
    for axis in range(3):
        for way in (-1, 1):
            at = list(inside)
            at[axis] = slice(inside[axis].start + way, inside[axis].stop + way)
            if at[axis].start < 0 or at[axis].stop > ids.shape[axis]:
                ends = np.moveaxis(edge, axis, 0)
                ends[0 if way < 0 else -1] = True
                kept = slice(1, None) if way < 0 else slice(None, -1)
                beside = slice(None, -1) if way < 0 else slice(1, None)
                lines = np.moveaxis(core, axis, 0)
                ends[kept] |= lines[kept] != lines[beside]
            else:
                edge |= core != ids[tuple(at)]
    edge &= here > 0
    places = np.argwhere(edge)
    numbers = here[edge]
    order = np.argsort(numbers, kind="stable")
    return numbers[order], places[order]
