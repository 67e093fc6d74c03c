"""Scan lines undone: gains of single rows, told from solid in which brightness changes slowly from row to row.

Parts of a row that lie far from each other have nothing in common but its gain. Their covariance tells how strong scan
lines are, and how much of what a row departs by is to be believed (Wiener's estimate): the fewer pixels of solid, the
less.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter, uniform_filter1d
from skimage.filters import threshold_otsu

from keramos.preparation.remedy import Grey, RawStack, Remedy

_AROUND = 21
"""Rows with which one is compared, itself among them."""
_DARKEST = 0.9
"""Times the threshold between dark and bright: what is darker is no solid."""
_FLAT = 0.12
"""Fraction of the level by which flat solid may differ from that around it."""
_LEAST_SHARE = 0.3
_PARTS = 12
"""Parts of a row, by columns; neighbours may share a border of the material, and are not compared."""
_SURE = 4.0
_LEAST = 0.0007
"""Gains of a smaller standard deviation are left alone, as are those that are not sure by so many standard errors."""
_MOST = 0.2
_LEAST_SIDE = 32


@dataclass(frozen=True, eq=False)
class RowGains:
    """Gains of rows; 1 where nothing is removed.

    Attributes:
        gain: of each row (slices, Y).
        sd: standard deviation of the true gains, as estimated; 0 where there are none.
    """

    gain: NDArray[np.float32]
    sd: float

    @property
    def is_needed(self) -> bool:
        """Whether there are any scan lines that are told for sure."""
        return self.sd > 0

    @property
    def summary(self) -> str:
        """One line for people."""
        if not self.is_needed:
            return "no scan lines were told for sure, and none were removed"
        return f"scan lines were removed: gains of single rows with a standard deviation of {100 * self.sd:.2f} %"


class _Observer:
    def __init__(self, stack: RawStack) -> None:
        self._stack = stack
        self._rows: dict[int, Grey] = {}

    def add(self, z: int, grey: Grey) -> None:
        if min(grey.shape) >= _LEAST_SIDE:
            self._rows[z] = _measure_rows(grey)

    def finish(self) -> RowGains:
        gain = np.ones(self._stack.shape[:2], np.float32)
        if not self._rows:
            return RowGains(gain, 0.0)
        sums, weights = np.moveaxis(np.stack(list(self._rows.values())), 1, 0)
        variance = _find_variance(sums, weights)
        if variance > 0:
            gain[list(self._rows)] += _shrink(sums, weights, variance)
        return RowGains(gain, float(np.sqrt(variance)))


def _measure_rows(grey: Grey) -> Grey:
    """Departures of rows from those around, as fractions of the level: sums over flat solid in parts of the columns,
    and over how many pixels (2, Y, parts)."""
    smooth = uniform_filter(grey, 3, mode="nearest")
    sample = smooth[::2, ::2]
    threshold = threshold_otsu(sample) if sample.min() < sample.max() else 0.0
    flat = smooth > _DARKEST * threshold
    level, _ = _level_around(smooth, flat)
    flat &= np.abs(smooth - level) < _FLAT * level
    level, share = _level_around(grey, flat)
    flat &= share > _LEAST_SHARE
    departure = np.where(flat, grey / np.maximum(level, np.float32(1e-6)) - 1, np.float32(0))
    starts = np.linspace(0, grey.shape[1], _PARTS, endpoint=False).astype(np.intp)
    return np.stack([np.add.reduceat(part, starts, axis=1, dtype=np.float32) for part in (departure, flat)])


def _level_around(grey: Grey, chosen: NDArray[np.bool_]) -> tuple[Grey, Grey]:
    """The mean of the chosen pixels in the rows around each, and the fraction of them that are chosen."""
    share: Grey = uniform_filter1d(chosen.astype(np.float32), _AROUND, axis=0, mode="nearest")
    total = uniform_filter1d(np.where(chosen, grey, np.float32(0)), _AROUND, axis=0, mode="nearest")
    return np.asarray(total / np.maximum(share, np.float32(0.05)), np.float32), share


def _find_variance(sums: Grey, weights: Grey) -> float:
    """Variance of the gains (of slices, Y, parts); 0 where it is not significant, and where rows at one place depart
    alike in neighbouring slices: then it is a material in layers."""
    own, error = _covary(sums, weights, sums, weights)
    next_own, next_error = _covary(sums[:-1], weights[:-1], sums[1:], weights[1:]) if len(sums) > 1 else (0.0, 0.0)
    variance = own - max(next_own, 0.0)
    return variance if variance > max(_LEAST**2, _SURE * float(np.hypot(error, next_error))) else 0.0


def _covary(sums: Grey, weights: Grey, others: Grey, their_weights: Grey) -> tuple[float, float]:
    """The covariance of departures in parts of rows far from each other, and its standard error."""
    products, pairs = (
        sum(
            (first[..., i] * second[..., j] for i in range(_PARTS) for j in range(_PARTS) if abs(i - j) > 1),
            start=np.zeros(first.shape[:2]),
        )
        for first, second in ((sums, others), (weights, their_weights))
    )
    total = float(pairs.sum())
    if total <= 0:
        return 0.0, np.inf
    mean = float(products.sum()) / total
    return mean, float(np.sqrt(np.sum((products - mean * pairs) ** 2))) / total


def _shrink(sums: Grey, weights: Grey, variance: float) -> Grey:
    """The best linear estimate of the gains less 1 (slices, Y)."""
    total, weight = sums.sum(axis=2), weights.sum(axis=2)
    mean = np.clip(total / np.maximum(weight, 1), -_MOST, _MOST)
    noise = max(float(np.mean(weight * mean**2)) - variance * float(weight.mean()), 0.0)
    return np.asarray(mean * weight * variance / np.maximum(weight * variance + noise, 1e-12), np.float32)


def even_rows(grey: Grey, rows: RowGains, first_slice: int) -> Grey:
    """Grey values (Z Y X), overwritten, with each row divided by its gain."""
    grey /= rows.gain[first_slice : first_slice + len(grey), :, None]
    return grey


REMEDY = Remedy("scan_lines", "even out rows of other brightness than those around", 15, _Observer, even_rows, RowGains)
