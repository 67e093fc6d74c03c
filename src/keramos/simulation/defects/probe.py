"""Probe size: the beam and the depth that electrons escape from blur every edge a little."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import VoxelSize


@dataclass(frozen=True)
class Probe:
    """A Gaussian probe of standard deviation `sigma_nm` in the slice."""

    sigma_nm: float = 15.0

    def scaled(self, factor: float) -> Probe:
        return replace(self, sigma_nm=self.sigma_nm * factor)


def draw(rng: np.random.Generator) -> Probe:
    """Sharp within a pixel of 20 nm, as on the paper's images."""
    return Probe(sigma_nm=float(rng.uniform(12, 18)))


def apply(grey: NDArray[np.float32], params: Probe, *, voxel_size: VoxelSize) -> NDArray[np.float32]:
    """Blur each slice of `grey` (..., Y X); the image is mirrored at its border."""
    if params.sigma_nm == 0:
        return grey
    sigma = (0,) * (grey.ndim - 2) + (params.sigma_nm / voxel_size.y_nm, params.sigma_nm / voxel_size.x_nm)
    return np.asarray(gaussian_filter(grey, sigma, truncate=3.0), dtype=np.float32)
