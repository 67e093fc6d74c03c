"""Errors of means over objects as those of the material, from the spread between windows of the annotated box.

Each object that counts moves a mean a little (its influence: by how much the mean would be another without it). Objects
near each other are alike, so influences are added up in windows, of which neighbouring ones may be correlated
(`counting.interval`). Large objects lie uncut only in the middle of the box, so each is expected in every window by the
share of its possible places that lies there. Few large influences tell little of how much such influences vary: there
are at most as many degrees of freedom as the square of the sum of their squares over the sum of their fourth powers.
"""

from __future__ import annotations

from dataclasses import replace
from math import cbrt, prod

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, triple
from keramos.measurements.counting.interval import Spread, sum_spread
from keramos.measurements.counting.windows import Windows
from keramos.measurements.separation.rows import ObjectRows

Numbers = NDArray[np.float64]
_WINDOWS = 64
"""Windows of the box, about: they are larger than objects, and enough to tell of a spread."""
_WINDOWS_PER_DOF = 3.0
"""As intervals of small volumes hold (benchmarks/quantity_coverage.py)."""
_LEAST = 20.0
"""Objects of equal weight that tell as much as those that count, below which there is no interval."""


def spread_of_density(rows: ObjectRows, box: Box) -> Spread | None:
    """The spread of the sum of all weights over the voxels of the box; None of too few objects or windows."""
    weights = rows.weight[rows.weight > 0]
    return _spread(rows, box, weights / box.voxels)


def spread_of_mean(rows: ObjectRows, box: Box, values: NDArray[np.floating] | NDArray[np.integer]) -> Spread | None:
    """The spread of the weighted mean of a value of each object; None of too few objects or windows."""
    counts = rows.weight > 0
    return _spread(rows, box, find_influences(rows.weight[counts], values[counts]))


def find_influences(weights: Numbers, values: NDArray[np.floating] | NDArray[np.integer]) -> Numbers:
    """By how much each value moves the weighted mean: that of all less that of the others.

    Example:
        >>> find_influences(np.array([1.0, 1.0, 2.0]), np.array([1.0, 1.0, 3.0])).round(3).tolist()
        [-0.333, -0.333, 1.0]
    """
    share = weights / weights.sum()
    return np.asarray(share * (values - float(share @ values)) / np.maximum(1 - share, 1e-9), np.float64)


def _spread(rows: ObjectRows, box: Box, influences: Numbers) -> Spread | None:
    weights = rows.weight[rows.weight > 0]
    fourth = float(np.sum(influences**4))
    if weights.sum() ** 2 < _LEAST * np.sum(weights**2) or fourth == 0:
        return None
    deviations = _deviations(rows, box, influences)
    spread = sum_spread(deviations, np.ones(deviations.shape, bool), per_dof=_WINDOWS_PER_DOF)
    few = float(np.sum(influences**2)) ** 2 / fourth
    return None if spread is None else replace(spread, dof=max(1.0, min(spread.dof, few)))


def _deviations(rows: ObjectRows, box: Box, influences: Numbers) -> Numbers:
    """The influences in each window less those that are to be expected there, if each object could be anywhere in the
    box where its faces do not cut it."""
    counts = rows.weight > 0
    low, high = (ends[1:][counts] - np.array(box.start) for ends in (rows.sums.low, rows.sums.high))
    centre = rows.centre[counts] - np.array(box.start)
    lengths = np.array(box.shape) * rows.edges
    aim = cbrt(prod(lengths.tolist()) / _WINDOWS)
    windows = Windows(box.shape, triple([max(1, round(n / aim)) for n in lengths.tolist()]))
    found, expected = [], []
    for axis, cuts in enumerate(windows.cuts):
        at, ends = centre[:, axis], np.array(cuts, float)
        # One on a border counts half on both sides, so that a mirror image gives the same.
        sides = [np.clip(np.searchsorted(ends, at, side) - 1, 0, len(cuts) - 2) for side in ("left", "right")]
        found.append(np.mean([np.eye(len(cuts) - 1)[side] for side in sides], axis=0))
        first, last = 0.5 + at - low[:, axis], box.shape[axis] - 1.5 - (high[:, axis] - at)
        within = np.clip(ends, first[:, None], last[:, None] + 1e-9)
        expected.append(np.diff(within, axis=1) / (last - first + 1e-9)[:, None])
    total, mean = (np.einsum("n,nz,ny,nx->zyx", influences, *parts, optimize=True) for parts in (found, expected))
    return np.asarray(total - mean, np.float64)
