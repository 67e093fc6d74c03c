"""The scatter of samples around the mean of their group. One sample counts once, however many voxels it has."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import isfinite, sqrt

import numpy as np
from scipy.special import ndtr, stdtr, stdtrit

LEVEL = 0.95
Bounds = tuple[float, float]
_ROUNDING = 1e-9
"""Values that differ by less than this share of their size are all the same."""


@dataclass(frozen=True, slots=True)
class Scatter:
    """The number of samples, their mean, and the variance between them (None of a single one)."""

    count: int
    mean: float
    variance: float | None

    @classmethod
    def of(cls, values: Sequence[float]) -> Scatter:
        """The scatter of at least one value; values that differ by rounding alone have none."""
        numbers = np.asarray(values, float)
        mean = float(numbers.mean())
        if len(numbers) < 2:
            return cls(len(numbers), mean, None)
        spread = float(np.ptp(numbers))
        same = spread <= _ROUNDING * float(np.abs(numbers).max())
        return cls(len(numbers), mean, 0.0 if same else float(numbers.var(ddof=1)))

    @property
    def deviation(self) -> float | None:
        """The standard deviation between samples."""
        return None if self.variance is None else sqrt(self.variance)

    @property
    def interval(self) -> Bounds | None:
        """The t interval of the mean of all such samples; None of a single one, or where all are the same."""
        if not self.variance:
            return None
        half = quantile(self.count - 1) * sqrt(self.variance / self.count)
        return self.mean - half, self.mean + half

    def with_more(self, samples: int) -> Scatter:
        """A group of so many samples more, with the same scatter."""
        return replace(self, count=self.count + samples)


def quantile(dof: float) -> float:
    """The two-sided quantile of Student's t for intervals of 95 %.

    Example:
        >>> round(quantile(4), 3)
        2.776
    """
    return float(stdtrit(dof, (1 + LEVEL) / 2))


def two_sided_p(t: float, dof: float) -> float:
    """The share of samples without any difference that would be at least as far off; of the normal distribution where
    `dof` is infinite."""
    return float(2 * (stdtr(dof, -abs(t)) if isfinite(dof) else ndtr(-abs(t))))
