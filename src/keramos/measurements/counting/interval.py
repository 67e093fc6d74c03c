"""Confidence intervals of a mean over a volume, as a sample of a larger material, from the spread between its windows.

Neighbouring windows are alike, so windows are merged until those two apart are not correlated, and the variance of the
sum is the sum of the covariances of all pairs of windows at most one apart, corrected for deviations being taken from
the sample's own mean. It is the integral range of Lantuejoul (J. Microsc. 161, 387, 1991) on a grid. Along an axis that
is too short to be divided into three, a window takes the whole of it, however its layers are correlated. Windows that
hold nothing that counts (no annotated voxel) count for nothing here either.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import product
from math import sqrt

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from keramos.measurements.counting.windows import divide_evenly
from keramos.measurements.results import Measured

LEVEL = 0.95
_MIN_ALONG_AXIS = 3
_MIN_WINDOWS, _MIN_COLUMNS = 27, 9
_ROUNDING = 1e-12
"""A standard error below this share of its value is the rounding of numbers that are all the same."""
_UNCORRELATED = 0.05
"""Windows with a correlation below this count as uncorrelated."""
_WINDOWS_PER_DOF = 10.0
"""Windows for one degree of freedom, as the estimates spread on random materials (benchmarks/interval_coverage.py)."""
_COLUMNS_PER_DOF = 5.0
"""The same of windows that lie in one layer: each has 8 neighbours, not 26 (tests/measurements/test_interval.py)."""


@dataclass(frozen=True)
class Spread:
    """The standard error of a mean, its degrees of freedom, and along how many axes the volume was divided for it."""

    standard_error: float
    dof: float
    divided: int = 3


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
        """Sums over about so many windows along each axis; over all where fewer than three sums were left."""
        values, counts = self.values, self.counts
        for axis, count in enumerate(values.shape):
            parts = -(-count // factor)
            starts = divide_evenly(count, parts if parts >= _MIN_ALONG_AXIS else 1)[:-1]
            values, counts = np.add.reduceat(values, starts, axis), np.logical_or.reduceat(counts, starts, axis)
        return _Deviations(values, counts)


def ratio_spread(above: NDArray[np.floating], below: NDArray[np.floating], counts: NDArray[np.bool_]) -> Spread | None:
    """The spread of sum(above) / sum(below), both per window (Z Y X); None where there are too few windows, or where
    nothing differs between them.

    `counts` says which windows hold anything. The delta method: e = above - ratio * below (Cochran, Sampling
    Techniques, section 2.11).
    """
    total = float(below.sum())
    if total <= 0:
        return None
    ratio = float(above.sum()) / total
    spread = sum_spread((above - ratio * below) / total, counts)
    return None if spread is None or spread.standard_error <= _ROUNDING * abs(ratio) else spread


def sum_spread(
    deviations: NDArray[np.floating], counts: NDArray[np.bool_], *, per_dof: float = _WINDOWS_PER_DOF
) -> Spread | None:
    """The spread of a sum over windows (Z Y X) that is zero in this sample; None where there are too few windows.

    `counts` says which windows hold anything; the deviations of the others are 0. So many windows are one degree of
    freedom, where they lie in several layers.
    """
    windows = _Deviations(deviations, counts)
    merged = windows.merge(_correlation_range(windows))
    if sum(n > 1 for n in merged.values.shape) == 2:
        return _spread(merged, _MIN_COLUMNS, _COLUMNS_PER_DOF)
    return _spread(merged, per_dof=per_dof)


def correlation_range(deviations: NDArray[np.floating], counts: NDArray[np.bool_]) -> int:
    """The number of windows (Z Y X) apart at which the mean correlation along the axes is negligible."""
    return _correlation_range(_Deviations(deviations, counts))


def spread_few_windows(deviations: NDArray[np.floating], counts: NDArray[np.bool_]) -> Spread | None:
    """The same where windows are merged no further than leaves enough of them, correlated or not: for slices, which
    have few windows. None where there were too few to begin with."""
    windows = _Deviations(deviations, counts)
    spreads = (_spread(windows.merge(factor)) for factor in range(_correlation_range(windows), 0, -1))
    return next((spread for spread in spreads if spread is not None), None)


def interval(
    value: float, spread: Spread | None, low: float = -np.inf, high: float = np.inf
) -> tuple[float, float] | None:
    """The interval of nominal level 0.95 around a value, kept between `low` and `high`; None without a spread, or where
    nothing differs between the windows: then they cannot tell how much it would elsewhere.

    Example:
        >>> low, high = interval(0.5, Spread(0.01, 20), 0, 1)
        >>> round(low, 4), round(high, 4)
        (0.4791, 0.5209)
    """
    if spread is None or not np.isfinite(value) or not spread.standard_error > _ROUNDING * abs(value):
        return None
    half = float(scipy.stats.t.ppf((1 + LEVEL) / 2, spread.dof)) * spread.standard_error
    return max(low, value - half), min(high, value + half)


def add_interval(row: Measured, spread: Spread | None, low: float = -np.inf, high: float = np.inf) -> Measured:
    """The row with its `interval` and the standard error behind it; as it is where there is none."""
    bounds = interval(row.quantity.value, spread, low, high)
    if bounds is None or spread is None:
        return row
    error = float(spread.standard_error)
    return replace(row, quantity=replace(row.quantity, interval=bounds, standard_error=error))


def variance_interval(value: float, spread: Spread | None) -> tuple[float, float] | None:
    """The interval of nominal level 0.95 of a value in proportion to the variance of a spread; None without a spread.

    The estimate of a variance with n degrees of freedom is distributed as chi-squared with n over n.

    Example:
        >>> low, high = variance_interval(100.0, Spread(0.01, 20))
        >>> round(low, 1), round(high, 1)
        (58.5, 208.5)
    """
    if spread is None or not np.isfinite(value) or not value > 0:
        return None
    low, high = (
        float(spread.dof / scipy.stats.chi2.ppf(share, spread.dof)) for share in ((1 + LEVEL) / 2, (1 - LEVEL) / 2)
    )
    return low * value, high * value


def _spread(windows: _Deviations, least: int = _MIN_WINDOWS, per_dof: float = _WINDOWS_PER_DOF) -> Spread | None:
    """The spread of at least so many windows; None of fewer."""
    size = int(np.count_nonzero(windows.counts))
    divided = sum(n > 1 for n in windows.values.shape)
    return None if size < least else Spread(sqrt(_variance_of_sum(windows, size)), size / per_dof, divided)


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
