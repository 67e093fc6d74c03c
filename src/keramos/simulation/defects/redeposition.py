"""Redeposition: what the ion beam sputters settles in voids, mostly on the walls below, and hides how deep they are."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.simulation.smooth_field import centres_nm, smooth_field

_REGION_NM = (300.0, 600.0, 600.0)


@dataclass(frozen=True)
class Redeposition:
    """A bright haze in voids.

    Attributes:
        key: where it settled.
        cover: how much of the void's own grey it hides just above the lower wall, in the most covered regions.
        reach_nm: height above the wall over which it thins out by a factor e.
        grey: its own grey level.
    """

    key: int
    cover: float = 0.25
    reach_nm: float = 120.0
    grey: float = 95.0

    def scaled(self, factor: float) -> Redeposition:
        return replace(self, cover=min(1.0, self.cover * factor))


def draw(rng: np.random.Generator, solid_grey: float = 120.0) -> Redeposition:
    """Assumed: a haze that is seen in some voids and never hides one."""
    return Redeposition(
        key=int(rng.integers(2**53)),
        cover=float(rng.uniform(0.05, 0.3)),
        reach_nm=float(rng.uniform(60, 180)),
        grey=float(solid_grey * rng.uniform(0.6, 0.85)),
    )


def apply(
    grey: NDArray[np.float32],
    params: Redeposition,
    *,
    section: NDArray[np.bool_],
    voxel_size: VoxelSize,
    slice_number: int = 0,
) -> NDArray[np.float32]:
    """Haze over the voids of one slice (Y X), number `slice_number` of the stack; the solid is left alone."""
    if params.cover == 0:
        return grey
    rows, columns = grey.shape
    positions = (
        centres_nm(1, voxel_size.z_nm, slice_number),
        centres_nm(rows, voxel_size.y_nm),
        centres_nm(columns, voxel_size.x_nm),
    )
    region = np.clip(smooth_field(params.key, positions, _REGION_NM)[0], 0, 2) / 2
    thinning = np.exp(-_height_above_solid(section) * np.float32(voxel_size.y_nm / params.reach_nm))
    cover = np.float32(params.cover) * region * thinning
    return np.where(section, grey, grey + cover * (np.float32(params.grey) - grey)).astype(np.float32)


def _height_above_solid(section: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Rows from each pixel down to the next solid one in its column; infinite where there is none."""
    rows = np.arange(len(section), dtype=np.float32)[:, None]
    floor = np.where(section, rows, np.float32(np.inf))
    return np.minimum.accumulate(floor[::-1], axis=0)[::-1] - rows
