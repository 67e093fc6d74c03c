"""Two-point correlation along each axis: how likely two voxels a distance apart are both of a phase."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Quantity, Triple, triple
from keramos.measurements.measured import AXES, Curve, Measured, Measurements
from keramos.measurements.measurement import Domain
from keramos.measurements.seen import Seen

_LONGEST, _SHARE = 64, 3
_EVERY = 16
"""All lags to this one, then ever fewer."""


@dataclass(frozen=True)
class TwoPoint:
    """S2(r) from pairs of voxels with r along an axis, the first of them in the block."""

    domain: Domain
    before: Triple = (0, 0, 0)

    @property
    def after(self) -> Triple:
        return triple([max(lags) for lags in self._lags])

    @property
    def _lags(self) -> list[list[int]]:
        return [lags(n) for n in self.domain.shape]

    def measure(self, seen: Seen) -> list[NDArray[np.int64]]:
        """Per axis (phases, lags): pairs that are both of the phase, without those that leave the volume."""
        found = [np.zeros((len(self.domain.wanted), len(steps)), np.int64) for steps in self._lags]
        for axis, steps in enumerate(self._lags):
            after = triple([max(steps) if other == axis else 0 for other in range(3)])
            codes = seen.after(after)
            for number, code in enumerate(self.domain.wanted):
                mask = codes == code
                for at, lag in enumerate(steps):
                    one = _part(mask, axis, 0, seen.core.shape[axis])
                    found[axis][number, at] = np.count_nonzero(one & _part(mask, axis, lag, seen.core.shape[axis]))
        return found

    def merge(self, one: list[NDArray[np.int64]], other: list[NDArray[np.int64]]) -> list[NDArray[np.int64]]:
        return [a + b for a, b in zip(one, other, strict=True)]

    def finish(self, partial: list[NDArray[np.int64]]) -> Measurements:
        rows, curves = [], []
        for axis, (counts, steps) in enumerate(zip(partial, self._lags, strict=True)):
            size = self.domain.voxel_size.zyx[axis]
            pairs = [
                Box.whole(self.domain.shape).voxels // self.domain.shape[axis] * (self.domain.shape[axis] - lag)
                for lag in steps
            ]
            for number, code in enumerate(self.domain.wanted):
                phase, together = self.domain.phases.names[code], counts[number] / np.array(pairs)
                share = together[0]
                columns = {
                    "distance": (np.array(steps) * size).tolist(),
                    "probability": together.tolist(),
                    "covariance": (together - share**2).tolist(),
                }
                units = {"distance": "nm", "probability": "1", "covariance": "1"}
                method = f"pairs of voxels along {AXES[axis]}"
                curves.append(Curve("two-point correlation", columns, units, method, phase, AXES[axis]))
                length = _correlation_length(np.array(steps) * size, together - share**2)
                if length is not None:
                    method = "distance at which the covariance has fallen to 1/e of that at zero"
                    rows.append(Measured("correlation length", Quantity(length, "nm", method), phase, AXES[axis]))
        return Measurements(tuple(rows), tuple(curves))


def lags(count: int) -> list[int]:
    """The lags along an axis of so many voxels: up to 64, and to a third of the axis."""
    longest = max(0, min(_LONGEST, count // _SHARE))
    found, lag = [], 0
    while lag <= longest:
        found.append(lag)
        lag += max(1, lag // _EVERY * 2)
    return found


def _part(mask: NDArray[np.bool_], axis: int, start: int, length: int) -> NDArray[np.bool_]:
    return mask[tuple(slice(start, start + length) if other == axis else slice(None) for other in range(3))]


def _correlation_length(distances: NDArray[np.float64], covariance: NDArray[np.float64]) -> float | None:
    """Linear between the lags; None where it does not fall that far within them, or nothing varies."""
    if covariance[0] <= 0:
        return None
    below = np.flatnonzero(covariance <= covariance[0] / np.e)
    if not len(below):
        return None
    at = below[0]
    high, low = covariance[at - 1], covariance[at]
    part = (high - covariance[0] / np.e) / (high - low)
    return float(distances[at - 1] + part * (distances[at] - distances[at - 1]))
