"""Gaussian random fields that fill all space: a point has the same value in every window."""

from __future__ import annotations

from collections.abc import Sequence
from math import ceil, floor

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import correlate1d

from keramos.simulation.white import normal

_SIGMA = 2.0  # lattice points per correlation length: linear interpolation then loses 3 % of the variance at most
_REACH = 8  # lattice points: four sigma


def smooth_field(
    key: int, positions_nm: Sequence[NDArray[np.float64]], length_nm: Sequence[float]
) -> NDArray[np.float32]:
    """Gaussian random field of mean 0 and variance 1 on the grid spanned by `positions_nm` (float32).

    Args:
        key: random key; fields of different keys are independent.
        positions_nm: ascending coordinates along each axis, in nm.
        length_nm: standard deviation of the smoothing Gaussian along each axis, in nm.
    """
    steps = [length / _SIGMA for length in length_nm]
    lattice = [axis / step for axis, step in zip(positions_nm, steps, strict=True)]
    start = [floor(axis[0]) for axis in lattice]
    stop = [floor(axis[-1]) + 2 for axis in lattice]
    shape = [b - a + 2 * _REACH for a, b in zip(start, stop, strict=True)]
    values = normal(key, [a - _REACH for a in start], shape)
    kernel = _unit_kernel()
    for axis in range(values.ndim):
        # The margin of this axis is cut off before the next one is smoothed, so that a thin window stays thin.
        kept = (slice(None),) * axis + (slice(_REACH, -_REACH),)
        values = np.ascontiguousarray(correlate1d(values, kernel, axis=axis, mode="constant")[kept])
    return interpolate(values, [axis - a for axis, a in zip(lattice, start, strict=True)])


def interpolate(values: NDArray[np.float32], positions: Sequence[NDArray[np.float64]]) -> NDArray[np.float32]:
    """Values interpolated linearly on a grid; `positions` along each axis count lattice steps from the first value.

    Example:
        >>> interpolate(np.array([0.0, 10.0], np.float32), [np.array([0.25, 1.0])]).tolist()
        [2.5, 10.0]
    """
    for axis, position in enumerate(positions):
        below = np.clip(np.floor(position).astype(np.intp), 0, max(values.shape[axis] - 2, 0))
        above = np.minimum(below + 1, values.shape[axis] - 1)
        shape = [1] * values.ndim
        shape[axis] = -1
        weight = (position - below).astype(np.float32).reshape(shape)
        low = np.take(values, below, axis=axis)
        values = low + weight * (np.take(values, above, axis=axis) - low)
    return values


def centres_nm(count: int, edge_nm: float, first: int = 0) -> NDArray[np.float64]:
    """Positions in nm of the centres of `count` voxels of edge `edge_nm`, from voxel number `first` on.

    Example:
        >>> centres_nm(3, 20.0).tolist()
        [10.0, 30.0, 50.0]
    """
    return (np.arange(first, first + count, dtype=np.float64) + 0.5) * np.float64(edge_nm)


def lattice_around(positions_nm: NDArray[np.float64], step_nm: float) -> NDArray[np.float64]:
    """Lattice points (multiples of `step_nm`) from just below the first position to just above the last."""
    first, last = floor(positions_nm[0] / step_nm), ceil(positions_nm[-1] / step_nm)
    return np.arange(first, max(last, first + 1) + 1) * step_nm


def _unit_kernel() -> NDArray[np.float32]:
    offsets = np.arange(-_REACH, _REACH + 1)
    weights = np.exp(-0.5 * (offsets / _SIGMA) ** 2)
    return np.asarray(weights / np.sqrt(np.sum(weights**2)), dtype=np.float32)
