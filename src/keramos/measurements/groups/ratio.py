"""The ratio of two group means, with Fieller's interval."""

from __future__ import annotations

from dataclasses import dataclass
from math import sqrt

from keramos.measurements.groups.difference import Difference
from keramos.measurements.groups.scatter import Bounds, Scatter, quantile


@dataclass(frozen=True, slots=True)
class Ratio:
    """The mean of a group over that of the first one; no interval where the first mean may be zero."""

    value: float
    interval: Bounds | None


def ratio_of_means(first: Scatter, other: Scatter, difference: Difference) -> Ratio | None:
    """The ratio `other` / `first`; None where the two have not one sign, for a ratio would then say nothing.

    Fieller (Journal of the Royal Statistical Society B 16, 175, 1954): the ratios r for which `other` - r `first` may
    be zero, with the degrees of freedom of the difference. Of groups that scatter each by itself (Welch) only.
    """
    if not first.mean * other.mean > 0:
        return None
    value = other.mean / first.mean
    if difference.basis != "welch" or difference.dof is None:
        return Ratio(value, None)
    return Ratio(value, _fieller(first, other, quantile(difference.dof)))


def _fieller(first: Scatter, other: Scatter, limit: float) -> Bounds | None:
    """The roots r of (m2 - r m1)^2 = limit^2 (v2 + r^2 v1), v the squared standard errors of the means m."""
    below, above = ((limit**2) * (group.variance or 0.0) / group.count for group in (first, other))
    a, b, c = first.mean**2 - below, first.mean * other.mean, other.mean**2 - above
    root = b**2 - a * c
    if not (a > 0 and root >= 0):
        return None
    return (b - sqrt(root)) / a, (b + sqrt(root)) / a
