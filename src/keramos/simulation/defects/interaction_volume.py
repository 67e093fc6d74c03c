"""Interaction volume: part of the signal comes from electrons scattered back out some way from the beam."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import VoxelSize


@dataclass(frozen=True)
class InteractionVolume:
    """The `share` of the signal that comes from a Gaussian of standard deviation `sigma_nm` around the beam."""

    share: float = 0.12
    sigma_nm: float = 60.0

    def scaled(self, factor: float) -> InteractionVolume:
        return replace(self, share=min(1.0, self.share * factor))


def draw(rng: np.random.Generator) -> InteractionVolume:
    """Backscattered electrons of 5 kV leave a heavy ceramic within about 100 nm (range after Kanaya and Okayama 1972:
    0.15 micrometre in Ba122) and make a tenth to a fifth of the secondary electrons."""
    return InteractionVolume(share=float(rng.uniform(0.03, 0.1)), sigma_nm=float(rng.uniform(45, 75)))


def apply(grey: NDArray[np.float32], params: InteractionVolume, *, voxel_size: VoxelSize) -> NDArray[np.float32]:
    """Mix each slice of `grey` (..., Y X) with its blurred self; the image is mirrored at its border."""
    if params.share == 0:
        return grey
    sigma = (0,) * (grey.ndim - 2) + (params.sigma_nm / voxel_size.y_nm, params.sigma_nm / voxel_size.x_nm)
    wide = gaussian_filter(grey, sigma, truncate=3.0)
    return np.asarray(grey + np.float32(params.share) * (wide - grey), np.float32)
