"""Edge brightening: near a void more secondary electrons escape, so the solid's rim is bright.

How bright depends on the wall behind the edge: a steep or undercut wall lets electrons out, a gentle slope that goes on
behind the section hardly does. There even a trained eye does not see where the section ends.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from keramos.core import VoxelSize


@dataclass(frozen=True)
class EdgeBrightening:
    """`rise_grey` at the very edge, falling as exp(-(distance / width_nm)^2) into the solid, above a steep wall."""

    rise_grey: float = 22.0
    width_nm: float = 55.0

    def scaled(self, factor: float) -> EdgeBrightening:
        return replace(self, rise_grey=self.rise_grey * factor)


def draw(rng: np.random.Generator) -> EdgeBrightening:
    """+9 to +14 grey a pixel or two from the blurred edge and gone within 100 nm, as on the paper's images."""
    return EdgeBrightening(rise_grey=float(rng.uniform(40, 58)), width_nm=float(rng.uniform(40, 52)))


def apply(
    grey: NDArray[np.float32],
    params: EdgeBrightening,
    *,
    section: NDArray[np.bool_],
    voxel_size: VoxelSize,
    wall: NDArray[np.float32] | None = None,
) -> NDArray[np.float32]:
    """Brighten the rims of the solid in one slice (Y X), by the distance within the slice.

    `wall` (Y X) weighs the rise: 1 over steep walls, 0 over gentle slopes; see `steepness`. Without it all are steep.
    """
    if params.rise_grey == 0 or section.all():
        return grey
    distance = distance_transform_edt(section, sampling=(voxel_size.y_nm, voxel_size.x_nm))
    rim = params.rise_grey * np.exp(-((np.asarray(distance, np.float32) / np.float32(params.width_nm)) ** 2))
    bright = np.where(section, rim if wall is None else rim * wall, 0)
    return grey + bright.astype(np.float32)


def steepness(solidness: NDArray[np.float32], z: int, rows: int, voxel_size: VoxelSize) -> NDArray[np.float32]:
    """1 where the surface through a point of slice `z` is vertical or undercut, 1 - cosine of its slope where it is
    seen from the section. `solidness` is Z Y X; the result has the first `rows`."""
    depth = len(solidness)
    before, after = max(z - 1, 0), min(z + 1, depth - 1)
    if before == after:
        return np.ones((rows, solidness.shape[2]), np.float32)
    dz = (solidness[after, :rows] - solidness[before, :rows]) / np.float32((after - before) * voxel_size.z_nm)
    flat = solidness[z, :rows]
    square = dz**2
    for axis, edge in ((0, voxel_size.y_nm), (1, voxel_size.x_nm)):
        if flat.shape[axis] > 1:
            square = square + np.gradient(flat, np.float32(edge), axis=axis) ** 2
    return np.asarray(1 - np.maximum(dz, 0) / (np.sqrt(square) + np.float32(1e-12)), np.float32)
