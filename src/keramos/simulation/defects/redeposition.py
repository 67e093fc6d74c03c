"""Redeposition: sputtered material settles in voids, mostly on their lower walls, and hides their depth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defect import Defect, Surface
from keramos.simulation.smooth_field import centres_nm, smooth_field

_REGION_NM = (300.0, 600.0, 600.0)


@dataclass(frozen=True)
class Redeposition:
    """Bright haze in voids.

    Attributes:
        key: random key of the regions.
        cover: opacity just above the lower wall, in the most covered regions.
        reach_nm: height above the wall over which the opacity falls by a factor e.
        grey: grey level of the deposit.
    """

    key: int
    cover: float = 0.25
    reach_nm: float = 120.0
    grey: float = 95.0

    def scale(self, factor: float) -> Redeposition:
        return replace(self, cover=min(1.0, self.cover * factor))

    def apply(self, grey: NDArray[np.float32], surface: Surface) -> NDArray[np.float32]:
        """Grey values (Y X) with haze over the voids; the solid is unchanged."""
        if self.cover == 0:
            return grey
        rows, columns = grey.shape
        positions = (
            centres_nm(1, surface.voxel_size.z_nm, surface.slice_number),
            centres_nm(rows, surface.voxel_size.y_nm) + surface.corner_nm[0],
            centres_nm(columns, surface.voxel_size.x_nm) + surface.corner_nm[1],
        )
        region = np.clip(smooth_field(self.key, positions, _REGION_NM)[0], 0, 2) / 2
        thinning = np.exp(-_height_above_solid(surface.solid) * np.float32(surface.voxel_size.y_nm / self.reach_nm))
        cover = np.float32(self.cover) * region * thinning
        return np.where(surface.solid, grey, grey + cover * (np.float32(self.grey) - grey)).astype(np.float32)


def draw(rng: np.random.Generator, solid_grey: float) -> Redeposition:
    """Assumed strengths: a haze that is visible in some voids and never hides one."""
    return Redeposition(
        key=int(rng.integers(2**53)),
        cover=float(rng.uniform(0.05, 0.3)),
        reach_nm=float(rng.uniform(60, 180)),
        grey=float(solid_grey * rng.uniform(0.6, 0.85)),
    )


def _height_above_solid(section: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Number of rows (Y X) from each pixel down to the next solid pixel in its column; infinite if there is none."""
    rows = np.arange(len(section), dtype=np.float32)[:, None]
    floor = np.where(section, rows, np.float32(np.inf))
    return np.minimum.accumulate(floor[::-1], axis=0)[::-1] - rows


DEFECT = Defect("redeposition", "surface", 30, draw, stream=8)
