"""Surface per volume from pairs of voxels one apart and two apart, to where they would meet.

Pairs miss surface that lies twice between them, in proportion to their distance where it has edges: twice what pairs
one apart say, less what pairs two apart say, is free of it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.measurements.counting.cells import transitions
from keramos.measurements.counting.directions import sphere_shares, vectors

_UM = 1e3


@dataclass(frozen=True, eq=False)
class Extrapolated:
    """A value per volume, and the one that pairs one apart show (`near`); its parts, which sum to it, and its
    deviations, which sum to zero, over windows; and whether there were pairs two apart."""

    value: float
    near: float
    parts: NDArray[np.float64]
    deviations: NDArray[np.float64]
    is_extrapolated: bool


def extrapolate(
    near: NDArray[np.float64],
    near_cells: NDArray[np.float64],
    wide: NDArray[np.float64],
    wide_cells: NDArray[np.float64],
) -> Extrapolated | None:
    """The surface per volume (1/um), from surface (1/nm, summed over cells) and cells of each window, in cells of one
    voxel and of two; None without any cell."""
    if not near_cells.sum():
        return None
    rows = [(_UM * near, near_cells)]
    if wide_cells.sum():
        rows.append((_UM / 2 * wide, wide_cells))
    weights = (2.0, -1.0) if len(rows) == 2 else (1.0,)
    parts, deviations = np.zeros(near_cells.shape), np.zeros(near_cells.shape)
    ratios = [float(above.sum() / below.sum()) for above, below in rows]
    for weight, ratio, (above, below) in zip(weights, ratios, rows, strict=True):
        parts = parts + weight * above / below.sum()
        deviations = deviations + weight * (above - ratio * below) / below.sum()
    value = sum(weight * ratio for weight, ratio in zip(weights, ratios, strict=True))
    return Extrapolated(value, ratios[0], parts, deviations, len(rows) == 2)


def surface_table(size: VoxelSize) -> NDArray[np.float64]:
    """Surface per volume (1/nm) that a cell of each configuration stands for: S_V = 2 P_L, averaged over directions.

    P_L is the number of crossings of the surface per length of a line (Crofton; Underwood, Quantitative Stereology,
    1970, equation 2.3). Bias, cubic voxels: within 1 % over all orientations together, between -7.4 % (surfaces along
    the axes) and +4 % for one orientation.
    """
    return np.asarray(transitions() @ crossing_weights(size))


def plane_bias(size: VoxelSize) -> NDArray[np.float64]:
    """By how much the surface of planes across Z, Y and X is off, relative: 2 sum w |cos| - 1 over the 13 directions,
    of shares w of the sphere, whose mean of |cos| should be a half."""
    lines = vectors(size)
    across = np.abs(lines) / np.linalg.norm(lines, axis=1, keepdims=True)
    return np.asarray(2 * sphere_shares(lines) @ across - 1)


def crossing_weights(size: VoxelSize) -> NDArray[np.float64]:
    """Surface per volume (1/nm) that a crossing between two voxels along each of the 13 directions stands for."""
    lines = vectors(size)
    return np.asarray(2 * sphere_shares(lines) / np.linalg.norm(lines, axis=1))
