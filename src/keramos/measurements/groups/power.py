"""The smallest difference that so many samples detect, and what more samples would make of it."""

from __future__ import annotations

from functools import cache

import scipy  # its parts are loaded when they are first used

from keramos.measurements.groups.difference import error_of_difference
from keramos.measurements.groups.scatter import Bounds, Scatter, quantile

POWER = 0.8
"""In so many of all experiments a true difference of that size would be detected, tested at two-sided 5 %."""


def detectable_difference(first: Scatter, other: Scatter, more: int = 0) -> float | None:
    """The smallest true difference of two groups that is detected in 80 % of experiments with as many samples and this
    scatter, or with `more` in each group; None where nothing scatters.

    Cohen, Statistical Power Analysis for the Behavioral Sciences, 1988, section 2.2, with the noncentral t distribution
    and Welch's standard error and degrees of freedom in place of those of one common scatter.

    Example:
        >>> groups = Scatter.of([10, 11, 12]), Scatter.of([14, 15, 16])
        >>> round(detectable_difference(*groups), 2), round(detectable_difference(*groups, more=1), 2)
        (3.07, 2.38)
    """
    error, dof = error_of_difference(first.with_more(more), other.with_more(more))
    if None in (first.variance, other.variance) and max(first.count, other.count) > 1:
        # Scatter is taken to be shared: further samples of both groups tell of it.
        dof = max(first.count + other.count + 2 * more - 2, 1)
    return detectable_noncentrality(dof) * error if error > 0 else None


@cache
def detectable_noncentrality(dof: float) -> float:
    """The true difference, in standard errors, that a two-sided t test at 5 % detects in 80 % of experiments.

    Example:
        >>> round(detectable_noncentrality(1e6), 2)
        2.8
    """
    limit = quantile(dof)

    def missing(noncentrality: float) -> float:
        # The other tail, a difference called the wrong way round, is below a millionth at 80 %.
        return float(scipy.stats.nct.cdf(limit, dof, noncentrality)) - (1 - POWER)

    return float(scipy.optimize.brentq(missing, 0.5, 2.0 * limit, xtol=1e-9))


def scatter_factors(dof: float) -> Bounds:
    """The factors between which the true scatter lies, as a multiple of one estimated with so many degrees of freedom
    (95 %, chi-squared).

    Example:
        >>> [round(factor, 1) for factor in scatter_factors(4)]
        [0.6, 2.9]
    """
    low, high = (float((dof / scipy.stats.chi2.ppf(share, dof)) ** 0.5) for share in (0.975, 0.025))
    return low, high
