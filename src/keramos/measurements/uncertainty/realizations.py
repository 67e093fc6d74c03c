"""Segmentation realizations sampled from a network's scores.

A voxel's score says how likely it is of a phase; neighbours err together. So each realization compares the scores with
one smooth random field, whose correlation is that of the errors on annotated slices: voxels sampled one by one would
have nearly the same fraction every time, and a surface around every doubtful voxel.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, gaussian_filter1d
from scipy.special import ndtr

from keramos.core import VoxelSize
from keramos.measurements.uncertainty.error_correlation import ErrorCorrelation


def sample_segmentation(
    scores: NDArray[np.float32], correlation: ErrorCorrelation, voxel_size: VoxelSize, rng: np.random.Generator
) -> NDArray[np.uint8]:
    """One segmentation (codes, Z Y X) from scores (phases, Z Y X) that sum to one: over many realizations each voxel is
    of a phase as often as its score says. A phase of score 0 is never sampled."""
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
    """Values spread evenly over 0 ... 1 (1 itself left out), each voxel's by itself, that change smoothly from voxel to
    voxel, and on across the border to the other side."""
    sigma = [correlation.length_nm / d for d in voxel_size.zyx]
    noise = rng.standard_normal(tuple(shape), np.float32)
    smooth = gaussian_filter(noise, sigma, mode="wrap")
    # The deviation of smoothed white noise, from the very filter: not from this sample, nor from an endless volume.
    lines = [gaussian_filter1d(np.eye(1, n)[0], s, mode="wrap") for n, s in zip(shape, sigma, strict=True)]
    deviation = float(np.sqrt(np.prod([np.sum(line**2) for line in lines])))
    return np.minimum(ndtr(smooth / np.float32(deviation)), np.float32(1 - 2**-24), dtype=np.float32)
