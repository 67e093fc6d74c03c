"""The surface area of a phase, estimated from a single slice as if the volume were alike in all directions."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.directions import IN_PLANE, plane_weights
from keramos.measurements.counting.interval import add_interval, sum_spread
from keramos.measurements.interface import SURFACE
from keramos.measurements.measurement import Measurement
from keramos.measurements.results import Measurements
from keramos.measurements.volume import MeasuredVolume

_METHOD = (
    "Crofton's formula over 4 directions of one slice, extrapolated from pairs of pixels one and two apart; holds if "
    "the structure is alike in all directions"
)


@dataclass(frozen=True)
class Outline:
    """Specific surface area from one slice: S_V = 2 P_L (Underwood, Quantitative Stereology, 1970, equation 2.3)."""

    volume: MeasuredVolume
    before: Triple = (0, 2, 2)
    after: Triple = (0, 2, 2)

    def measure(self, block: BlockView) -> NDArray[np.int64]:
        """Per phase, step (one, two), direction and window: crossings and pairs (phases, 2, 4, 2, windows Y X)."""
        codes, grid = self.volume.measured_codes, self.volume.windows.grid[1:]
        counts = np.zeros((len(codes), 2, len(IN_PLANE), 2, *grid), np.int64)
        for step in (1, 2):
            for way, (down, right) in enumerate(IN_PLANE):
                self._count(counts[:, step - 1, way], block, step * down, step * right)
        return counts

    def merge(self, first: NDArray[np.int64], second: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(first + second)

    def finish(self, partial: NDArray[np.int64]) -> Measurements:
        rows = []
        weights, grid = plane_weights(self.volume.voxel_size), self.volume.windows.grid
        for number, code in enumerate(self.volume.measured_codes):
            value, deviations = 0.0, np.zeros(grid)
            for step, share in ((1, 2.0), (2, -0.5)):
                for way, weight in enumerate(weights):
                    crossings, pairs = partial[number, step - 1, way].astype(float)
                    ratio = crossings.sum() / max(pairs.sum(), 1)
                    value += share * weight * ratio
                    deviations += (share * weight * (crossings - ratio * pairs) / max(pairs.sum(), 1))[None]
            used = self.volume.select_windows(partial[number, :, :, 1].sum(axis=(0, 1))[None])
            row = SURFACE.row(float(value), self.volume.phases.names[code], method=_METHOD)
            rows.append(add_interval(row, sum_spread(deviations, used), 0.0))
        return Measurements(tuple(rows))

    def _count(self, counts: NDArray[np.int64], block: BlockView, down: int, right: int) -> None:
        """Add the annotated pairs whose first pixel is in the core and whose second is so far down and to the right,
        and of each phase those that cross its outline."""
        _, height, width = block.shape
        (z, y0, x0), (stop, y1, x1) = block.core.start, block.core.stop
        start, end = (y0, max(x0, -right)), (min(y1, height - down), min(x1, width - max(right, 0)))
        if any(b <= a for a, b in zip(start, end, strict=True)):
            return
        first = Box((z, *start), (stop, *end))
        one, other = (block.codes_in(box) for box in (first, first.shift((0, down, right))))
        pairs = (one != NOT_ANNOTATED) & (other != NOT_ANNOTATED)
        for number, code in enumerate(self.volume.measured_codes):
            crossings = pairs & ((one == code) != (other == code))
            counts[number] += self.volume.windows.count([crossings, pairs], first)[:, 0]


def _applies(volume: MeasuredVolume) -> bool:
    return volume.shape[0] == 1


MEASUREMENT = Measurement(name="outline", quantities=(SURFACE,), applies=_applies, in_blocks=Outline)
