"""Covariances of grey values along each axis: how far structures reach."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]

_LAGS = (1, 2, 3, 4, 6, 8, 12, 16, 24, 32)
_HALF, _HIGHEST = 0.5, 0.9


@dataclass(frozen=True, eq=False)
class Correlations:
    """Covariances of grey values at some lags along z, y and x, in pixels of what was looked at; noise, which differs
    from voxel to voxel, does not count. `fine` pixels of the slices are one of these along y and x."""

    lags: Doubles
    z: Doubles
    y: Doubles
    x: Doubles
    fine: int

    def lengths(self) -> tuple[tuple[float, float, float], float] | None:
        """Distances along z, y and x, in voxels, at which the covariance has fallen to a share of that at no distance,
        and that share: one half, or more where an axis is too short to see that; None where that is next to nothing."""
        # The covariance at no distance, without noise: a straight line through the first two in the plane.
        start = float(np.mean([2 * one[0] - one[1] for one in (self.y, self.x)]))
        if not start > 0:
            return None
        curves = [one[~np.isnan(one)] / start for one in (self.z, self.y, self.x)]
        level = max(_HALF, *(float(one.min(initial=1.0)) for one in curves))
        if level > _HIGHEST:
            return None
        z, y, x = (_find_level(self.lags[: len(one)], one, level) for one in curves)
        return (z, y * self.fine, x * self.fine), level


def _find_level(lags: Doubles, covariance: Doubles, level: float) -> float:
    """The lag at which the covariance first is down to a level, between the lags by a straight line."""
    place, values = np.concatenate([[0.0], lags]), np.concatenate([[1.0], covariance])
    at = int(np.argmax(values <= level))
    share = (values[at - 1] - level) / (values[at - 1] - values[at])
    return float(place[at - 1] + share * (place[at] - place[at - 1]))


def measure_correlations(slices: Sequence[Floats], fine: int) -> Correlations:
    """The covariances of consecutive slices (Y X)."""
    stack = np.stack(slices)
    stack = stack - stack.mean()
    z, y, x = (np.array([_covariance(stack, axis, lag) for lag in _LAGS]) for axis in (0, 1, 2))
    return Correlations(np.array(_LAGS, float), z, y, x, fine)


def _covariance(stack: Floats, axis: int, lag: int) -> float:
    """The covariance of voxels `lag` apart along an axis; NaN where it is too short."""
    length = stack.shape[axis]
    if lag >= length or length < 4:
        return float("nan")
    first, second = (np.take(stack, range(*span), axis=axis) for span in ((0, length - lag), (lag, length)))
    return float(np.mean(first * second, dtype=np.float64))


def join_correlations(parts: Sequence[Correlations]) -> Correlations | None:
    """The mean of several."""
    if not parts:
        return None
    z, y, x = (np.mean([getattr(part, axis) for part in parts], axis=0) for axis in ("z", "y", "x"))
    return Correlations(parts[0].lags, z, y, x, parts[0].fine)
