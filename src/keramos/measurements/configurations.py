"""Count the 2 x 2 x 2 configurations of each phase, window by window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, triple
from keramos.measurements.measurement import Domain
from keramos.measurements.seen import Seen
from keramos.measurements.windows import Windows

Counts = NDArray[np.int64]


@dataclass(frozen=True)
class Configurations:
    """Cells whose corners are `step` voxels apart. A cell belongs to the voxel of its first corner."""

    domain: Domain
    windows: Windows
    step: int = 1

    def inside(self, seen: Seen) -> Counts:
        """The cells of a block that lie in the volume: per phase and window (phases, Z Y X, 256)."""
        found = np.zeros((len(self.domain.wanted), *self.windows.grid, 256), np.int64)
        ends = [min(b, n - self.step) for b, n in zip(seen.core.stop, seen.shape, strict=True)]
        inner = Box(seen.core.start, triple([max(a, b) for a, b in zip(seen.core.start, ends, strict=True)]))
        if not inner.voxels:
            return found
        corners = Box(inner.start, triple([b + self.step for b in inner.stop]))
        codes = seen.codes[corners.relative_to(seen.read).slices]
        for number, code in enumerate(self.domain.wanted):
            cells = configurations(codes == code, self.step)
            for position, part in self.windows.of(inner):
                found[(number, *position)] += _counts(cells[part.relative_to(inner).slices])
        return found

    def border(self, seen: Seen) -> Counts:
        """The cells of a block that stick out of the volume on any side (phases, 256); beyond it nothing is filled."""
        found = np.zeros((len(self.domain.wanted), 256), np.int64)
        for box in _shell(seen.core, Box.whole(seen.shape)):
            codes = seen.beyond(Box(box.start, triple([b + 1 for b in box.stop])))
            for number, code in enumerate(self.domain.wanted):
                found[number] += _counts(configurations(codes == code))
        return found


def configurations(filled: NDArray[np.bool_], step: int = 1) -> NDArray[np.uint8]:
    """The configuration of every cell of a mask: `step` less along each axis than it has voxels."""
    bits = np.ascontiguousarray(filled).view(np.uint8)
    rows = bits[:, :, :-step] | bits[:, :, step:] << 1
    squares = rows[:, :-step] | rows[:, step:] << 2
    return np.asarray(squares[:-step] | squares[step:] << 4)


def _shell(core: Box, whole: Box) -> list[Box]:
    """Boxes of first corners of the cells that stick out of a volume and belong to a core at its border: before its
    first voxels, and at its last ones. No cell is in two of them."""
    start = [a - 1 if a == low else a for a, low in zip(core.start, whole.start, strict=True)]
    stop = list(core.stop)
    boxes = []
    for axis in range(3):
        inner = (max(core.start[axis], whole.start[axis]), min(core.stop[axis], whole.stop[axis] - 1))
        for low, high in ((start[axis], inner[0]), (max(inner), stop[axis])):
            if high > low:
                a, b = list(start), list(stop)
                a[axis], b[axis] = low, high
                boxes.append(Box(triple(a), triple(b)))
        start[axis], stop[axis] = inner[0], max(inner)
    return [box for box in boxes if box.voxels]


def _counts(cells: NDArray[np.uint8]) -> Counts:
    return np.bincount(cells.ravel(), minlength=256)
