"""The thirteen directions of a 2 x 2 x 2 cell of voxels, and how much of the sphere each stands for."""

from __future__ import annotations

from itertools import product
from math import atan2, pi

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from keramos.core import Triple, VoxelSize, triple

DIRECTIONS: tuple[Triple, ...] = tuple(triple(step) for step in product((-1, 0, 1), repeat=3) if step > (0, 0, 0))
"""From a voxel to its neighbours (Z Y X), one of each pair of opposites."""


def vectors(voxel_size: VoxelSize) -> NDArray[np.float64]:
    """The directions in nm (13, ZYX)."""
    return np.asarray(DIRECTIONS, float) * voxel_size.zyx


def sphere_shares(lines: NDArray[np.float64]) -> NDArray[np.float64]:
    """The share of all directions that lie nearest to each of these lines (N, ZYX); they sum to one.

    Spherical Voronoi cells, as in Ohser and Muecklich, Statistical Analysis of Microstructures (2000), section 4.2.
    """
    units = lines / np.linalg.norm(lines, axis=1, keepdims=True)
    areas = scipy.spatial.SphericalVoronoi(np.concatenate([units, -units])).calculate_areas()
    both = areas[: len(units)] + areas[len(units) :]
    return np.asarray(both / both.sum(), float)


IN_PLANE = ((0, 1), (1, 1), (1, 0), (1, -1))
"""From a pixel to its neighbours in a slice (Y X), one of each pair of opposites."""


def plane_weights(voxel_size: VoxelSize) -> NDArray[np.float64]:
    """The surface per volume (1/um) that one crossing per pair along each direction in a slice stands for."""
    _, dy, dx = voxel_size.zyx
    lengths = np.array([np.hypot(a * dy, b * dx) for a, b in IN_PLANE])
    return np.asarray(2000 * _angle_shares(dy, dx) / lengths)


def _angle_shares(dy: float, dx: float) -> NDArray[np.float64]:
    """The share of all directions in the plane that lie nearest to each of the four."""
    angles = np.array([atan2(a * dy, b * dx) % pi for a, b in IN_PLANE])
    order = np.argsort(angles)
    ring = angles[order]
    gaps = np.diff(np.concatenate([ring, [ring[0] + pi]]))
    shares = np.empty(len(angles))
    shares[order] = (gaps + np.roll(gaps, 1)) / 2 / pi
    return shares
