"""How sure a ratio of sums over a volume is, as a sample of a larger material: from the spread between its windows.

Neighbouring windows are alike, so their covariances count: the variance of the sum is the sum of the covariances of
all pairs of windows at most one window apart (further ones are taken as unrelated), corrected for that deviations
are taken from the sample's own mean. It is the integral range of Lantuejoul (J. Microsc. 161, 387, 1991) on a grid.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from math import prod, sqrt

import numpy as np
from numpy.typing import NDArray
from scipy.stats import t as student

_LEAST_ALONG_AN_AXIS = 4
_LEAST_DEGREES = 5.0
LEVEL = 0.95


@dataclass(frozen=True)
class Spread:
    """Standard error of a ratio, and how many independent deviations it rests on."""

    error: float
    degrees: float


def ratio_spread(above: NDArray[np.floating], below: NDArray[np.floating]) -> Spread | None:
    """The spread of sum(above) / sum(below), both per window (Z Y X); None where there are too few windows.

    Var(sum e) with e = above - ratio * below, by the delta method (Cochran, Sampling Techniques, section 2.11).
    """
    total = float(below.sum())
    if total <= 0:
        return None
    deviations = above - above.sum() / total * below
    variance, degrees = _variance_of_sum(deviations)
    return None if degrees < _LEAST_DEGREES else Spread(sqrt(variance) / total, degrees)


def interval(
    value: float, spread: Spread | None, low: float = -np.inf, high: float = np.inf
) -> tuple[float, float] | None:
    """The interval of nominal level 0.95 around a value, kept between `low` and `high`; None without a spread."""
    if spread is None or not np.isfinite(value):
        return None
    half = float(student.ppf((1 + LEVEL) / 2, spread.degrees)) * spread.error
    return max(low, value - half), min(high, value + half)


def _variance_of_sum(deviations: NDArray[np.floating]) -> tuple[float, float]:
    """Variance of the sum of correlated deviations, and its degrees of freedom."""
    count = deviations.size
    if any(1 < n < _LEAST_ALONG_AN_AXIS for n in deviations.shape) and count < _LEAST_ALONG_AN_AXIS**2:
        return 0.0, 0.0
    lags = [range(-1, 2) if n > 1 else range(1) for n in deviations.shape]
    covered, pairs = 0.0, 0
    for lag in product(*lags):
        here = deviations[tuple(slice(max(0, -h), n - max(0, h)) for h, n in zip(lag, deviations.shape, strict=True))]
        there = deviations[tuple(slice(max(0, h), n - max(0, -h)) for h, n in zip(lag, deviations.shape, strict=True))]
        covered += float(np.sum(here * there))
        pairs += here.size
    own = float(np.sum(np.square(deviations)))
    share = pairs / count**2
    if share >= 1:
        return 0.0, 0.0
    degrees = count / prod(len(lag) for lag in lags) * (1 - share)
    return max(covered, own) / (1 - share), degrees
