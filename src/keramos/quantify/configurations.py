"""Count the 2 x 2 x 2 configurations of each phase, window by window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.quantify.measurement import Domain
from keramos.quantify.seen import Seen
from keramos.quantify.windows import Windows
from keramos.volume import Box, Triple, triple


@dataclass(eq=False)
class Counted:
    """Cells inside the volume (phase, windows Z Y X, 256), and those that stick out of it on any side (phase, 256)."""

    inside: NDArray[np.int64]
    border: NDArray[np.int64]


@dataclass(frozen=True)
class Configurations:
    """A cell belongs to the voxel of its first corner; the cells before the volume's first voxels stick out of it."""

    domain: Domain
    windows: Windows
    before: Triple = (1, 1, 1)
    after: Triple = (1, 1, 1)

    def measure(self, seen: Seen) -> Counted:
        codes = seen.around((1, 1, 1), (1, 1, 1))
        inner = Box(seen.core.start, triple([min(b, n - 1) for b, n in zip(seen.core.stop, seen.shape, strict=True)]))
        skip = triple([0 if a == 0 else 1 for a in seen.core.start])  # the first blocks have the cells before them
        cells = Box(triple([a - 1 + s for a, s in zip(seen.core.start, skip, strict=True)]), seen.core.stop)
        found = self._empty()
        for number, code in enumerate(self.domain.wanted):
            filled = configurations(codes[skip[0] :, skip[1] :, skip[2] :] == code)
            everything = _counts(filled)
            if inner.voxels:
                for position, part in self.windows.of(inner):
                    found.inside[(number, *position)] += _counts(filled[part.seen_from(cells).slices])
            found.border[number] = everything - found.inside[number].sum(axis=(0, 1, 2))
        return found

    def merge(self, one: Counted, other: Counted) -> Counted:
        return Counted(one.inside + other.inside, one.border + other.border)

    def _empty(self) -> Counted:
        phases = len(self.domain.wanted)
        return Counted(np.zeros((phases, *self.windows.grid, 256), np.int64), np.zeros((phases, 256), np.int64))


def configurations(filled: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """The configuration of every cell of a mask: one less along each axis than it has voxels."""
    bits = np.ascontiguousarray(filled).view(np.uint8)
    rows = bits[:, :, :-1] | bits[:, :, 1:] << 1
    squares = rows[:, :-1] | rows[:, 1:] << 2
    return np.asarray(squares[:-1] | squares[1:] << 4)


def _counts(cells: NDArray[np.uint8]) -> NDArray[np.int64]:
    return np.bincount(cells.ravel(), minlength=256)
