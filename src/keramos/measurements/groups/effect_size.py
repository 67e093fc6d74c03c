"""The size of a difference in units of the scatter between samples: Hedges' g."""

from __future__ import annotations

from dataclasses import dataclass
from math import exp, isfinite, lgamma, sqrt

import scipy  # its parts are loaded when they are first used

from keramos.measurements.groups.scatter import LEVEL, Bounds, Scatter

_FARTHEST = 1e3
"""Beyond so many standard errors the noncentral t distribution is not computed reliably."""


@dataclass(frozen=True, slots=True)
class EffectSize:
    """Hedges' g, and the interval of what it estimates; None where that cannot be computed."""

    value: float
    interval: Bounds | None


def hedges_g(first: Scatter, other: Scatter) -> EffectSize | None:
    """The difference over the pooled standard deviation, corrected for few samples; None where nothing scatters, or
    with fewer than four samples in all.

    The correction is the exact one (Hedges, Journal of Educational Statistics 6, 107, 1981). The interval inverts the
    noncentral t distribution (Steiger and Fouladi, in What if there were no significance tests?, 1997): exact where
    both groups scatter alike, about right where they do not and have as many samples.

    Example:
        >>> effect = hedges_g(Scatter.of([10, 11, 12]), Scatter.of([14, 15, 16]))
        >>> round(effect.value, 2), [round(end, 1) for end in effect.interval]
        (3.19, [0.9, 7.1])
    """
    dof = first.count + other.count - 2
    squares = sum((group.variance or 0.0) * (group.count - 1) for group in (first, other))
    if dof < 2 or not squares > 0:
        return None
    distance = (other.mean - first.mean) / sqrt(squares / dof)
    scale = sqrt(1 / first.count + 1 / other.count)
    bounds = _noncentrality_interval(distance / scale, dof)
    correction = exp(lgamma(dof / 2) - lgamma((dof - 1) / 2)) / sqrt(dof / 2)
    return EffectSize(correction * distance, None if bounds is None else (scale * bounds[0], scale * bounds[1]))


def _noncentrality_interval(t: float, dof: int) -> Bounds | None:
    """The noncentralities for which t is just at either end of its 95 %; None where t is too far off to compute."""
    if not abs(t) < _FARTHEST:
        return None
    if t < 0:
        mirrored = _noncentrality_interval(-t, dof)
        return None if mirrored is None else (-mirrored[1], -mirrored[0])
    return _noncentrality(t, dof, (1 + LEVEL) / 2), _noncentrality(t, dof, (1 - LEVEL) / 2)


def _noncentrality(t: float, dof: int, share: float) -> float:
    """The noncentrality of which a share of samples lies below t."""

    def excess(noncentrality: float) -> float:
        below = float(scipy.stats.nct.cdf(t, dof, noncentrality))
        # Shares too near 0 or 1 to be computed come as NaN.
        return (below if isfinite(below) else float(noncentrality < t)) - share

    # For t at or above zero the noncentrality is at least -1.96, and below t by what t is unsure by.
    return float(scipy.optimize.brentq(excess, -3.0, 10.0 + 4.0 * t, xtol=1e-9))
