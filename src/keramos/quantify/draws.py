"""Segmentations that could as well be true, drawn from a network's scores.

A voxel's score says how likely it is of a phase; neighbours err together. So each draw compares the scores with one
smooth random field, whose correlation is that of the errors on annotated slices: voxels drawn one by one would have
nearly the same fraction every time, and a surface around every doubtful voxel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.special import ndtr

from keramos.errors import ShapeError
from keramos.volume import NOT_ANNOTATED, VoxelSize

_FAR = 12
"""Voxels up to which errors are compared."""


@dataclass(frozen=True)
class ErrorCorrelation:
    """How alike the errors of voxels are: `length_nm` is the standard deviation of the Gaussian that white noise is
    smoothed with; correlations then fall as exp(-r^2 / (4 length^2)). `voxels` were compared."""

    length_nm: float
    voxels: int


def fit_correlation(
    scores: NDArray[np.float32], truth: NDArray[np.uint8], voxel_size: VoxelSize, *, phase: int
) -> ErrorCorrelation | None:
    """The correlation of errors in annotated slices: `scores` of the phase and true codes (Z Y X).

    Residuals (true or not, less the score, over its standard deviation) of voxels r apart along X and Y; the length at
    which their correlation has fallen to 1/e fixes the Gaussian. None where there are too few doubtful voxels.

    Raises:
        ShapeError: scores and truth of different shapes.
    """
    if scores.shape != truth.shape:
        raise ShapeError(f"expected scores and truth of one shape, found {scores.shape} and {truth.shape}")
    spread = np.sqrt(scores * (1 - scores))
    doubtful = (truth != NOT_ANNOTATED) & (spread > 0.02)
    if np.count_nonzero(doubtful) < 500:
        return None
    residual = np.where(doubtful, ((truth == phase) - scores) / np.maximum(spread, 0.02), 0)
    lengths = [found for axis in (1, 2) if (found := _fall(residual, doubtful, axis, voxel_size.zyx[axis])) is not None]
    if not lengths:
        return None
    return ErrorCorrelation(float(np.mean(lengths)) / 2, int(np.count_nonzero(doubtful)))


def draw(
    scores: NDArray[np.float32], correlation: ErrorCorrelation, voxel_size: VoxelSize, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """One segmentation (codes, Z Y X) from scores (phases, Z Y X) that sum to one."""
    level = _uniform_field(scores.shape[1:], correlation, voxel_size, rng)
    codes = np.zeros(level.shape, np.uint8)
    reached = np.zeros(level.shape, np.float32)
    for score in scores[:-1]:
        reached += score
        codes += level >= reached
    return codes


def _uniform_field(
    shape: Sequence[int], correlation: ErrorCorrelation, voxel_size: VoxelSize, rng: np.random.Generator
) -> NDArray[np.float32]:
    """Values spread evenly over 0 ... 1, each voxel's by itself, that change smoothly from voxel to voxel."""
    sigma = [correlation.length_nm / d for d in voxel_size.zyx]
    noise = rng.standard_normal(tuple(shape), np.float32)
    smooth = gaussian_filter(noise, sigma, mode="wrap", truncate=4.0)
    impulse = [gaussian_filter(np.eye(1, 2 * int(4 * s + 1) + 1, int(4 * s + 1))[0], s, mode="constant") for s in sigma]
    deviation = float(np.sqrt(np.prod([np.sum(line**2) for line in impulse])))
    return np.asarray(ndtr(smooth / deviation), np.float32)


def _fall(residual: NDArray[np.floating], known: NDArray[np.bool_], axis: int, step: float) -> float | None:
    """The distance (nm) at which the residuals' correlation along an axis has fallen to 1/e; None without pairs."""
    variance = float(np.sum(residual**2) / np.count_nonzero(known))
    last = 1.0
    for lag in range(1, min(_FAR, residual.shape[axis] - 1) + 1):
        one, other = (_part(residual, axis, s) for s in (slice(0, -lag), slice(lag, None)))
        pairs = np.count_nonzero(_part(known, axis, slice(0, -lag)) & _part(known, axis, slice(lag, None)))
        if not pairs:
            return None
        now = float(np.sum(one * other)) / pairs / variance
        if now <= exp(-1):
            return float(step * (lag - 1 + (last - exp(-1)) / (last - now)))
        last = now
    return float(step * min(_FAR, residual.shape[axis] - 1))


def _part(array: NDArray, axis: int, part: slice) -> NDArray:  # type: ignore[type-arg]
    return array[tuple(part if other == axis else slice(None) for other in range(3))]
