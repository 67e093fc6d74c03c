"""How sure a mean over a volume is, as a sample of a larger material: from the spread between its windows.

Neighbouring windows are alike, so windows are merged until those two apart are not, and the variance of the sum is the
sum of the covariances of all pairs of windows at most one apart, corrected for that deviations are taken from the
sample's own mean. It is the integral range of Lantuejoul (J. Microsc. 161, 387, 1991) on a grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

LEVEL = 0.95
_LEAST_ALONG_AN_AXIS = 3
_LEAST_WINDOWS = 27
_UNRELATED = 0.05
"""Windows whose correlation is less than this are not counted as alike."""
_PER_DEGREE = 10.0
"""Windows for one degree of freedom, as the estimates spread on random materials (benchmarks/interval_coverage.py)."""


@dataclass(frozen=True)
class Spread:
    """Standard error of a mean, and how many independent deviations it rests on."""

    error: float
    degrees: float


def ratio_spread(above: NDArray[np.floating], below: NDArray[np.floating]) -> Spread | None:
    """The spread of sum(above) / sum(below), both per window (Z Y X); None where there are too few windows.

    The delta method: e = above - ratio * below (Cochran, Sampling Techniques, section 2.11).
    """
    total = float(below.sum())
    return None if total <= 0 else sum_spread((above - above.sum() / total * below) / total)


def sum_spread(deviations: NDArray[np.floating]) -> Spread | None:
    """The spread of a sum over windows (Z Y X) that is zero in this sample; None where there are too few windows."""
    return _spread(_merged(deviations, _range(deviations)))


def sum_spread_of_few(deviations: NDArray[np.floating]) -> Spread | None:
    """The same where windows are merged no further than leaves enough of them, alike or not: of slices, which have few
    windows. None where there were too few to begin with."""
    for factor in range(_range(deviations), 0, -1):
        found = _spread(_merged(deviations, factor))
        if found is not None:
            return found
    return None


def interval(
    value: float, spread: Spread | None, low: float = -np.inf, high: float = np.inf
) -> tuple[float, float] | None:
    """The interval of nominal level 0.95 around a value, kept between `low` and `high`; None without a spread."""
    if spread is None or not np.isfinite(value):
        return None
    half = float(student.ppf((1 + LEVEL) / 2, spread.degrees)) * spread.error
    return max(low, value - half), min(high, value + half)


def _spread(merged: NDArray[np.floating]) -> Spread | None:
    few = any(1 < n < _LEAST_ALONG_AN_AXIS for n in merged.shape)
    if few or merged.size < _LEAST_WINDOWS:
        return None
    return Spread(sqrt(_variance_of_sum(merged)), merged.size / _PER_DEGREE)


def _range(deviations: NDArray[np.floating]) -> int:
    """How many windows apart windows must be for their mean correlation along the axes to be negligible."""
    variance = float(np.mean(np.square(deviations)))
    longest = int(max(deviations.shape)) // _LEAST_ALONG_AN_AXIS
    for lag in range(1, longest):
        found = []
        for axis, count in enumerate(deviations.shape):
            if count > lag:
                one, other = (_along(deviations, axis, part) for part in (slice(0, -lag), slice(lag, None)))
                found.append(float(np.mean(one * other)))
        if not found or np.mean(found) <= _UNRELATED * variance:
            return lag
    return max(1, longest)


def _merged(deviations: NDArray[np.floating], factor: int) -> NDArray[np.floating]:
    """Sums over so many windows along each axis; the last along an axis may hold fewer."""
    for axis, count in enumerate(deviations.shape):
        deviations = np.add.reduceat(deviations, np.arange(0, count, factor), axis=axis)
    return deviations


def _variance_of_sum(deviations: NDArray[np.floating]) -> float:
    """Variance of the sum of deviations that are correlated with their neighbours."""
    covered, pairs = 0.0, 0
    for lag in product(*(range(-1, 2) if n > 1 else range(1) for n in deviations.shape)):
        here = deviations[tuple(slice(max(0, -h), n - max(0, h)) for h, n in zip(lag, deviations.shape, strict=True))]
        there = deviations[tuple(slice(max(0, h), n - max(0, -h)) for h, n in zip(lag, deviations.shape, strict=True))]
        covered += float(np.sum(here * there))
        pairs += here.size
    own = float(np.sum(np.square(deviations)))
    # The sample's own mean was taken off each deviation: what all pairs have in common is missing from those counted.
    return max(covered, own) / (1 - min(pairs / deviations.size**2, 0.9))


def _along(array: NDArray[np.floating], axis: int, part: slice) -> NDArray[np.floating]:
    return array[tuple(part if other == axis else slice(None) for other in range(3))]
