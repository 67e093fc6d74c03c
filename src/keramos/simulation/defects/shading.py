"""Shading: electrons from the bottom of the trench reach the detector less, so images darken downward."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize

_REFERENCE_UM = 256 * 26.4e-3  # the height of the paper's patches, whose fall has been measured
_REFERENCE_GREY = 120.0


@dataclass(frozen=True)
class Shading:
    """Grey values fall downward by the fraction `fall_per_um` per micrometre; mid-height keeps its grey."""

    fall_per_um: float = 0.025

    def scaled(self, factor: float) -> Shading:
        return replace(self, fall_per_um=self.fall_per_um * factor)


def draw(rng: np.random.Generator) -> Shading:
    """14 to 30 grey levels of 120 over 256 rows of 26.4 nm, as measured on the paper's images."""
    return Shading(fall_per_um=float(rng.uniform(14, 30) / _REFERENCE_GREY / _REFERENCE_UM))


def apply(grey: NDArray[np.float32], params: Shading, *, voxel_size: VoxelSize) -> NDArray[np.float32]:
    """Multiply each row of `grey` (Z Y X) by exp(-fall * (y - middle)): never negative, however tall the image."""
    rows = grey.shape[1]
    height_um = (np.arange(rows) - (rows - 1) / 2) * voxel_size.y_nm * 1e-3
    gain = np.exp(-params.fall_per_um * height_um).astype(np.float32)
    shaded: NDArray[np.float32] = grey * gain[:, None]
    return shaded
