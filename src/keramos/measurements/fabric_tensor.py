"""Principal lengths, directions and degrees of anisotropy of symmetric tensors, with the spread between windows."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from keramos.measurements.counting.interval import Spread, add_interval, interval, sum_spread
from keramos.measurements.results import Measured

Numbers = NDArray[np.float64]
_STEP = 1e-4


def angles_of(direction: Numbers) -> Numbers:
    """The angles in degrees between a line and the axes Z, Y and X, from 0 to 90."""
    return np.asarray(np.degrees(np.arccos(np.clip(np.abs(direction) / np.linalg.norm(direction), 0, 1))))


ANY_ANGLE = (0.0, 90.0)


def add_angle_interval(row: Measured, spread: Spread | None, gap: tuple[float, Spread | None]) -> Measured:
    """The row of a principal direction's angle with its interval, wider the less sure the `gap` is between its own
    principal value and the next one, over which angles are divided (Fieller, J. R. Stat. Soc. B 16, 175, 1954): any
    angle where the gap may be chance."""
    bounds = interval(*gap)
    if spread is None or bounds is None:
        return add_interval(row, spread, *ANY_ANGLE)
    if bounds[1] >= 2 * gap[0]:  # also where the gap is 0
        return replace(row, quantity=replace(row.quantity, interval=ANY_ANGLE))
    chance = bounds[1] / gap[0] - 1
    widened = replace(spread, standard_error=spread.standard_error / sqrt(1 - chance**2))
    return add_interval(row, widened, *ANY_ANGLE)


def name_direction(direction: Numbers) -> str:
    """A line as text, pointing to where its first part of any size grows.

    Example:
        >>> name_direction(np.array([0.0, -0.6, 0.8]))
        '(0, 0.6, -0.8)'
    """
    leading = direction[int(np.argmax(np.abs(direction) > 1e-6))]
    return f"({', '.join(f'{value:.3g}' for value in direction * np.sign(leading) + 0.0)})"


def linear_spreads(
    function: Callable[[Numbers], Numbers],
    above: Numbers,
    below: Numbers,
    counts: NDArray[np.bool_],
) -> tuple[Numbers, list[Spread | None]]:
    """The values of a function of ratios of sums, and their spreads by the delta method.

    Args:
        function: of the ratios (M), giving K values.
        above, below: parts of the sums in each window (Z Y X, M) and (Z Y X, M).
        counts: the windows that hold anything (Z Y X).
    """
    totals = below.sum(axis=(0, 1, 2))
    ratios = above.sum(axis=(0, 1, 2)) / totals
    values = function(ratios)
    size = _STEP * float(np.abs(ratios).max())
    slopes = np.stack(
        [(function(ratios + step) - function(ratios - step)) / (2 * size) for step in size * np.eye(len(ratios))]
    )
    deviations = (above - ratios * below) / totals
    return values, [sum_spread(deviations @ slope, counts) for slope in slopes.T]
