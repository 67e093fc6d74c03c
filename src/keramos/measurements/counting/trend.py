"""Whether the windows of a volume change along its axes, and how sure that is.

A plane is fitted to the windows by least squares, so that a change along one axis does not pass for scatter along
another. The variance of each slope is that of a sum over windows whose neighbours are alike, as of a mean: windows are
merged until those two apart are not correlated, and the covariances of all pairs at most one apart are added up
(Conley, J. Econometrics 92, 1, 1999, with the windows of `interval`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from keramos.measurements.counting.interval import LEVEL, sum_spread

Numbers = NDArray[np.float64]
_ROUNDING = 1e-12
"""A standard error below this, of a change relative to the value, is the rounding of numbers that are all the same."""


@dataclass(frozen=True)
class Trend:
    """The change of a value from one end of the volume to the other, relative to its mean, with its interval of nominal
    level 0.95, and the probability of a change at least so large in a material without one."""

    change: float
    interval: tuple[float, float]
    p_value: float


def fit_trends(
    deviations: Numbers, amounts: Numbers, places: Sequence[Numbers], counts: NDArray[np.bool_]
) -> list[Trend | None]:
    """The trends along Z, Y and X; None of one layer of windows, of too few windows, or where nothing differs.

    Args:
        deviations: how far each window (Z Y X) moves the value of all, relative to it.
        amounts: the weights of the windows in the value of all, such as the lower sums of a ratio.
        places: of the windows along each axis, as shares of the volume's length.
        counts: the windows that hold anything.
    """
    share = amounts / amounts.sum()
    along = [line - float((share * line).sum()) for line in np.ix_(*places)]
    axes = [axis for axis in range(3) if np.count_nonzero(share.any(axis=tuple({0, 1, 2} - {axis}))) > 1]
    if not axes:
        return [None] * 3
    squares = np.array([[float((share * along[a] * along[b]).sum()) for b in axes] for a in axes])
    if np.linalg.matrix_rank(squares) < len(axes):
        return [None] * 3
    inverse = np.linalg.inv(squares)
    changes = inverse @ [float((along[axis] * deviations).sum()) for axis in axes]
    left = deviations - share * sum(change * along[axis] for change, axis in zip(changes, axes, strict=True))
    trends: list[Trend | None] = [None] * 3
    for row, change, axis in zip(inverse, changes, axes, strict=True):
        parts = left * sum(weight * along[other] for weight, other in zip(row, axes, strict=True))
        trends[axis] = _judge(float(change), parts, counts)
    return trends


def _judge(change: float, parts: Numbers, counts: NDArray[np.bool_]) -> Trend | None:
    """The trend of a slope whose error is the sum of parts."""
    spread = sum_spread(parts, counts)
    if spread is None or not spread.standard_error > _ROUNDING:
        return None
    half = float(scipy.stats.t.ppf((1 + LEVEL) / 2, spread.dof)) * spread.standard_error
    p_value = 2 * float(scipy.stats.t.sf(abs(change) / spread.standard_error, spread.dof))
    return Trend(change, (change - half, change + half), p_value)
