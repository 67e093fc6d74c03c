"""The exponent at which the spread between windows falls with their volume, and its interval.

variance ~ volume^-exponent (Dirrenberger et al., Int. J. Solids Struct. 51, 359, 2014): a line through the logarithms.
Windows of all sizes share voxels, so no residual of the line tells its error. It is fitted again without each eighth of
the volume (delete-a-group jackknife: Shao and Wu, Ann. Stat. 17, 1176, 1989), and the interval follows from how much
these exponents differ.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from keramos.measurements.counting.interval import LEVEL
from keramos.measurements.counting.window_sums import MIN_WINDOWS, values_of_windows

Numbers = NDArray[np.float64]
_ROUNDING = 1e-12
MIN_SIZES = 3
"""Sizes of windows through whose spread a line is fitted."""


@dataclass(frozen=True, slots=True)
class WindowSpread:
    """The spread of a number between windows of a size: the `factor` of their edge, their mean `voxels`, the standard
    deviation, and how many lie side by side."""

    factor: int
    voxels: float
    deviation: float
    windows: int


@dataclass(frozen=True, eq=False)
class WindowNumbers:
    """Sums of windows (K, Z Y X), the number that follows from them, and the windows' voxels, annotated and in all."""

    sums: Numbers
    value: Callable[[Numbers], Numbers]
    annotated: Numbers
    voxels: NDArray[np.int64]

    def spreads(self, factors: Sequence[int], least: int = MIN_WINDOWS) -> list[WindowSpread]:
        """The spread at each size of which there are at least so many windows side by side."""
        rows = []
        for factor in factors:
            values, mean, apart = values_of_windows(self.sums, self.value, self.annotated, self.voxels, factor)
            if apart >= least:
                rows.append(WindowSpread(factor, mean, float(values.std(ddof=1)), apart))
        return rows

    def without_each_eighth(self) -> Iterator[WindowNumbers]:
        """The windows without those of each half along every axis; a layer in the middle is in none."""
        halves = [(slice(0, n // 2), slice(n - n // 2, n)) if n > 1 else (slice(0, 1),) for n in self.annotated.shape]
        for part in product(*halves):
            left = self.annotated.copy()
            left[part] = 0
            yield WindowNumbers(self.sums, self.value, left, self.voxels)


def fit_exponent(
    numbers: WindowNumbers, rows: Sequence[WindowSpread], total: float
) -> tuple[float, tuple[float, float] | None] | None:
    """The exponent of these spreads, of a number that is `total` in the whole volume, and its interval; None where
    there are too few sizes whose windows differ."""
    differing = [row for row in rows if row.deviation > _ROUNDING * abs(total)]
    if len(differing) < MIN_SIZES:
        return None
    factors, found = [row.factor for row in differing], []
    for part in numbers.without_each_eighth():
        others = [row for row in part.spreads(factors, MIN_WINDOWS // 2) if row.deviation > _ROUNDING * abs(total)]
        found.append(_fit(others) if len(others) == len(factors) else np.nan)
    return _fit(differing), _interval(_fit(differing), np.array(found))


def _fit(rows: Sequence[WindowSpread]) -> float:
    """Minus twice the slope of the logarithm of the spread over that of the volume; a spread of n windows weighs as
    n - 1."""
    volumes, spreads, windows = (np.array([getattr(row, name) for row in rows]) for name in _COLUMNS)
    slope, _ = np.polyfit(np.log(volumes), np.log(spreads), 1, w=np.sqrt(2 * (windows - 1)))
    return float(-2 * slope)


_COLUMNS = ("voxels", "deviation", "windows")


def _interval(value: float, found: Numbers) -> tuple[float, float] | None:
    count = len(found)
    if count < 2 or not np.isfinite(found).all():
        return None
    error = float(np.sqrt((count - 1) / count * ((found - found.mean()) ** 2).sum()))
    half = float(scipy.stats.t.ppf((1 + LEVEL) / 2, count - 1)) * error
    return (value - half, value + half) if error > _ROUNDING else None
