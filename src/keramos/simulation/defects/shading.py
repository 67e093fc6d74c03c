"""Shading: fewer electrons from the bottom of the trench reach the detector, so images darken downwards."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defect import Defect, SliceRange

_REFERENCE_UM = 256 * 26.4e-3  # height of the paper's patches, on which the fall was measured
_REFERENCE_GREY = 120.0


@dataclass(frozen=True)
class Shading:
    """Decrease of the grey values towards larger y.

    Attributes:
        fall_per_um: relative decrease per micrometre; the middle row keeps its grey value.
    """

    fall_per_um: float = 0.025

    def scale(self, factor: float) -> Shading:
        return replace(self, fall_per_um=self.fall_per_um * factor)

    def apply(self, grey: NDArray[np.float32], slices: SliceRange) -> NDArray[np.float32]:
        """Grey values (Z Y X) with each row multiplied by exp(-fall * (y - middle)), which is never negative."""
        rows = grey.shape[1]
        height_um = (np.arange(rows) - (rows - 1) / 2) * slices.voxel_size.y_nm * 1e-3
        gain = np.exp(-self.fall_per_um * height_um).astype(np.float32)
        shaded: NDArray[np.float32] = grey * gain[:, None]
        return shaded


def draw(rng: np.random.Generator, _: float) -> Shading:
    """A fall of 14 to 30 grey levels out of 120 over 256 rows of 26.4 nm, as measured on the paper's images."""
    return Shading(fall_per_um=float(rng.uniform(14, 30) / _REFERENCE_GREY / _REFERENCE_UM))


DEFECT = Defect("shading", "image", 10, draw, stream=4)
