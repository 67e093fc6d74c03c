"""Hard regions: maps of the cases of Hirabayashi et al. 2024, Figs. 3 and 4, slice by slice.

A voxel may lie in several regions, each of which is one bit. Lengths are chosen so that the regions contain what the
paper's figures point at.
"""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter, label

from keramos.core import VoxelSize
from keramos.simulation.line_of_sight import Sight

REGIONS = ("streaks", "valleys", "small voids", "impurities", "ridges", "featureless solid", "islands")
"""Names of the regions (I) to (VII), in the order of their bits."""

STREAK_GAIN = 0.03
"""(I) solid whose grey value a curtain changes by this fraction or more."""
VALLEY_PATH_NM = 220.0
"""(II) void whose floor is nearer than this along the line of sight."""
SMALL_VOID_NM = 250.0
"""(III) voids whose section has at most this equivalent diameter."""
RIDGE_RISE_NM, RIDGE_PATH_NM, RIDGE_AROUND_NM, RIDGE_OFF_NM = 120.0, 600.0, 300.0, 100.0
"""(V) void whose floor is nearer than 600 nm, and by 120 nm nearer than that of the void within about 300 nm; farther
than 100 nm from solid in its own slice, or every slope beside a deep void would be one."""
FEATURELESS_NM = 500.0
"""(VI) solid farther than this from any void or impurity in its slice."""
ISLAND_UM2 = 1.0
"""(VII) solid surrounded by void in its slice, of at most this area."""


def mark_regions(
    solid: NDArray[np.bool_],
    impurity: NDArray[np.bool_] | None,
    sight: Sight,
    curtain_gain: NDArray[np.float32],
    voxel_size: VoxelSize,
) -> NDArray[np.uint8]:
    """Bits of the regions of one slice (all arrays Y X). `solid` is what the image shows, without impurities."""
    void = ~solid if impurity is None else ~(solid | impurity)
    ridge = void & _mark_ridges(sight, voxel_size) & _mark_farther(RIDGE_OFF_NM, ~void, voxel_size)
    maps = (
        solid & (np.abs(curtain_gain - 1) >= STREAK_GAIN),
        void & ~ridge & (sight.path_nm > 0) & (sight.path_nm < VALLEY_PATH_NM),
        _mark_small(void, pi / 4 * SMALL_VOID_NM**2, voxel_size, diagonal=True),
        np.zeros_like(solid) if impurity is None else impurity & ~solid,
        ridge,
        solid & _mark_farther(FEATURELESS_NM, ~solid, voxel_size),
        _mark_small(solid, ISLAND_UM2 * 1e6, voxel_size, diagonal=False),
    )
    bits = np.zeros(solid.shape, np.uint8)
    for number, inside in enumerate(maps):
        bits |= inside.astype(np.uint8) << np.uint8(number)
    return bits


def _mark_ridges(sight: Sight, voxel_size: VoxelSize) -> NDArray[np.bool_]:
    """Mask (Y X) of floors that stand out from their surroundings within the void."""
    capped = np.minimum(sight.path_nm, 2 * RIDGE_PATH_NM)
    sigma = (RIDGE_AROUND_NM / voxel_size.y_nm / 2, RIDGE_AROUND_NM / voxel_size.x_nm / 2)
    weight = gaussian_filter((~sight.section).astype(np.float32), sigma, truncate=3.0)
    around = gaussian_filter(np.where(sight.section, 0, capped).astype(np.float32), sigma, truncate=3.0)
    ridges: NDArray[np.bool_] = (
        ~sight.section & (capped < RIDGE_PATH_NM) & (capped + RIDGE_RISE_NM < around / np.maximum(weight, 1e-6))
    )
    return ridges


def _mark_small(
    mask: NDArray[np.bool_], most_nm2: float, voxel_size: VoxelSize, *, diagonal: bool
) -> NDArray[np.bool_]:
    """Mask of the connected parts (over corners if `diagonal`) of at most that area that do not touch the border."""
    numbers, count = label(mask, np.ones((3, 3)) if diagonal else None)
    area = np.bincount(numbers.ravel(), minlength=count + 1) * voxel_size.y_nm * voxel_size.x_nm
    small = area <= most_nm2
    small[0] = False
    for border in (numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]):
        small[border] = False
    parts: NDArray[np.bool_] = small[numbers]
    return parts


def _mark_farther(than_nm: float, mask: NDArray[np.bool_], voxel_size: VoxelSize) -> NDArray[np.bool_]:
    """Mask of the pixels with no pixel of `mask` within that distance in the slice."""
    if not mask.any():
        return np.ones_like(mask)
    distance = distance_transform_edt(~mask, sampling=(voxel_size.y_nm, voxel_size.x_nm))
    return np.asarray(distance > than_nm)
