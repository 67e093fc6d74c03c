"""Confidence intervals of a mean over a volume, as a sample of a larger material, from the spread between its windows.

Neighbouring windows are alike, so windows are merged until those two apart are not correlated, and the variance of the
sum is the sum of the covariances of all pairs of windows at most one apart, corrected for deviations being taken from
the sample's own mean. It is the integral range of Lantuejoul (J. Microsc. 161, 387, 1991) on a grid. Windows that hold
nothing that counts (no annotated voxel) count for nothing here either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

LEVEL = 0.95
_MIN_ALONG_AXIS = 3
_MIN_WINDOWS = 27
_UNCORRELATED = 0.05
"""Windows with a correlation below this count as uncorrelated."""
_WINDOWS_PER_DOF = 10.0
"""Windows for one degree of freedom, as the estimates spread on random materials (benchmarks/interval_coverage.py)."""


@dataclass(frozen=True)
class Spread:
    """The standard error of a mean, and its degrees of freedom."""

    standard_error: float
    dof: float


@dataclass(frozen=True, eq=False)
class _Deviations:
    """Deviations of windows (Z Y X) from what the mean lets expect, 0 where a window does not count."""

    values: NDArray[np.floating]
    counts: NDArray[np.bool_]

    def shift(self, lag: Sequence[int]) -> tuple[NDArray[np.floating], int]:
        """The products of windows a lag apart, and how many such pairs count."""
        shape = self.values.shape
        first = tuple(slice(max(0, -h), n - max(0, h)) for h, n in zip(lag, shape, strict=True))
        second = tuple(slice(max(0, h), n - max(0, -h)) for h, n in zip(lag, shape, strict=True))
        pairs = int(np.count_nonzero(self.counts[first] & self.counts[second]))
        return self.values[first] * self.values[second], pairs

    def merge(self, factor: int) -> _Deviations:
        """Sums over so many windows along each axis; the last along an axis may hold fewer."""
        values, counts = self.values, self.counts
        for axis, count in enumerate(values.shape):
            starts = np.arange(0, count, factor)
            values, counts = np.add.reduceat(values, starts, axis), np.logical_or.reduceat(counts, starts, axis)
        return _Deviations(values, counts)


def ratio_spread(above: NDArray[np.floating], below: NDArray[np.floating], counts: NDArray[np.bool_]) -> Spread | None:
    """The spread of sum(above) / sum(below), both per window (Z Y X); None where there are too few windows.

    `counts` says which windows hold anything. The delta method: e = above - ratio * below (Cochran, Sampling
    Techniques, section 2.11).
    """
    total = float(below.sum())
    return None if total <= 0 else sum_spread((above - above.sum() / total * below) / total, counts)


def sum_spread(deviations: NDArray[np.floating], counts: NDArray[np.bool_]) -> Spread | None:
    """The spread of a sum over windows (Z Y X) that is zero in this sample; None where there are too few windows.

    `counts` says which windows hold anything; the deviations of the others are 0.
    """
    windows = _Deviations(deviations, counts)
    return _spread(windows.merge(_correlation_range(windows)))


def spread_few_windows(deviations: NDArray[np.floating], counts: NDArray[np.bool_]) -> Spread | None:
    """The same where windows are merged no further than leaves enough of them, correlated or not: for slices, which
    have few windows. None where there were too few to begin with."""
    windows = _Deviations(deviations, counts)
    spreads = (_spread(windows.merge(factor)) for factor in range(_correlation_range(windows), 0, -1))
    return next((spread for spread in spreads if spread is not None), None)


def interval(
    value: float, spread: Spread | None, low: float = -np.inf, high: float = np.inf
) -> tuple[float, float] | None:
    """The interval of nominal level 0.95 around a value, kept between `low` and `high`; None without a spread.

    Example:
        >>> low, high = interval(0.5, Spread(0.01, 20), 0, 1)
        >>> round(low, 4), round(high, 4)
        (0.4791, 0.5209)
    """
    if spread is None or not np.isfinite(value):
        return None
    half = float(student.ppf((1 + LEVEL) / 2, spread.dof)) * spread.standard_error
    return max(low, value - half), min(high, value + half)


def _spread(windows: _Deviations) -> Spread | None:
    few = any(1 < n < _MIN_ALONG_AXIS for n in windows.values.shape)
    size = int(np.count_nonzero(windows.counts))
    if few or size < _MIN_WINDOWS:
        return None
    return Spread(sqrt(_variance_of_sum(windows, size)), size / _WINDOWS_PER_DOF)


def _correlation_range(windows: _Deviations) -> int:
    """The number of windows apart at which the mean correlation along the axes is negligible."""
    shape = windows.values.shape
    variance = float(np.sum(np.square(windows.values))) / max(1, int(np.count_nonzero(windows.counts)))
    longest = int(max(shape)) // _MIN_ALONG_AXIS
    for lag in range(1, longest):
        covariances = []
        for axis, count in enumerate(shape):
            if count > lag:
                products, pairs = windows.shift([lag if other == axis else 0 for other in range(3)])
                covariances.append(float(np.sum(products)) / max(1, pairs))
        if not covariances or np.mean(covariances) <= _UNCORRELATED * variance:
            return lag
    return max(1, longest)


def _variance_of_sum(windows: _Deviations, size: int) -> float:
    """The variance of the sum of deviations that are correlated with their neighbours."""
    covariance, pairs = 0.0, 0
    for lag in product(*(range(-1, 2) if n > 1 else range(1) for n in windows.values.shape)):
        products, count = windows.shift(lag)
        covariance += float(np.sum(products))
        pairs += count
    variance = float(np.sum(np.square(windows.values)))
    # The sample's own mean was taken off each deviation: what all pairs have in common is missing from those counted.
    return max(covariance, variance) / (1 - min(pairs / size**2, 0.9))
