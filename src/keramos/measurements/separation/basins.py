"""Basins of the ascent in all blocks, their passes, and which of them are one object.

heights and basins of each block -> ascents that leave a block are joined to the basin they enter -> the highest pass
between any two basins -> basins are joined over the highest passes first, as long as the lower of two peaks rises above
the pass by less than the neck depth (its dynamics: Grimaud, Proc. SPIE 1769, 292, 1992)

What is left are the regions of a watershed that is flooded from the h-maxima of the distance.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Ids = NDArray[np.uint32]
Places = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Ends:
    """The ends of ascents by their number: flat `place` in the volume, and the `height` of the peak there; -1 where the
    ascent left its block."""

    place: Places
    height: NDArray[np.int32]


@dataclass(frozen=True, eq=False)
class Passes:
    """The highest pass between basins: `first` and `second` by number, the first the lower, and its `height`."""

    first: Ids
    second: Ids
    height: NDArray[np.uint16]

    @classmethod
    def join(cls, several: Sequence[Passes]) -> Passes:
        """The highest passes of all."""
        first, second = (np.concatenate([getattr(one, name) for one in several]) for name in ("first", "second"))
        return cls.highest(first, second, np.concatenate([one.height for one in several]))

    @classmethod
    def highest(cls, one: Ids, other: Ids, height: NDArray[np.uint16]) -> Passes:
        """The highest of all passes between the same basins; those within one basin are left out."""
        keys = (np.minimum(one, other).astype(np.uint64) << np.uint64(32)) | np.maximum(one, other).astype(np.uint64)
        apart = one != other
        keys, height = keys[apart], height[apart]
        order = np.argsort(keys, kind="stable")
        keys, height = keys[order], height[order]
        starts = np.flatnonzero(np.concatenate([np.ones(min(1, len(keys)), bool), keys[1:] != keys[:-1]]))
        if not len(starts):
            return cls(np.zeros(0, np.uint32), np.zeros(0, np.uint32), np.zeros(0, np.uint16))
        keys, height = keys[starts], np.maximum.reduceat(height, starts)
        return cls((keys >> np.uint64(32)).astype(np.uint32), keys.astype(np.uint32), height)


def find_passes(ids: Ids, heights: NDArray[np.uint16], core: tuple[slice, ...]) -> Passes:
    """The highest passes between voxels of a core and their later neighbours; both arrays reach one voxel beyond the
    core where the volume does. A pass is as high as the lower of its two voxels."""
    found = []
    for step in ((z, y, x) for z in (0, 1) for y in (-1, 0, 1) for x in (-1, 0, 1) if (z, y, x) > (0, 0, 0)):
        here, there = _pairs(core, step, ids.shape)
        one, other = ids[here], ids[there]
        apart = (one != other) & (one > 0) & (other > 0)
        lower = np.minimum(heights[here][apart], heights[there][apart])
        found.append(Passes.highest(one[apart], other[apart], lower))
    return Passes.join(found)


def _pairs(
    core: tuple[slice, ...], step: tuple[int, int, int], shape: tuple[int, ...]
) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """The voxels of a core that have a neighbour a step away in the array, and these neighbours."""
    here, there = [], []
    for part, n, size in zip(core, step, shape, strict=True):
        start, stop = max(part.start, -n), min(part.stop, size - n)
        here.append(slice(start, stop))
        there.append(slice(start + n, stop + n))
    return tuple(here), tuple(there)


def follow_links(links: Ids) -> Ids:
    """The number that each leads to in the end; one that leads to itself stays."""
    while True:
        further = links[links]
        if np.array_equal(further, links):
            return links
        links = further


def merge_basins(ends: Ends, passes: Passes, depth: float) -> Ids:
    """The object of each end of an ascent, numbered from 1 in the order of their peaks' places; 0 stays 0.

    Args:
        ends: of all ascents, the first (number 0) that of no object; those that left a block need no height.
        passes: between basins of peaks.
        depth: the lower of two peaks must rise above their highest pass by so much to be an object of its own.
    """
    parent = list(range(len(ends.place)))

    def root(number: int) -> int:
        while parent[number] != number:
            parent[number] = parent[parent[number]]
            number = parent[number]
        return number

    places, heights = ends.place.tolist(), ends.height.tolist()
    edges = np.stack([ends.place[passes.first], ends.place[passes.second]])
    order = np.lexsort((edges.max(axis=0), edges.min(axis=0), -passes.height.astype(np.int64)))
    rows = zip(passes.first[order].tolist(), passes.second[order].tolist(), passes.height[order].tolist(), strict=True)
    for one, other, height in rows:
        low, high = root(one), root(other)
        if low == high:
            continue
        if (heights[low], -places[low]) > (heights[high], -places[high]):
            low, high = high, low
        if heights[low] - height < depth:
            parent[low] = high
    roots = np.array([root(number) for number in range(len(parent))], np.int64)
    kept = np.flatnonzero((roots == np.arange(len(roots))) & (ends.height > 0))
    table = np.zeros(len(roots), np.uint32)
    table[kept[np.argsort(ends.place[kept])]] = np.arange(1, len(kept) + 1)
    return table[roots]
