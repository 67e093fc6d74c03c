"""The windows into which a volume is divided, so that the spread between them tells how sure a mean is.

The grid is counted from the volume's origin, whatever blocks it is read in: sums over windows merge by adding.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

from keramos.core import Box, Triple, VoxelSize, triple

_MOST = 16
_LEAST_EDGE = 6


@dataclass(frozen=True)
class Windows:
    """Windows of `edge` voxels (Z Y X) over a volume of `shape`; the last ones along an axis may be smaller."""

    shape: Triple
    edge: Triple

    @classmethod
    def over(cls, shape: Triple, voxel_size: VoxelSize) -> Windows:
        """At most 16 along each axis, at least 6 voxels wide, about as long in nm along every axis."""
        longest = max(n * d for n, d in zip(shape, voxel_size.zyx, strict=True))
        aim = max(longest / _MOST, _LEAST_EDGE * max(voxel_size.zyx))
        counts = [max(1, round(n * d / aim)) for n, d in zip(shape, voxel_size.zyx, strict=True)]
        return cls(shape, triple([-(-n // c) for n, c in zip(shape, counts, strict=True)]))

    @property
    def grid(self) -> Triple:
        """How many windows there are along Z Y X."""
        return triple([-(-n // e) for n, e in zip(self.shape, self.edge, strict=True)])

    def of(self, box: Box) -> Iterator[tuple[Triple, Box]]:
        """The windows that meet a box: their position in the grid and the part of them in it."""
        first = [a // e for a, e in zip(box.start, self.edge, strict=True)]
        stop = [-(-b // e) for b, e in zip(box.stop, self.edge, strict=True)]
        for position in product(*(range(a, b) for a, b in zip(first, stop, strict=True))):
            start = triple([p * e for p, e in zip(position, self.edge, strict=True)])
            part = Box((0, 0, 0), self.edge).shift(start).clip(box)
            if part.voxels:
                yield triple(position), part
