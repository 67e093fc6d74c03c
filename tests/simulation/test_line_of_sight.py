"""Where lines of sight end, and how the surfaces that they meet are turned."""

from __future__ import annotations

from math import cos, radians, tan

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import View, VoxelSize
from keramos.simulation.analytic import Laminate, Rod, Well
from keramos.simulation.line_of_sight import Sight, look, measure_reach, rows_per_slice, shift_plane, shift_section
from keramos.simulation.smooth_field import centres_nm

VIEW = View(38.0)
VOXELS = VoxelSize(20, 26.4, 20.8)
SIZES = [VOXELS, VoxelSize(20, 20, 20), VoxelSize(10, 30, 20)]


def seen(solid: NDArray[np.bool_], rows: int | None = None, voxels: VoxelSize = VOXELS) -> Sight:
    return look(solid.astype(np.float32) - 0.5, 0, rows or solid.shape[1], view=VIEW, voxel_size=voxels)


def sampled(body: Well | Rod | Laminate, shape: tuple[int, int, int], voxels: VoxelSize) -> NDArray[np.float32]:
    return body.sample([centres_nm(n, edge) for n, edge in zip(shape, voxels.zyx, strict=True)]).solidness


@pytest.mark.parametrize("depth", [3, 10, 20])
@pytest.mark.parametrize("voxels", SIZES, ids=str)
def test_a_bar_is_seen_shifted_by_depth_times_the_tangent(depth: int, voxels: VoxelSize) -> None:
    solid = np.zeros((depth + 2, 100, 4), dtype=bool)
    solid[depth, 60:70] = True
    hit = np.isfinite(seen(solid, voxels=voxels).path_nm)[:, 1]
    shift = depth * voxels.z_nm * tan(radians(38)) / voxels.y_nm
    assert np.flatnonzero(hit).mean() == pytest.approx(64.5 - shift, abs=0.6)
    assert 9 <= hit.sum() <= 11


@pytest.mark.parametrize("voxels", SIZES, ids=str)
@pytest.mark.parametrize("floor_nm", [130.0, 333.0, 790.0])
def test_the_path_to_a_floor_is_its_depth_over_the_cosine(floor_nm: float, voxels: VoxelSize) -> None:
    well = Well(floor_nm, 300, 4000, 200, 1800)
    slices, rows = measure_reach(VIEW, voxels)
    sight = look(sampled(well, (slices + 2, 90 + rows, 60), voxels), 0, 90, view=VIEW, voxel_size=voxels)
    middle = (slice(30, 60), slice(20, 40))
    # The first section lies in the middle of the first voxel.
    path = (floor_nm - voxels.z_nm / 2) / cos(radians(38))
    assert sight.path_nm[middle] == pytest.approx(path, rel=0.01)
    assert sight.facing[middle] == pytest.approx(cos(radians(38)), abs=1e-3)


def test_a_wall_is_met_at_its_distance_over_the_sine_and_faces_the_beam() -> None:
    wall_nm = 1500.0
    well = Well(1e5, -1e5, wall_nm, -1e5, 1e5)
    slices, rows = measure_reach(VIEW, VOXELS)
    sight = look(sampled(well, (slices + 2, 70 + rows, 8), VOXELS), 0, 70, view=VIEW, voxel_size=VOXELS)
    y_nm = centres_nm(70, VOXELS.y_nm)
    near = (y_nm < wall_nm - 60) & (y_nm > wall_nm - 900)
    assert sight.path_nm[near, 4] == pytest.approx((wall_nm - y_nm[near]) / np.sin(radians(38)), rel=0.02)
    assert sight.facing[near, 4] == pytest.approx(np.sin(radians(38)), abs=0.02)


def test_the_side_of_a_rod_faces_away_from_the_beam() -> None:
    rod = Rod((500, 1500, -1e5), (500, 1500, 1e5), 150)
    slices, rows = measure_reach(VIEW, VOXELS)
    sight = look(sampled(rod, (slices + 2, 90 + rows, 5), VOXELS), 0, 90, view=VIEW, voxel_size=VOXELS)
    hit = np.flatnonzero(np.isfinite(sight.path_nm[:, 2]))
    facing = sight.facing[hit, 2]
    assert facing[len(hit) // 2] > 0.95, "its middle is met head on"
    assert max(facing[0], facing[-1]) < 0.6, "its outline is grazed"


def test_the_nearer_of_two_floors_hides_the_other() -> None:
    near = np.zeros((14, 60, 3), dtype=bool)
    near[4] = True
    both = near.copy()
    both[9] = True
    assert np.array_equal(seen(near).path_nm[:40], seen(both).path_nm[:40])


def test_only_what_lies_deeper_is_seen() -> None:
    solid = np.zeros((12, 60, 3), dtype=bool)
    solid[3] = True
    depth = solid.astype(np.float32) - 0.5
    paths = [look(depth, z, 40, view=VIEW, voxel_size=VOXELS).path_nm for z in range(6)]
    assert all(np.isfinite(path).all() for path in paths[:4])
    assert all(np.isinf(path).all() for path in paths[4:])


def test_a_section_moved_along_z_moves_paths_by_as_much() -> None:
    solid = np.zeros((20, 60, 3), dtype=bool)
    solid[10] = True
    depth = solid.astype(np.float32) - 0.5
    still, moved = (look(depth, 2, 30, view=VIEW, voxel_size=VOXELS, shift=(dz, 0, 0)).path_nm for dz in (0.0, 0.4))
    assert still - moved == pytest.approx(0.4 * 20 / cos(radians(38)), rel=1e-3)


@pytest.mark.parametrize(
    "shift", [(0.3, 0, 0), (-0.3, 0, 0), (0, 0.25, 0), (0, -1.5, 0), (0, 0, 0.75), (0.2, 0.3, -0.4)]
)
def test_a_shifted_slice_is_the_ramp_at_the_shifted_place(shift: tuple[float, float, float]) -> None:
    z, y, x = np.meshgrid(np.arange(5), np.arange(12), np.arange(10), indexing="ij")
    ramp = (3 * z + 2 * y - x).astype(np.float32)
    moved = shift_section(ramp, 2, 8, shift)
    expected = ramp[2, :8] + 3 * shift[0] + 2 * shift[1] - shift[2]
    assert moved[2:, 2:-2] == pytest.approx(expected[2:, 2:-2], abs=1e-5)


def test_deeper_is_enough_for_every_line_of_sight() -> None:
    slices, rows = measure_reach(VIEW, VOXELS)
    assert rows >= slices * rows_per_slice(VIEW, VOXELS) + 2
    assert VIEW.path_nm(slices * VOXELS.z_nm) <= 1600 < VIEW.path_nm((slices + 1) * VOXELS.z_nm)


def test_a_vertical_view_looks_straight_down() -> None:
    solid = np.zeros((9, 30, 5), dtype=bool)
    solid[6, 10:20] = True
    path = look(solid.astype(np.float32) - 0.5, 0, 30, view=View(0.0), voxel_size=VOXELS).path_nm[:, 2]
    assert np.flatnonzero(np.isfinite(path)).tolist() == list(range(10, 20))
    assert path[12] == pytest.approx(5.5 * 20)


@pytest.mark.parametrize("aside", [2.0, -1.0, 0.5])
def test_what_is_seen_moves_with_the_section_along_x(aside: float) -> None:
    """Pillars that rise linearly along x are a linear function of x: moving the beam is moving the body."""
    rng = np.random.default_rng(0)
    heights = rng.normal(0, 0.4, (40, 60)).cumsum(axis=1)
    body = (np.arange(30)[:, None, None] - 8 - heights[None]).astype(np.float32)
    whole = int(np.floor(aside))
    moved = look(body, 2, 30, view=VIEW, voxel_size=VOXELS, shift=(0, 0, aside))
    part = np.float32(aside - whole)
    there = np.roll(body, -whole, axis=2) * (1 - part) + np.roll(body, -whole - 1, axis=2) * part
    expected = look(there, 2, 30, view=VIEW, voxel_size=VOXELS)
    inner = (slice(None), slice(4, -4))
    np.testing.assert_array_equal(moved.section[inner], expected.section[inner])
    np.testing.assert_allclose(moved.path_nm[inner], expected.path_nm[inner], rtol=1e-4)


def test_maps_of_the_section_move_with_it_by_whole_pixels() -> None:
    plane = np.arange(12).reshape(3, 4)
    np.testing.assert_array_equal(shift_plane(plane, (0, 0.4, 0.6)), plane[:, [1, 2, 3, 3]])
    np.testing.assert_array_equal(shift_plane(plane, (0, -1, 0)), plane[[0, 0, 1]])
    assert shift_plane(plane, (0.9, 0.2, -0.3)) is plane
