"""Shine-through: a void shows the solid that lies deeper along the line of sight. This is what defeats thresholds.

In the section-aligned frame the void pixel (z, y) shows the first solid met at (z + n, y + n tan(tilt) z_nm / y_nm),
larger z being cut later; the light it sends falls off with the length of the path, depth / cos(tilt), and with how
closed the void is where it is seen.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, exp, floor, log, radians, tan

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.volume import View, VoxelSize

REACH_NM = 1600.0
"""Paths longer than this show nothing."""

_MOUTH_NM = 120.0  # over this the openness of a void is judged
_MET = 1e-3  # a line of sight with less than this still clear has ended


@dataclass(frozen=True)
class ShineThrough:
    """How bright the floor of a void looks.

    Attributes:
        strength: 0 for none, 1 as in life.
        floor_grey: grey level of the floor at no depth.
        attenuation_nm: path length over which its light falls by a factor e.
        openness_exponent: 0: closed voids are as bright as open ones; larger makes narrow ones darker.
    """

    strength: float = 1.0
    floor_grey: float = 120.0
    attenuation_nm: float = 400.0
    openness_exponent: float = 0.0

    def scaled(self, factor: float) -> ShineThrough:
        """Stronger: full strength from factor 1 on, and light from ever deeper floors."""
        reach = self.attenuation_nm * (0.5 + factor / 2)
        return replace(self, strength=min(1.0, factor), attenuation_nm=reach)


def draw(rng: np.random.Generator, solid_grey: float = 120.0) -> ShineThrough:
    """Ranges in which void grey values spread as on the paper's images (10th to 90th percentile 0.3 to 1 of solid).

    The lengths themselves are assumed: nobody has measured them. Floors are rims too, hence brighter than the section.
    """
    return ShineThrough(
        floor_grey=float(solid_grey * rng.uniform(1.0, 1.12)),
        attenuation_nm=float(np.exp(rng.uniform(log(450), log(700)))),
        openness_exponent=float(rng.uniform(0.1, 0.3)),
    )


def deeper(view: View, voxel_size: VoxelSize) -> tuple[int, int]:
    """How many slices and rows beyond an image must be known to tell all that shines through."""
    slices = floor(REACH_NM * cos(radians(view.tilt_deg)) / voxel_size.z_nm)
    return slices, floor(slices * rows_per_slice(view, voxel_size)) + 2


def rows_per_slice(view: View, voxel_size: VoxelSize) -> float:
    """How many rows the line of sight moves down per slice."""
    return tan(radians(view.tilt_deg)) * voxel_size.z_nm / voxel_size.y_nm


def apply(
    grey: NDArray[np.float32], params: ShineThrough, *, solid: NDArray[np.bool_], voxel_size: VoxelSize, view: View
) -> NDArray[np.float32]:
    """Light the voids of `grey` (Z Y X) by the floors found in `solid`.

    `solid` begins at the same voxel as `grey`, is as wide, and should reach deeper by `deeper()` slices and rows:
    lines of sight that leave it find no floor.
    """
    if params.strength == 0:
        return grey
    lit = grey.copy()
    for z in range(len(grey)):
        section = solid[z, : grey.shape[1]]
        light = _light(solid[z:], grey.shape[1], params.attenuation_nm, voxel_size, view)
        light *= params.strength * _openness(section, params, voxel_size)
        lit[z] = np.where(section, grey[z], grey[z] + light * (params.floor_grey - grey[z]))
    return lit


def _light(
    solid: NDArray[np.bool_], rows: int, attenuation_nm: float, voxel_size: VoxelSize, view: View
) -> NDArray[np.float32]:
    """How much of a floor's light reaches each void pixel of the first slice: 0 where the line meets no solid.

    Between two rows the line of sight meets a part of each, as rows are interpolated; it goes on until all is met.
    """
    light = np.zeros((rows, solid.shape[2]), dtype=np.float32)
    y, x = np.nonzero(~solid[0, :rows])
    clear = np.ones(len(y), dtype=np.float32)
    step = rows_per_slice(view, voxel_size)
    for n in range(1, min(len(solid), deeper(view, voxel_size)[0] + 1)):
        down, part = divmod(n * step, 1.0)
        on = (clear > _MET) & (y + int(down) + 1 < solid.shape[1])
        y, x, clear = y[on], x[on], clear[on]
        upper, lower = solid[n, y + int(down), x], solid[n, y + int(down) + 1, x]
        met = np.minimum(clear, upper * np.float32(1 - part) + lower * np.float32(part))
        clear = clear - met
        light[y, x] += met * np.float32(exp(-view.path_nm(n * voxel_size.z_nm) / attenuation_nm))
    return light


def _openness(section: NDArray[np.bool_], params: ShineThrough, voxel_size: VoxelSize) -> NDArray[np.float32]:
    """1 in wide voids, falling as solid closes in; everywhere 1 with exponent 0."""
    if params.openness_exponent == 0:
        return np.ones(section.shape, dtype=np.float32)
    sigma = (_MOUTH_NM / voxel_size.y_nm, _MOUTH_NM / voxel_size.x_nm)
    around = gaussian_filter((~section).astype(np.float32), sigma, truncate=3.0)
    return np.asarray(np.clip(around, 0, 1) ** params.openness_exponent, dtype=np.float32)
