"""Labels with fewer, larger voxels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, SourceView, Triple, triple
from keramos.writers.slabs import thickness


@dataclass(frozen=True, eq=False)
class Coarse(SourceView):
    """Labels in which `merged` voxels along each axis are one, of their most frequent code.

    In a tie it is the code of the first of them, if it is among the most frequent: no phase grows at the cost of
    another, and a face that halves merged voxels moves by half of one. Voxels at the far border that do not fill a
    group are left out.
    """

    merged: int

    @property
    def shape(self) -> Triple:
        return triple([length // self.merged for length in self.source.shape])

    def read(self, box: Box) -> NDArray[Any]:
        merged = np.zeros(box.shape, np.uint8)
        step = max(1, thickness(self.source.shape) // self.merged)
        for first in range(0, len(merged), step):
            slab = merged[first : first + step]
            start = (box.start[0] + first, *box.start[1:])
            codes = self._fine(Box(start, (start[0] + len(slab), *box.stop[1:])))
            for z in range(len(slab)):
                slab[z] = most_frequent(codes[z * self.merged : (z + 1) * self.merged], self.merged)
        return merged

    def _fine(self, box: Box) -> NDArray[np.uint8]:
        """The voxels that become those of the box: no more slices in memory than a slab has, or one layer."""
        fine = Box(triple([a * self.merged for a in box.start]), triple([b * self.merged for b in box.stop]))
        return self.source.read(fine)


def most_frequent(codes: NDArray[np.uint8], merged: int) -> NDArray[np.uint8]:
    """The codes (Y X) of a merged slice from its `merged` slices, whose Y and X are multiples of `merged`."""
    _, height, width = codes.shape
    winner = codes[0, ::merged, ::merged].copy()
    counts: dict[int, NDArray[np.uint32]] = {}
    # Slice by slice: bincount makes eight bytes of each.
    present = sum(np.bincount(one.ravel(), minlength=256) for one in codes)
    for code in np.flatnonzero(present).tolist():
        groups = (codes == code).reshape(merged, height // merged, merged, width // merged, merged)
        counts[code] = groups.sum(axis=(0, 2, 4), dtype=np.uint32)
    votes = np.zeros(winner.shape, np.uint32)
    for code, count in counts.items():
        votes = np.where(winner == code, count, votes)
    for code, count in counts.items():
        better = count > votes
        winner[better] = code
        votes = np.where(better, count, votes)
    return winner
