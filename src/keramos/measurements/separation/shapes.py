"""Sums over the voxels of every object, added up block by block: volumes, moments, extents, surfaces and contacts."""

from __future__ import annotations

from dataclasses import dataclass
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
Places = NDArray[np.int64]


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
        self._pairs: list[NDArray[np.integer]] = []

    @property
    def pairs(self) -> Ids:
        found = np.concatenate([np.zeros((0, 2), np.uint32), *self._pairs]).astype(np.int64)
        return _find_pairs(*found.T).astype(np.uint32)

    def sum_block(
        self, ids: Ids, codes: NDArray[np.uint8], read: Box, core: Box
    ) -> tuple[NDArray[np.int64], ObjectSums]:
        """The objects in the core of a block, in ascending order from 0, and the sums over their voxels in it, in that
        order; `ids` and `codes` are those of the box `read`. Nothing of this one is changed: threads may do it at the
        same time."""
        inside = core.relative_to(read).slices
        used, local = _renumber(ids, len(self.voxels))
        part = ObjectSums(len(used) - 1, self.voxel_size)
        if len(used) > 1:
            part._add_runs(find_runs(local[inside]), core)
            part._add_surface(local, codes, inside)
            if (codes == NOT_ANNOTATED).any():
                part._mark_open(local, codes, inside)
        return used, part

    def merge(self, used: NDArray[np.int64], part: ObjectSums) -> None:
        """Add the sums of a block over the objects `used`."""
        for sums, more in ((self.voxels, part.voxels), (self.first, part.first), (self.second, part.second)):
            sums[used] += more
        self.surface[used] += part.surface
        self.is_open[used] |= part.is_open
        self.low[used], self.high[used] = np.minimum(self.low[used], part.low), np.maximum(self.high[used], part.high)
        self.least[:, used] = np.minimum(self.least[:, used], part.least)
        self.most[:, used] = np.maximum(self.most[:, used], part.most)
        self._pairs += [used[pairs].astype(np.uint32) for pairs in part._pairs]

    def _add_runs(self, runs: Runs, core: Box) -> None:
        """Volumes, moments and extents, from runs of voxels along X: their ends lie as far out as any voxel of them."""
        rows = len(self.voxels)
        if not len(runs.objects):  # objects that only lie around the core
            return
        z, y, first, last = (
            places + start for places, start in zip(runs.places, (*core.start, core.start[2]), strict=True)
        )
        along = ((first + last) * runs.lengths // 2).astype(float)  # a sum of whole numbers
        count, z_sum, y_sum = (weight.astype(float) for weight in (runs.lengths, z * runs.lengths, y * runs.lengths))
        squares = (_sum_squares(last) - _sum_squares(first - 1)).astype(float)
        products = (z * z_sum, y * y_sum, squares, z * y_sum, z * along, y * along)
        for sums, weights in (
            (self.first, (z_sum, y_sum, along)),
            (self.second, products),
        ):
            for number, weight in enumerate(weights):
                sums[:, number] += np.bincount(runs.objects, weight, rows)
        self.voxels += np.bincount(runs.objects, count, rows).astype(np.int64)
        order = np.argsort(runs.objects, kind="stable")
        objects = runs.objects[order].astype(np.int64)
        starts = np.flatnonzero(np.concatenate([[True], objects[1:] != objects[:-1]]))
        self._add_extents(objects[starts], starts, (z[order], y[order]), (first[order], last[order]))

    def _add_extents(
        self, objects: Places, starts: Places, lines: tuple[Places, Places], ends: tuple[Places, Places]
    ) -> None:
        """The extents of runs that are sorted by their objects, which begin at `starts`."""
        for axis, (low, high) in enumerate(((lines[0],) * 2, (lines[1],) * 2, ends)):
            self.low[objects, axis] = np.minimum.reduceat(low, starts)
            self.high[objects, axis] = np.maximum.reduceat(high, starts)
        edges = self.voxel_size.zyx
        z, y, first, last = (
            (places * edge).astype(np.float32) for places, edge in zip((*lines, *ends), (*edges, edges[2]), strict=True)
        )
        for number, direction in enumerate(self.directions.astype(np.float32)):
            across = z * direction[0] + y * direction[1]
            behind, ahead = (first, last) if direction[2] >= 0 else (last, first)
            self.least[number, objects] = np.minimum.reduceat(across + behind * direction[2], starts)
            self.most[number, objects] = np.maximum.reduceat(across + ahead * direction[2], starts)

    def _add_surface(self, local: NDArray[np.integer], codes: NDArray[np.uint8], inside: tuple[slice, ...]) -> None:
        """Crossings from an object to anything else that is annotated, weighted; 2 S(1) - S(2) of the pairs one and two
        voxels apart, where the latter stand for half as much each. And the pairs of objects that share a face."""
        known = None if not (codes == NOT_ANNOTATED).any() else codes != NOT_ANNOTATED
        weights = crossing_weights(self.voxel_size) * self.voxel_size.volume_nm3
        rows = len(self.voxels)
        for step, weight in zip(DIRECTIONS, weights, strict=True):
            for apart, share in ((1, 2 * weight), (2, -weight / 2)):
                far = (step[0] * apart, step[1] * apart, step[2] * apart)
                one, other = _values(local, inside, far)
                crossed = one != other
                if known is not None:
                    first, second = _values(known, inside, far)
                    crossed &= first & second
                from_one, to_other = one[crossed], other[crossed]
                both = np.bincount(from_one, minlength=rows) + np.bincount(to_other, minlength=rows)
                self.surface += share * both
                if apart == 1 and step in _FACES:
                    self._pairs.append(_find_pairs(from_one, to_other))

    def _mark_open(self, ids: NDArray[np.integer], codes: NDArray[np.uint8], inside: tuple[slice, ...]) -> None:
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


@dataclass(frozen=True, eq=False)
class Runs:
    """Runs of voxels of one object along X: their `objects`, the voxels in each (`lengths`), and their `places`: Z, Y,
    and X of the first and the last voxel."""

    objects: NDArray[np.integer]
    lengths: Places
    places: tuple[Places, Places, Places, Places]


def find_runs(objects: NDArray[np.integer]) -> Runs:
    """The runs of an array (Z Y X) of objects' numbers; 0 stands for none.

    Example:
        >>> runs = find_runs(np.array([[[0, 2, 2], [3, 3, 2]]]))
        >>> runs.objects.tolist(), runs.lengths.tolist(), [places.tolist() for places in runs.places[1:]]
        ([2, 3, 2], [2, 2, 1], [[0, 1, 1], [1, 0, 2], [2, 1, 2]])
    """
    flat, width = objects.ravel(), objects.shape[2]
    changes = flat[1:] != flat[:-1]
    changes[width - 1 :: width] = True
    ends = np.append(np.flatnonzero(changes), flat.size - 1)
    starts = np.concatenate([[0], ends[:-1] + 1])
    used = flat[starts] > 0
    starts, ends = starts[used], ends[used]
    line, first = np.divmod(starts, width)
    z, y = np.divmod(line, objects.shape[1])
    return Runs(flat[starts], ends - starts + 1, (z, y, first, first + ends - starts))


def _sum_squares(last: Places) -> Places:
    """The sum of the squares from 1 to each number."""
    return last * (last + 1) * (2 * last + 1) // 6


def _find_pairs(one: NDArray[np.integer], other: NDArray[np.integer]) -> Places:
    """The different pairs (N, 2) of two objects, the smaller number first; 0 stands for none."""
    touch = (one > 0) & (other > 0)
    first, second = (side[touch].astype(np.int64) for side in (one, other))
    keys = np.unique(np.minimum(first, second) << 32 | np.maximum(first, second))
    return np.stack([keys >> 32, keys & 0xFFFFFFFF], axis=1)
