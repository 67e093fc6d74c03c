"""Sub-pixel translation of slices."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import convolve1d

_HALF = 4
"""Half the width of the kernel in pixels."""


def shift_slice(grey: NDArray[np.float32], dy: float, dx: float) -> NDArray[np.float32]:
    """A slice (Y X) in which what lay at (y, x) lies at (y + dy, x + dx); edges are mirrored.

    A windowed sinc of eight pixels (Lanczos) along each axis: of all frequencies below half of the finest little is
    lost, and whole pixels are moved as they are.

    Example:
        >>> shift_slice(np.eye(3, dtype=np.float32), 1, 0)[1:].tolist()
        [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0]]
    """
    moved = grey
    for axis, shift in enumerate((dy, dx)):
        if not shift:
            continue
        whole = int(np.floor(shift + 0.5))
        moved = _roll(moved, whole, axis)
        if abs(shift - whole) > 1e-6:
            moved = convolve1d(moved, _kernel(shift - whole), axis=axis, mode="mirror")
    return moved


def _roll(grey: NDArray[np.float32], pixels: int, axis: int) -> NDArray[np.float32]:
    """Shift by whole pixels; the edge is repeated."""
    length = grey.shape[axis]
    return grey.take(np.clip(np.arange(length) - pixels, 0, length - 1), axis=axis)


def _kernel(fraction: float) -> NDArray[np.float64]:
    """Weights that move by a fraction of a pixel, from -0.5 to 0.5, with a sum of 1."""
    taps = np.arange(-_HALF, _HALF + 1) - fraction
    weights = np.where(np.abs(taps) < _HALF, np.sinc(taps) * np.sinc(taps / _HALF), 0.0)
    return np.asarray(weights / weights.sum(), np.float64)
