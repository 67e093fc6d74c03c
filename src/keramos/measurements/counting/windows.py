"""The windows into which a volume is divided, so that the spread between them tells how sure a mean is.

The grid is counted from the volume's origin, whatever blocks it is read in: sums over windows merge by adding.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Triple, VoxelSize, triple

_MAX_ALONG_AXIS = 16
_MIN_EDGE = 6


@dataclass(frozen=True)
class Windows:
    """Windows of `edge` voxels (Z Y X) over a volume of `shape`; the last ones along an axis may be smaller."""

    shape: Triple
    edge: Triple

    @classmethod
    def over(cls, shape: Triple, voxel_size: VoxelSize) -> Windows:
        """At most 16 along each axis, at least 6 voxels wide, about as long in nm along every axis."""
        longest = max(n * d for n, d in zip(shape, voxel_size.zyx, strict=True))
        aim = max(longest / _MAX_ALONG_AXIS, _MIN_EDGE * max(voxel_size.zyx))
        counts = [max(1, round(n * d / aim)) for n, d in zip(shape, voxel_size.zyx, strict=True)]
        return cls(shape, triple([-(-n // c) for n, c in zip(shape, counts, strict=True)]))

    @property
    def grid(self) -> Triple:
        """The number of windows along Z Y X."""
        return triple([-(-n // e) for n, e in zip(self.shape, self.edge, strict=True)])

    def parts_of(self, box: Box) -> Iterator[tuple[Triple, Box]]:
        """The windows that meet a box: their position in the grid and the part of them in it."""
        first = [a // e for a, e in zip(box.start, self.edge, strict=True)]
        stop = [-(-b // e) for b, e in zip(box.stop, self.edge, strict=True)]
        for position in product(*(range(a, b) for a, b in zip(first, stop, strict=True))):
            start = triple([p * e for p, e in zip(position, self.edge, strict=True)])
            part = Box((0, 0, 0), self.edge).shift(start).clip(box)
            if part.voxels:
                yield triple(position), part

    def count(self, masks: Sequence[NDArray[np.bool_]], box: Box) -> NDArray[np.int64]:
        """The voxels of each mask (Z Y X, of a box) in each window: (masks, windows Z Y X)."""
        counts = np.zeros((len(masks), *self.grid), np.int64)
        for position, part in self.parts_of(box):
            inside = part.relative_to(box).slices
            counts[(slice(None), *position)] = [np.count_nonzero(mask[inside]) for mask in masks]
        return counts
