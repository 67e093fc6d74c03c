"""Labels with fewer, larger voxels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.volume import Box, SourceView, Triple, triple


@dataclass(frozen=True, eq=False)
class Coarse(SourceView):
    """Labels in which `merged` voxels along each axis are one, of their most frequent code.

    In a tie it is the code of the first of them, if it is among the most frequent: no phase grows at the cost of
    another. Voxels at the far border that do not fill a group are left out.
    """

    merged: int

    @property
    def shape(self) -> Triple:
        return triple([length // self.merged for length in self.source.shape])

    def read(self, box: Box) -> NDArray[Any]:
        layers = [
            self._layer(Box((z, *box.start[1:]), (z + 1, *box.stop[1:]))) for z in range(box.start[0], box.stop[0])
        ]
        return np.stack(layers) if layers else np.zeros(box.shape, np.uint8)

    def _layer(self, box: Box) -> NDArray[np.uint8]:
        """One merged slice: only its own slices are in memory."""
        fine = Box(triple([a * self.merged for a in box.start]), triple([b * self.merged for b in box.stop]))
        return most_frequent(self.source.read(fine), self.merged)


def most_frequent(codes: NDArray[np.uint8], merged: int) -> NDArray[np.uint8]:
    """The codes (Y X) of a merged slice from its `merged` slices, whose Y and X are multiples of `merged`."""
    _, height, width = codes.shape
    winner = codes[0, ::merged, ::merged].copy()
    counts: dict[int, NDArray[np.uint32]] = {}
    for code in np.flatnonzero(np.bincount(codes.ravel())).tolist():
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
