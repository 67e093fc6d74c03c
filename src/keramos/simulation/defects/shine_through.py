"""Shine-through: a void shows the solid deeper along the line of sight. This is the main reason why thresholds fail.

The signal of a floor decreases with the length of the path and with how enclosed the void is. Surfaces that face away
from the beam are brighter, because more of their electrons escape (the yield is about proportional to 1 / cosine of
the angle of incidence; Reimer 1998, Scanning Electron Microscopy, section 4.2): ridges in a void have bright outlines.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, log, radians

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import VoxelSize
from keramos.simulation.defect import Defect, Surface

_MOUTH_NM = 120.0  # length over which the openness of a void is averaged
_GRAZING = 0.3  # cosine below which the yield no longer rises


@dataclass(frozen=True)
class ShineThrough:
    """Brightness of the floors of voids.

    Attributes:
        strength: 0 for none, 1 for realistic.
        floor_grey: grey level of a floor at depth 0, parallel to the section.
        attenuation_nm: path length over which the signal falls by a factor e.
        openness_exponent: 0 makes enclosed voids as bright as open ones; larger values make them darker.
        relief: exponent of the rise in yield on surfaces that face away from the beam; 0 for none.
    """

    strength: float = 1.0
    floor_grey: float = 120.0
    attenuation_nm: float = 400.0
    openness_exponent: float = 0.0
    relief: float = 0.0

    def scale(self, factor: float) -> ShineThrough:
        """Strength times `factor`, at most 1, and visibility of deeper floors."""
        reach = self.attenuation_nm * (0.5 + factor / 2)
        return replace(self, strength=min(1.0, factor), attenuation_nm=reach)

    def apply(self, grey: NDArray[np.float32], surface: Surface) -> NDArray[np.float32]:
        """Grey values (Y X) with voids lit by the floors in sight; a void without a visible floor stays dark."""
        if self.strength == 0:
            return grey
        light = np.exp(-surface.sight.path_nm / np.float32(self.attenuation_nm)) * np.float32(self.strength)
        light *= measure_openness(surface.solid, surface.voxel_size) ** np.float32(self.openness_exponent)
        if self.relief:
            away = cos(radians(surface.view.tilt_deg)) / np.maximum(surface.sight.facing, _GRAZING)
            light *= away ** np.float32(self.relief)
        lit: NDArray[np.float32] = np.where(surface.solid, grey, grey + light * (np.float32(self.floor_grey) - grey))
        return lit


def draw(rng: np.random.Generator, solid_grey: float) -> ShineThrough:
    """A spread of void grey values as on the paper's images (10th to 90th percentile 0.3 to 1 of the solid).

    The lengths themselves are assumed: no measurement is known. Floors are also rims, so brighter than the section.
    """
    return ShineThrough(
        floor_grey=float(solid_grey * rng.uniform(1.2, 1.45)),
        attenuation_nm=float(np.exp(rng.uniform(log(220), log(420)))),
        openness_exponent=float(rng.uniform(0.6, 1.0)),
        relief=float(rng.uniform(0.2, 0.6)),
    )


def measure_openness(section: NDArray[np.bool_], voxel_size: VoxelSize) -> NDArray[np.float32]:
    """Fraction of void around each pixel of a slice (Y X): 1 in wide voids, less in narrow ones."""
    sigma = (_MOUTH_NM / voxel_size.y_nm, _MOUTH_NM / voxel_size.x_nm)
    return np.clip(gaussian_filter((~section).astype(np.float32), sigma, truncate=3.0), 0, 1)


DEFECT = Defect("shine_through", "surface", 20, draw, stream=1)
