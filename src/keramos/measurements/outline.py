"""What a single slice says of the surface in the volume that it was cut from, if that is alike in all directions."""

from __future__ import annotations

from dataclasses import dataclass
from math import atan2, pi

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Quantity, Triple, VoxelSize
from keramos.measurements.interval import interval, sum_spread
from keramos.measurements.measured import Measured, Measurements
from keramos.measurements.measurement import Domain
from keramos.measurements.seen import Seen
from keramos.measurements.windows import Windows

DIRECTIONS = ((0, 1), (1, 1), (1, 0), (1, -1))
"""From a pixel to its neighbours (Y X), one of each pair of opposites."""
_METHOD = (
    "Crofton's formula over 4 directions of one slice, extrapolated from pairs of pixels one and two apart; holds if "
    "the structure is alike in all directions"
)


@dataclass(frozen=True)
class Outline:
    """Specific surface area from one slice: S_V = 2 P_L (Underwood, Quantitative Stereology, 1970, equation 2.3)."""

    domain: Domain
    windows: Windows
    before: Triple = (0, 2, 2)
    after: Triple = (0, 2, 2)

    def measure(self, seen: Seen) -> NDArray[np.int64]:
        """Per phase, step (one, two), direction and window: crossings and pairs (phases, 2, 4, 2, windows Y X)."""
        grid = self.windows.grid[1:]
        found = np.zeros((len(self.domain.wanted), 2, len(DIRECTIONS), 2, *grid), np.int64)
        for number, code in enumerate(self.domain.wanted):
            for step in (1, 2):
                for way, direction in enumerate(DIRECTIONS):
                    self._count(found[number, step - 1, way], seen, code, step * direction[0], step * direction[1])
        return found

    def merge(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(one + other)

    def finish(self, partial: NDArray[np.int64]) -> Measurements:
        rows = []
        weights = direction_weights(self.domain.voxel_size)
        for number, code in enumerate(self.domain.wanted):
            value, deviations = 0.0, np.zeros(self.windows.grid)
            for step, share in ((1, 2.0), (2, -0.5)):
                for way, weight in enumerate(weights):
                    crossings, pairs = partial[number, step - 1, way].astype(float)
                    ratio = crossings.sum() / max(pairs.sum(), 1)
                    value += share * weight * ratio
                    deviations += (share * weight * (crossings - ratio * pairs) / max(pairs.sum(), 1))[None]
            quantity = Quantity(float(value), "1/um", _METHOD, interval(value, sum_spread(deviations), 0.0))
            rows.append(Measured("specific surface area", quantity, self.domain.phases.names[code]))
        return Measurements(tuple(rows))

    def _count(self, found: NDArray[np.int64], seen: Seen, code: int, down: int, right: int) -> None:
        """Add the pairs whose first pixel is in the core and whose second is so far down and to the right."""
        _, height, width = seen.shape
        (z, y0, x0), (stop, y1, x1) = seen.core.start, seen.core.stop
        start, end = (y0, max(x0, -right)), (min(y1, height - down), min(x1, width - max(right, 0)))
        if any(b <= a for a, b in zip(start, end, strict=True)):
            return
        first = Box((z, *start), (stop, *end))
        second = first.shift((0, down, right))
        one, other = (seen.codes[box.relative_to(seen.read).slices] == code for box in (first, second))
        crosses = one != other
        for position, part in self.windows.of(first):
            found[(0, *position[1:])] += np.count_nonzero(crosses[part.relative_to(first).slices])
            found[(1, *position[1:])] += part.voxels


def direction_weights(voxel_size: VoxelSize) -> NDArray[np.float64]:
    """What crossings per pair along each direction add to the surface per volume (1/um)."""
    _, dy, dx = voxel_size.zyx
    lengths = np.array([np.hypot(a * dy, b * dx) for a, b in DIRECTIONS])
    return np.asarray(2000 * _angle_shares(dy, dx) / lengths)


def _angle_shares(dy: float, dx: float) -> NDArray[np.float64]:
    """The share of all directions in the plane that lie nearest to each of the four."""
    angles = np.array([atan2(a * dy, b * dx) % pi for a, b in DIRECTIONS])
    order = np.argsort(angles)
    ring = angles[order]
    gaps = np.diff(np.concatenate([ring, [ring[0] + pi]]))
    shares = np.empty(len(angles))
    shares[order] = (gaps + np.roll(gaps, 1)) / 2 / pi
    return shares
