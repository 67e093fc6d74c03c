"""Shine-through: a void shows the solid that lies deeper along the line of sight. This is what defeats thresholds.

The light of a floor falls off with the length of the path and with how closed the void is where it is seen. Surfaces
that face away from the beam are brighter, since more of their electrons escape (the yield goes about as 1 / cosine of
the angle of incidence; Reimer 1998, Scanning Electron Microscopy, section 4.2): ridges in a void have bright outlines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, log, radians

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import View, VoxelSize
from keramos.simulation.line_of_sight import Sight

_MOUTH_NM = 120.0  # over this the openness of a void is judged
_GRAZING = 0.3  # cosine below which the yield rises no further


@dataclass(frozen=True)
class ShineThrough:
    """How bright the floor of a void looks.

    Attributes:
        strength: 0 for none, 1 as in life.
        floor_grey: grey level of a floor at no depth that lies parallel to the section.
        attenuation_nm: path length over which its light falls by a factor e.
        openness_exponent: 0: closed voids are as bright as open ones; larger makes narrow ones darker.
        relief: exponent of the yield's rise on surfaces that face away from the beam; 0 for none.
    """

    strength: float = 1.0
    floor_grey: float = 120.0
    attenuation_nm: float = 400.0
    openness_exponent: float = 0.0
    relief: float = 0.0

    def scaled(self, factor: float) -> ShineThrough:
        """Stronger: full strength from factor 1 on, and light from ever deeper floors."""
        reach = self.attenuation_nm * (0.5 + factor / 2)
        return replace(self, strength=min(1.0, factor), attenuation_nm=reach)


def draw(rng: np.random.Generator, solid_grey: float = 120.0) -> ShineThrough:
    """Ranges in which void grey values spread as on the paper's images (10th to 90th percentile 0.3 to 1 of solid).

    The lengths themselves are assumed: nobody has measured them. Floors are rims too, hence brighter than the section.
    """
    return ShineThrough(
        floor_grey=float(solid_grey * rng.uniform(1.2, 1.45)),
        attenuation_nm=float(np.exp(rng.uniform(log(220), log(420)))),
        openness_exponent=float(rng.uniform(0.6, 1.0)),
        relief=float(rng.uniform(0.2, 0.6)),
    )


def apply(
    grey: NDArray[np.float32], params: ShineThrough, *, sight: Sight, voxel_size: VoxelSize, view: View
) -> NDArray[np.float32]:
    """Light the voids of one slice `grey` (Y X) by the floors in sight; a void without a floor stays dark."""
    if params.strength == 0:
        return grey
    light = np.exp(-sight.path_nm / np.float32(params.attenuation_nm)) * np.float32(params.strength)
    light *= openness(sight.section, voxel_size) ** np.float32(params.openness_exponent)
    if params.relief:
        away = cos(radians(view.tilt_deg)) / np.maximum(sight.facing, _GRAZING)
        light *= away ** np.float32(params.relief)
    lit: NDArray[np.float32] = np.where(sight.section, grey, grey + light * (np.float32(params.floor_grey) - grey))
    return lit


def openness(section: NDArray[np.bool_], voxel_size: VoxelSize) -> NDArray[np.float32]:
    """The share of void around each pixel of a slice (Y X): 1 in wide voids, less as solid closes in."""
    sigma = (_MOUTH_NM / voxel_size.y_nm, _MOUTH_NM / voxel_size.x_nm)
    return np.clip(gaussian_filter((~section).astype(np.float32), sigma, truncate=3.0), 0, 1)
