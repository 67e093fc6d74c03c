"""The difference of two groups of samples, with its interval.

Two samples and more in both groups: Welch's t (Welch, Biometrika 34, 28, 1947), which does not ask that both groups
scatter alike. A single sample against a group: Student's t with the scatter of that group, which the single one is
taken to share (Crawford and Howell, The Clinical Neuropsychologist 12, 482, 1998). A single sample against a single
one: no scatter is known, and what is left is how typical each volume is of its own sample.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf, sqrt
from typing import Literal

from scipy.special import ndtri

from keramos.core import Quantity
from keramos.measurements.groups.scatter import LEVEL, Bounds, Scatter, quantile, two_sided_p

Basis = Literal["welch", "shared-scatter", "within-sample", "none"]
"""Scatter that an interval rests on: of each group, of the one that has more than one sample, or only that within each
of two samples, which is no claim on their material; `none` where there is no scatter to tell."""


@dataclass(frozen=True, slots=True)
class Difference:
    """The mean of a group less that of the first one.

    `interval`, `p`, `standard_error` and `dof` are None where nothing can be said of its uncertainty.
    """

    value: float
    basis: Basis
    interval: Bounds | None = None
    p: float | None = None
    standard_error: float | None = None
    dof: float | None = None


def compare_groups(first: Scatter, other: Scatter) -> Difference:
    """The difference of two groups, at least one of them with two samples; without an interval where none scatters.

    Example:
        >>> grown = compare_groups(Scatter.of([10, 11, 12]), Scatter.of([14, 15, 16]))
        >>> round(grown.value, 2), [round(end, 2) for end in grown.interval], round(grown.p, 3)
        (4.0, [1.73, 6.27], 0.008)
    """
    value = other.mean - first.mean
    error, dof = error_of_difference(first, other)
    if not error > 0:
        return Difference(value, "none")
    half = quantile(dof) * error
    basis: Basis = "welch" if min(first.count, other.count) > 1 else "shared-scatter"
    return Difference(value, basis, (value - half, value + half), two_sided_p(value / error, dof), error, dof)


def error_of_difference(first: Scatter, other: Scatter) -> tuple[float, float]:
    """The standard error of the difference and its degrees of freedom (Satterthwaite's where both groups scatter); no
    error where neither has a scatter."""
    if first.variance is None or other.variance is None:
        known, variance = (other, other.variance) if first.variance is None else (first, first.variance)
        return sqrt((variance or 0.0) * (1 / first.count + 1 / other.count)), float(max(known.count - 1, 1))
    return welch_error(first, other)


def welch_error(first: Scatter, other: Scatter) -> tuple[float, float]:
    """The standard error of the difference of two groups that scatter each by itself, and its degrees of freedom."""
    parts = [(group.variance or 0.0) / group.count for group in (first, other)]
    total = sum(parts)
    if not total > 0:
        return 0.0, 1.0
    below = sum(part**2 / (group.count - 1) for part, group in zip(parts, (first, other), strict=True) if part)
    return sqrt(total), total**2 / below


def compare_single(first: Quantity, other: Quantity) -> Difference:
    """The difference of two single samples, with the interval that their sampling intervals give it.

    p is that of the normal distribution, with the half-width towards zero as 1.96 standard errors, so that it is below
    0.05 where the interval leaves out zero.
    """
    value = other.value - first.value
    bounds = difference_interval(first, other)
    if bounds is None:
        return Difference(value, "none")
    towards_zero = value - bounds[0] if value > 0 else bounds[1] - value
    if not towards_zero > 0:
        return Difference(value, "none")
    error = towards_zero / float(ndtri((1 + LEVEL) / 2))
    return Difference(value, "within-sample", bounds, two_sided_p(value / error, inf), error)


def difference_interval(first: Quantity, other: Quantity) -> Bounds | None:
    """The interval of `other` - `first` of two independent samples: their half-widths add in quadrature.

    Each side has its own half-width, so that an interval kept above zero stays right (Zou and Donner, Statistics in
    Medicine 27, 1693, 2008, equation 4). None without two intervals of one level.
    """
    if first.interval is None or other.interval is None or first.level != other.level:
        return None
    between = other.value - first.value
    down = hypot(other.value - other.interval[0], first.interval[1] - first.value)
    up = hypot(other.interval[1] - other.value, first.value - first.interval[0])
    return between - down, between + up
