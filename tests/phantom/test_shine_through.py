"""A void shows the solid that lies deeper along the line of sight, darker with the length of the path."""

from __future__ import annotations

from math import cos, exp, radians, tan

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.phantom.shine_through import ShineThrough, apply, deeper, rows_per_slice
from keramos.volume import View, VoxelSize

VIEW = View(38.0)
VOXELS = VoxelSize(20, 26.4, 20.8)
SHINE = ShineThrough(strength=1.0, floor_grey=120.0, attenuation_nm=400.0)


def lit(solid: NDArray[np.bool_], params: ShineThrough = SHINE, voxel_size: VoxelSize = VOXELS) -> NDArray[np.float32]:
    return apply(np.zeros(solid.shape, np.float32), params, solid=solid, voxel_size=voxel_size, view=VIEW)


@pytest.mark.parametrize("depth", [3, 10, 20])
@pytest.mark.parametrize("voxel_size", [VOXELS, VoxelSize(20, 20, 20), VoxelSize(10, 30, 20)])
def test_a_bar_is_seen_shifted_by_depth_times_the_tangent(depth: int, voxel_size: VoxelSize) -> None:
    solid = np.zeros((depth + 1, 100, 4), dtype=bool)
    solid[depth, 60:70] = True
    seen = lit(solid, voxel_size=voxel_size)[0, :, 1]
    rows = np.arange(100)
    shift = depth * voxel_size.z_nm * tan(radians(38)) / voxel_size.y_nm
    assert np.sum(rows * seen) / np.sum(seen) == pytest.approx(64.5 - shift, abs=0.3)
    assert np.all(seen[: int(60 - shift - 2)] == 0)


@pytest.mark.parametrize("depth", [2, 8, 25])
def test_a_floor_darkens_with_the_length_of_the_path(depth: int) -> None:
    solid = np.zeros((depth + 1, 80, 5), dtype=bool)
    solid[depth] = True
    path = depth * 20 / cos(radians(38))
    assert lit(solid)[0, :40] == pytest.approx(120 * exp(-path / 400), rel=1e-4)


def test_only_deeper_solid_is_seen() -> None:
    solid = np.zeros((9, 60, 3), dtype=bool)
    solid[2] = True
    seen = lit(solid)
    assert np.all(seen[:2, :40] > 0)
    assert np.all(seen[3:] == 0)


def test_the_nearer_of_two_floors_hides_the_other() -> None:
    near = np.zeros((12, 60, 3), dtype=bool)
    near[4] = True
    both = near.copy()
    both[9] = True
    assert np.array_equal(lit(near)[0, :40], lit(both)[0, :40])


def test_a_void_is_darker_under_its_upper_edge() -> None:
    solid = np.ones((40, 60, 3), dtype=bool)
    solid[:, 20:40] = False  # a trench along z and x: its lower wall is met sooner from below
    seen = lit(solid)[0, 20:40, 1]
    assert np.all(np.diff(seen) > 0)


def test_a_void_without_a_floor_stays_black_and_solid_stays() -> None:
    solid = np.zeros((4, 30, 30), dtype=bool)
    solid[:, :, :10] = True
    grey = np.where(solid, 130, 7).astype(np.float32)
    assert np.array_equal(apply(grey, SHINE, solid=solid, voxel_size=VOXELS, view=VIEW), grey)


def test_narrow_voids_are_darker_with_an_openness_exponent() -> None:
    solid = np.ones((6, 60, 60), dtype=bool)
    solid[:5, :, 10:12] = False
    solid[:5, :, 25:55] = False
    plain, closed = lit(solid), lit(solid, ShineThrough(openness_exponent=0.5))
    assert closed[0, 30, 40] == pytest.approx(plain[0, 30, 40], rel=0.03)
    assert closed[0, 30, 10] < 0.6 * plain[0, 30, 10]


def test_deeper_is_enough_for_every_line_of_sight() -> None:
    slices, rows = deeper(VIEW, VOXELS)
    assert rows >= slices * rows_per_slice(VIEW, VOXELS) + 1
    assert VIEW.path_nm(slices * VOXELS.z_nm) <= 1600 < VIEW.path_nm((slices + 1) * VOXELS.z_nm)
