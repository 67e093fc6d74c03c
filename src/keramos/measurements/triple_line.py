"""The length of the lines where three phases meet."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Quantity, Triple, triple
from keramos.measurements.interval import interval, ratio_spread
from keramos.measurements.measured import Measured, Measurements
from keramos.measurements.measurement import Domain
from keramos.measurements.seen import Seen
from keramos.measurements.windows import Windows

_UM2 = 1e6


@dataclass(frozen=True)
class TripleLine:
    """Edges of voxels around which three or more phases meet, per window and direction.

    Bias: a smooth line is followed in steps along the axes, so edges are too long. Length per volume is twice the
    number of points per area of plane sections, averaged over directions (Underwood, Quantitative Stereology, 1970,
    equation 2.4); with sections across the three axes that is two thirds of all edges: right for lines in all
    directions alike, a third too short for lines along an axis, up to 15 % too long for lines along a space diagonal.
    """

    domain: Domain
    windows: Windows
    before: Triple = (0, 0, 0)
    after: Triple = (1, 1, 1)

    def measure(self, seen: Seen) -> NDArray[np.int64]:
        """Points on sections across Z, Y and X, and cells (4, windows Z Y X)."""
        found = np.zeros((4, *self.windows.grid), np.int64)
        inner = Box(seen.core.start, triple([min(b, n - 1) for b, n in zip(seen.core.stop, seen.shape, strict=True)]))
        if not inner.voxels:
            return found
        box = inner.grow((1, 1, 1)).clip(Box(inner.start, seen.shape))
        met = _phase_bits(seen.codes[box.relative_to(seen.read).slices], len(self.domain.phases))
        for axis in range(3):
            first = tuple(slice(0, n) for n in inner.shape)
            points = _several(_around(met, axis)[first])
            for position, part in self.windows.of(inner):
                found[(axis, *position)] += np.count_nonzero(points[part.relative_to(inner).slices])
        for position, part in self.windows.of(inner):
            found[(3, *position)] += part.voxels
        return found

    def merge(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> NDArray[np.int64]:
        return np.asarray(one + other)

    def finish(self, partial: NDArray[np.int64]) -> Measurements:
        z, y, x = self.domain.voxel_size.zyx
        per_area = partial[0] / (y * x) + partial[1] / (z * x) + partial[2] / (z * y)
        above, below = 2 / 3 * _UM2 * per_area, partial[3].astype(float)
        if not below.sum():
            return Measurements()
        value = float(above.sum() / below.sum())
        method = "points where three phases meet on sections across z, y and x, twice their mean number per area"
        found = interval(value, ratio_spread(above, below), 0.0)
        return Measurements((Measured("triple-phase boundary length", Quantity(value, "1/um2", method, found)),))


def _phase_bits(codes: NDArray[np.uint8], phases: int) -> NDArray[np.uint16]:
    """One bit for each of the first sixteen phases; none for what has no phase."""
    table = np.zeros(256, np.uint16)
    for code in range(min(phases, 16)):
        table[code] = 1 << code
    return table[codes]


def _around(bits: NDArray[np.uint16], axis: int) -> NDArray[np.uint16]:
    """The phases of the four voxels around each edge along `axis`."""
    for other in (a for a in range(3) if a != axis):
        low = [slice(None)] * 3
        high = [slice(None)] * 3
        low[other], high[other] = slice(0, -1), slice(1, None)
        bits = bits[tuple(low)] | bits[tuple(high)]
    return bits


def _several(bits: NDArray[np.uint16]) -> NDArray[np.bool_]:
    """Where three bits or more are set."""
    without_lowest = bits & (bits - np.uint16(1))
    return np.asarray(without_lowest & (without_lowest - np.uint16(1)) > 0)
