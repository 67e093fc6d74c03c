"""The spatial correlation of a segmentation's errors, from slices whose truth is known.

A realization (`realizations.py`) says "the phase" where a hidden Gaussian field, turned into uniform values, lies below
the voxel's score. Only the errors can be seen, each 0 or 1 less a score; their correlation is weaker
than the field's, by an amount that is known for every score, so that the field's can be told from theirs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from math import exp, pi

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray
from scipy.special import ndtri

from keramos.core import NOT_ANNOTATED, VoxelSize
from keramos.core.errors import ShapeError

_FAR = 24
"""Voxels up to which errors are compared."""
_BINS = 40
"""Bins of scores."""
MIN_DOUBTFUL = 200
DOUBT = 0.05
"""A voxel is doubtful if its score is neither below this nor above one less this."""


@dataclass(frozen=True)
class ErrorCorrelation:
    """The hidden field is white noise smoothed by a Gaussian with a standard deviation of `length_nm`: values r apart
    have a correlation of exp(-r^2 / (4 length^2)). It rests on so many doubtful `voxels`."""

    length_nm: float
    voxels: int


def fit_correlation(
    scores: NDArray[np.float32], truth: NDArray[np.uint8], voxel_size: VoxelSize, *, phase: int
) -> ErrorCorrelation | None:
    """The correlation of errors in annotated slices: `scores` of the phase (0 ... 1) and true codes (Z Y X).

    Errors r apart along X and Y are compared; the distance at which the hidden field's correlation has fallen to 1/e
    fixes its length, the mean of both axes. It is taken to be the same along Z. None where too few voxels are doubtful.

    Raises:
        ShapeError: scores and truth of different shapes.
    """
    if scores.shape != truth.shape:
        raise ShapeError(f"expected scores and truth of one shape, found {scores.shape} and {truth.shape}")
    known = truth != NOT_ANNOTATED
    doubtful = np.count_nonzero(known & (scores > DOUBT) & (scores < 1 - DOUBT))
    if doubtful < MIN_DOUBTFUL:
        return None
    error = np.where(known, (truth == phase) - scores, 0).astype(np.float32)
    falls = [_fall(error, scores, known, axis, voxel_size.zyx[axis]) for axis in (1, 2)]
    lengths = [fall for fall in falls if fall is not None]
    return ErrorCorrelation(float(np.mean(lengths)) / 2, int(doubtful)) if lengths else None


def hidden_correlation(one: NDArray[np.floating], other: NDArray[np.floating], together: float) -> float:
    """The correlation (0 ... 1) of the hidden field between the voxels of pairs with the scores `one` and `other`, the
    sum of whose errors' products is `together`."""
    pairs, _, _ = np.histogram2d(one.ravel(), other.ravel(), _BINS, ((0, 1), (0, 1)))
    angle, shared = _pair_table()
    expected = np.tensordot(pairs, shared, 2)
    return float(np.sin(np.interp(together, expected, angle)))


@cache
def _pair_table() -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Angles whose sines are correlations; and what a pair adds to the sum of products, by both scores and angle.

    Two normal values with correlation r are both low, one below h and the other below k, more often than if they were
    unrelated by the integral of the density phi2(h, k; t) over t from 0 to r (Plackett, Biometrika 41, 351, 1954).
    """
    angle = np.linspace(0, pi / 2, 200)  # t = sin(angle) takes the root out of the integral
    limit = np.asarray(ndtri((np.arange(_BINS) + 0.5) / _BINS), np.float64)
    h, k, t = limit[:, None, None], limit[:, None], np.sin(angle)
    with np.errstate(divide="ignore", invalid="ignore"):
        distance = (h**2 - 2 * h * k * t + k**2) / (2 * (1 - t**2))
    distance[..., -1] = np.where(np.eye(_BINS, dtype=bool), limit**2 / 2, np.inf)
    return angle, scipy.integrate.cumulative_trapezoid(np.exp(-distance) / (2 * pi), angle, axis=-1, initial=0)


def _fall(
    error: NDArray[np.floating], scores: NDArray[np.floating], known: NDArray[np.bool_], axis: int, step: float
) -> float | None:
    """The distance (nm) at which the hidden correlation along an axis has fallen to 1/e; None without pairs."""
    last, farthest = 1.0, min(_FAR, error.shape[axis] - 1)
    for lag in range(1, farthest + 1):
        here, there = (_part(axis, ends) for ends in (slice(0, -lag), slice(lag, None)))
        both = known[here] & known[there]
        if not both.any():
            return None
        products = float(np.sum(error[here] * error[there], dtype=np.float64))
        now = hidden_correlation(scores[here][both], scores[there][both], products)
        if now <= exp(-1):
            return float(step * (lag - 1 + (last - exp(-1)) / (last - now)))
        last = now
    return float(step * farthest) if farthest else None


def _part(axis: int, part: slice) -> tuple[slice, ...]:
    return tuple(part if other == axis else slice(None) for other in range(3))
