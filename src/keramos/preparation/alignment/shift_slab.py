"""Slices moved within their plane by parts of pixels, with little blur."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.preparation.remedy import Grey

_HALF = 4  # pixels on both sides: eight taps
_KAISER = 4.5  # shape of the window; see benchmarks/alignment.py


def shift_slab(slab: Grey, yx: NDArray[np.float64], fill: float = 0.0) -> tuple[Grey, NDArray[np.bool_]]:
    """Slices (Z Y X) moved by `yx` (slices, Y X; pixels): a feature at p is at p + yx afterwards.

    Eight-tap sinc, windowed (Kaiser), one axis after the other. Whole pixels are moved exactly.

    Returns:
        The slices, of the same shape, and where they are known; elsewhere they are `fill`.

    Example:
        >>> moved, known = shift_slab(np.arange(12, dtype=np.float32).reshape(1, 3, 4), np.array([[0.0, 1.0]]), -1)
        >>> moved[0, 0].tolist(), known[0, 0].tolist()
        ([-1.0, 0.0, 1.0, 2.0], [False, True, True, True])
    """
    moved, known = np.full_like(slab, fill), np.zeros(slab.shape, np.bool_)
    for z, shift in enumerate(yx.tolist()):
        plane, inside = slab[z], []
        for axis in (0, 1):
            plane, part = _shift_axis(plane, shift[axis], axis)
            inside.append(part)
        moved[z][inside[0], inside[1]] = plane
        known[z][inside[0], inside[1]] = True
    return moved, known


def sinc_weights(fraction: float) -> NDArray[np.float32]:
    """Weights of the pixels at -3 ... 4 for a value at `fraction` (0 ... 1); their sum is 1.

    Example:
        >>> sinc_weights(0.0).tolist()
        [0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 0.0]
    """
    distance = np.arange(1 - _HALF, _HALF + 1) - fraction
    window = np.i0(_KAISER * np.sqrt(np.maximum(1 - (distance / _HALF) ** 2, 0)))
    weights = np.sinc(distance) * window
    weights[np.abs(weights) < 1e-12] = 0
    return np.asarray(weights / weights.sum(), np.float32)


def _shift_axis(plane: Grey, shift: float, axis: int) -> tuple[Grey, slice]:
    """The known part of a plane moved along an axis, and where it lies. Values beyond an edge repeat the edge's."""
    whole, length = int(np.floor(-shift)), plane.shape[axis]
    fraction = -shift - whole
    low, high = max(0, -whole), min(length, length - whole - (1 if fraction else 0))
    if low >= high:
        return np.take(plane, [], axis=axis), slice(0, 0)
    if not fraction:
        part = slice(low + whole, high + whole)
        return (plane[part] if axis == 0 else plane[:, part]), slice(low, high)
    before, after = max(0, _HALF - 1 - low - whole), max(0, high + whole + _HALF - length)
    padding = [(0, 0), (0, 0)]
    padding[axis] = (before, after)
    padded = np.pad(plane, padding, mode="edge") if before or after else plane
    total: Grey | None = None
    for tap, weight in zip(range(1 - _HALF, _HALF + 1), sinc_weights(fraction), strict=True):
        part = slice(low + whole + tap + before, high + whole + tap + before)
        values = weight * (padded[part] if axis == 0 else padded[:, part])
        total = values if total is None else total + values
    return np.asarray(total, np.float32), slice(low, high)
