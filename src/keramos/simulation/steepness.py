"""Steepness of the walls behind a section."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize


def measure_steepness(solidness: NDArray[np.float32], z: int, rows: int, voxel_size: VoxelSize) -> NDArray[np.float32]:
    """Steepness (Y X, the first `rows`) of the surfaces through the points of slice `z` of `solidness` (Z Y X).

    It is 1 where the surface is vertical or undercut, and 1 - cosine of its slope where it is visible from the section.
    """
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
