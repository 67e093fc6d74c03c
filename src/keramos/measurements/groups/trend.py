"""The trend of a quantity along a series, such as hours of ageing: a straight line by least squares.

Least squares and not Theil-Sen: with the four to ten samples of a series the interval of a rank method has few steps
(of five samples, it is the whole range of slopes), and that of least squares is exact for scatter that is about normal.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

import numpy as np

from keramos.measurements.groups.power import detectable_noncentrality
from keramos.measurements.groups.scatter import Bounds, quantile, two_sided_p

_ROUNDING = 1e-9


@dataclass(frozen=True, slots=True)
class Trend:
    """A straight line: `slope` per unit of x, and its value at x = 0, `start`.

    `interval`, `p` and the smallest slopes that are detected with 80 % power, now and with one more sample at each x,
    are None where no sample is off the line.
    """

    slope: float
    start: float
    count: int
    centre: float
    interval: Bounds | None = None
    p: float | None = None
    standard_error: float | None = None
    detectable: float | None = None
    detectable_with_more: float | None = None


def fit_trend(x: Sequence[float], y: Sequence[float]) -> Trend | None:
    """The line through samples, each counted once; None of fewer than three, or of a single x.

    Interval and p: Draper and Smith, Applied Regression Analysis, 1998, section 1.4.

    Example:
        >>> line = fit_trend([0, 100, 200, 300], [30.0, 31.1, 31.9, 33.0])
        >>> round(line.slope, 4), [round(end, 4) for end in line.interval]
        (0.0098, [0.008, 0.0116])
    """
    places, values = np.asarray(x, float), np.asarray(y, float)
    if len(places) < 3 or not np.ptp(places) > 0:
        return None
    centre, dof = float(places.mean()), len(places) - 2
    squares = float(np.sum((places - centre) ** 2))
    slope = float(np.sum((places - centre) * (values - values.mean()))) / squares
    start = float(values.mean()) - slope * centre
    residual = float(np.sum((values - start - slope * places) ** 2))
    line = Trend(slope, start, len(places), centre)
    if residual <= (_ROUNDING * float(np.abs(values).max())) ** 2:
        return line
    error = sqrt(residual / dof / squares)
    half = quantile(dof) * error
    more = np.concatenate([places, np.unique(places)])
    squares_with_more = float(np.sum((more - more.mean()) ** 2))
    error_with_more = sqrt(residual / dof / squares_with_more)
    return Trend(
        slope,
        start,
        len(places),
        centre,
        (slope - half, slope + half),
        two_sided_p(slope / error, dof),
        error,
        detectable_noncentrality(dof) * error,
        detectable_noncentrality(len(more) - 2) * error_with_more,
    )
