"""The windows into which a volume is divided, so that the spread between them tells how sure a mean is.

They do not depend on the blocks in which the volume is read: sums over windows merge by adding. Nor do they depend on
which end of an axis comes first: the mirror image of a volume has the mirror image of its windows.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import pairwise, product

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Triple, VoxelSize, triple

_MAX_ALONG_AXIS = 16
_MIN_EDGE = 6


@dataclass(frozen=True)
class Windows:
    """Windows over a volume of `shape`, at most as many along Z Y X as `counts` says, of nearly equal size."""

    shape: Triple
    counts: Triple

    @classmethod
    def over(cls, shape: Triple, voxel_size: VoxelSize) -> Windows:
        """At most 16 along each axis, about 6 voxels wide or more, about as long in nm along every axis. An axis of a
        single voxel says nothing: its voxel's edge changes no window."""
        edges = [d if n > 1 else 0.0 for n, d in zip(shape, voxel_size.zyx, strict=True)]
        longest = max(n * d for n, d in zip(shape, edges, strict=True))
        aim = max(longest / _MAX_ALONG_AXIS, _MIN_EDGE * max(edges)) or 1.0
        return cls(shape, triple([max(1, round(n * d / aim)) for n, d in zip(shape, edges, strict=True)]))

    @cached_property
    def cuts(self) -> tuple[list[int], list[int], list[int]]:
        """The first voxels of the windows along Z Y X, and last the end of the volume."""
        z, y, x = (divide_evenly(n, count) for n, count in zip(self.shape, self.counts, strict=True))
        return z, y, x

    @property
    def grid(self) -> Triple:
        """The number of windows along Z Y X."""
        return triple([len(cuts) - 1 for cuts in self.cuts])

    @property
    def voxels(self) -> NDArray[np.int64]:
        """The voxels of each window (Z Y X), annotated or not."""
        z, y, x = (np.diff(cuts) for cuts in self.cuts)
        return np.asarray(z[:, None, None] * y[:, None] * x, np.int64)

    def parts_of(self, box: Box) -> Iterator[tuple[Triple, Box]]:
        """The windows that meet a box: their position in the grid and the part of them in it."""
        along = []
        for cuts, start, stop in zip(self.cuts, box.start, box.stop, strict=True):
            ends = enumerate(pairwise(cuts))
            along.append([(n, max(a, start), min(b, stop)) for n, (a, b) in ends if a < stop and b > start])
        for parts in product(*along):
            number, start_of, stop_of = zip(*parts, strict=True)
            yield triple(number), Box(triple(start_of), triple(stop_of))

    def count(self, masks: Sequence[NDArray[np.bool_]], box: Box) -> NDArray[np.int64]:
        """The voxels of each mask (Z Y X, of a box) in each window: (masks, windows Z Y X)."""
        counts = np.zeros((len(masks), *self.grid), np.int64)
        for position, inside in self.slices_of(box):
            counts[(slice(None), *position)] = [np.count_nonzero(mask[inside]) for mask in masks]
        return counts

    def slices_of(self, box: Box) -> tuple[tuple[Triple, tuple[slice, ...]], ...]:
        """The windows that meet a box: their position in the grid and where they lie in an array of the box."""
        return _slices_of(self, box)


@lru_cache(maxsize=32)
def _slices_of(windows: Windows, box: Box) -> tuple[tuple[Triple, tuple[slice, ...]], ...]:
    return tuple((position, part.relative_to(box).slices) for position, part in windows.parts_of(box))


def divide_evenly(length: int, parts: int) -> list[int]:
    """The ends of so many parts of a length, nearly equal, which are the same from both sides; one part less where an
    odd length has no middle to divide it at.

    Example:
        >>> divide_evenly(16, 5), divide_evenly(9, 4)
        ([0, 3, 6, 10, 13, 16], [0, 3, 6, 9])
    """
    parts -= length % 2 if parts % 2 == 0 else 0
    first = [(n * length + parts // 2) // parts for n in range((parts + 1) // 2)]
    middle = [length // 2] if parts % 2 == 0 else []
    return [*first, *middle, *(length - n for n in reversed(first))]
