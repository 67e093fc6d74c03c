"""White noise on an infinite lattice: a hash of the position, so that any window can be computed by itself."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

# splitmix64 (Steele, Lea and Flood 2014); one increment per axis keeps the axes apart.
_INCREMENTS = (0x9E3779B97F4A7C15, 0xD1B54A32D192ED03, 0xABC98388FB8FAC03)
_PARTS = 4
_PART_DEVIATION = np.sqrt((65536.0**2 - 1) / 12)


def random_bits(key: int, *axes: NDArray[np.int64]) -> NDArray[np.uint64]:
    """Random 64-bit integers on the grid spanned by up to three index axes (any integers, also negative)."""
    bits = np.full((1,) * len(axes), key & 0xFFFFFFFFFFFFFFFF, dtype=np.uint64)
    for number, axis in enumerate(axes):
        shape = [1] * len(axes)
        shape[number] = -1
        steps = axis.astype(np.int64).view(np.uint64).reshape(shape)
        bits = _mix(bits + steps * np.uint64(_INCREMENTS[number]))
    return bits


def uniform(key: int, *axes: NDArray[np.int64]) -> NDArray[np.float64]:
    """Uniform random numbers, 0 <= u < 1, on the grid spanned by index axes.

    Example:
        >>> whole, part = uniform(7, np.arange(100)), uniform(7, np.arange(40, 50))
        >>> bool(np.array_equal(whole[40:50], part))
        True
    """
    return (random_bits(key, *axes) >> np.uint64(11)).astype(np.float64) * 2.0**-53


def normal(key: int, start: Sequence[int], shape: Sequence[int]) -> NDArray[np.float32]:
    """Nearly Gaussian noise of mean 0 and variance 1 in a window of the lattice: a sum of four uniform integers."""
    axes = [np.arange(a, a + n, dtype=np.int64) for a, n in zip(start, shape, strict=True)]
    bits = random_bits(key, *axes)
    total = np.zeros(tuple(shape), dtype=np.float32)
    for part in range(_PARTS):
        total += ((bits >> np.uint64(16 * part)) & np.uint64(0xFFFF)).astype(np.float32)
    centred = (total - _PARTS * 65535 / 2) / (_PART_DEVIATION * np.sqrt(_PARTS))
    return np.asarray(centred, dtype=np.float32)


def _mix(bits: NDArray[np.uint64]) -> NDArray[np.uint64]:
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return bits ^ (bits >> np.uint64(31))
