"""The places of streaks in slices that have drifted: the upper half of a slice is compared with the lower halves of
those before it, and the other way round. They have streaks in common, and no material."""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter1d

Singles = NDArray[np.float32]
Pixel = TypeVar("Pixel", bound=np.generic)

_REACH = 10
"""Columns by which a slice may have moved against the one before."""
_MEMORY = 0.8
"""Weight of the slices before, each, against the one after."""
_CLEAR = 4.0
"""Standard deviations by which the best place must exceed the others."""
_FARTHEST = 0.25
"""Of the columns: streaks are not followed farther than that."""
_LAGS = (1, 2, 4)
_BETTER, _SURE = 1.1, 3.0
"""Factor, and standard errors besides, by which following must raise the covariance."""


def find_streak_drift(sums: NDArray[np.float16], weights: NDArray[np.uint8]) -> NDArray[np.intp]:
    """Columns by which the streaks of each slice are displaced (slices); all 0 where following them does not make the
    slices more alike.

    Args:
        sums: departures (slices, cells, X), as in `streak_profile.Streaks`.
        weights: how many places each is the sum of.
    """
    halves = _average_halves(sums, weights)
    moved = _follow(halves)
    back = np.stack([np.roll(half, -by, axis=1) for half, by in zip(halves, moved, strict=True)])
    (likeness, error), (before, _) = _measure_likeness(back), _measure_likeness(halves)
    return moved if likeness > _BETTER * max(before, 0.0) + _SURE * error else np.zeros_like(moved)


def move_columns(pixels: NDArray[Pixel], by: NDArray[np.intp]) -> NDArray[Pixel]:
    """Each slice (slices, ..., X) moved by so many columns to the right; columns that come in are 0.

    Example:
        >>> move_columns(np.array([[1, 2, 3], [4, 5, 6]]), np.array([1, -1])).tolist()
        [[0, 1, 2], [5, 6, 0]]
    """
    moved = np.zeros_like(pixels)
    columns = pixels.shape[-1]
    for one, from_, shift in zip(moved, pixels, by.tolist(), strict=True):
        keep = max(columns - abs(shift), 0)
        to, at = (shift, 0) if shift > 0 else (0, -shift)
        one[..., to : to + keep] = from_[..., at : at + keep]
    return moved


def _average_halves(sums: NDArray[np.float16], weights: NDArray[np.uint8]) -> Singles:
    """Mean departures of the upper and the lower half of each column (slices, 2, X), as fine structure only."""
    middle = max(sums.shape[1] // 2, 1)
    parts = [
        np.sum(half, axis=1, dtype=np.float32) / np.maximum(np.sum(weight, axis=1, dtype=np.float32), 4)
        for half, weight in zip(np.split(sums, [middle], axis=1), np.split(weights, [middle], axis=1), strict=True)
    ]
    fine = np.stack(parts, axis=1)
    return np.asarray(fine - gaussian_filter1d(fine, _REACH, axis=2, mode="nearest"), np.float32)


def _follow(halves: Singles) -> NDArray[np.intp]:
    """The displacement of each slice that is most like the slices before it; that of the one before where none is."""
    columns = halves.shape[2]
    moved = np.zeros(len(halves), np.intp)
    before = halves[0].copy()
    shifts = np.arange(-_REACH, _REACH + 1)
    for z in range(1, len(halves)):
        likeness = np.array(
            [np.vdot(np.roll(halves[z], -(moved[z - 1] + by), axis=1), before[::-1]) for by in shifts.tolist()]
        )
        best = int(np.argmax(likeness))
        others = np.delete(likeness, range(max(best - 1, 0), min(best + 2, len(likeness))))
        is_clear = likeness[best] - np.median(others) > _CLEAR * 1.4826 * np.median(np.abs(others - np.median(others)))
        to = moved[z - 1] + (shifts[best] if is_clear else 0)
        moved[z] = to if abs(to) <= _FARTHEST * columns else moved[z - 1]
        before = _MEMORY * before + np.roll(halves[z], -moved[z], axis=1)
    return moved


def _measure_likeness(halves: Singles) -> tuple[float, float]:
    """The covariance of the halves of slices near each other, and its standard error."""
    pairs = [halves[:-lag] * halves[lag:, ::-1] for lag in _LAGS if lag < len(halves)]
    if not pairs:
        return 0.0, 0.0
    products = np.concatenate([pair.ravel() for pair in pairs])
    return float(products.mean()), float(products.std()) / float(np.sqrt(products.size))
