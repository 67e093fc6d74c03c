"""Medians of neighbours along the stack."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def median_of_neighbours(values: NDArray[np.float64], reach: int) -> NDArray[np.float64]:
    """The median of up to `reach` values on each side of each value, without itself and without NaN; NaN where there
    are none.

    Example:
        >>> median_of_neighbours(np.array([1.0, 9.0, 2.0, 3.0]), 1).tolist()
        [9.0, 1.5, 6.0, 2.0]
    """
    medians = np.full(len(values), np.nan)
    for at in range(len(values)):
        near = np.concatenate([values[max(0, at - reach) : at], values[at + 1 : at + reach + 1]])
        near = near[~np.isnan(near)]
        if len(near):
            medians[at] = np.median(near)
    return medians


def spread_of(values: NDArray[np.float64]) -> float:
    """The standard deviation of normal values, from the median of their distances from the median; 0 for none."""
    return 1.4826 * float(np.median(np.abs(values - np.median(values)))) if len(values) else 0.0


def find_runs(flags: NDArray[np.bool_]) -> list[tuple[int, int]]:
    """The first and the last place of each run of flags that are set.

    Example:
        >>> find_runs(np.array([True, False, True, True]))
        [(0, 0), (2, 3)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], flags, [False]]).astype(np.int8)))
    return [(int(start), int(stop) - 1) for start, stop in zip(edges[::2], edges[1::2], strict=True)]
