"""A void shows the solid that lies deeper along the line of sight, darker with the length of the path."""

from __future__ import annotations

from math import cos, exp, radians

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import View, VoxelSize
from keramos.simulation.defect import Surface
from keramos.simulation.defects.shine_through import ShineThrough, draw, measure_openness
from keramos.simulation.line_of_sight import look

VIEW = View(38.0)
VOXELS = VoxelSize(20, 26.4, 20.8)
SHINE = ShineThrough(strength=1.0, floor_grey=120.0, attenuation_nm=400.0)


def lit(solid: NDArray[np.bool_], params: ShineThrough = SHINE, grey: float = 0.0) -> NDArray[np.float32]:
    """The first slice of a body on a black (or `grey`) ground."""
    sight = look(solid.astype(np.float32) - 0.5, 0, solid.shape[1], view=VIEW, voxel_size=VOXELS)
    before = np.full(sight.section.shape, grey, np.float32)
    return params.apply(before, Surface(sight=sight, voxel_size=VOXELS, view=VIEW))


@pytest.mark.parametrize("depth", [2, 8, 25])
def test_a_floor_darkens_with_the_length_of_the_path(depth: int) -> None:
    solid = np.zeros((depth + 1, 80, 5), dtype=bool)
    solid[depth] = True
    path = (depth - 0.5) * 20 / cos(radians(38))  # its surface lies half a voxel before its first voxel's middle
    assert lit(solid)[:40] == pytest.approx(120 * exp(-path / 400), rel=1e-4)


def test_a_void_is_darker_under_its_upper_edge() -> None:
    solid = np.ones((40, 60, 3), dtype=bool)
    solid[:, 20:40] = False  # a trench along z and x: its lower wall is met sooner from below
    seen = lit(solid)[20:40, 1]
    assert np.all(np.diff(seen) > 0)


def test_a_void_without_a_floor_stays_black_and_solid_stays() -> None:
    solid = np.zeros((4, 30, 30), dtype=bool)
    solid[:, :, :10] = True
    assert np.array_equal(lit(solid, grey=7.0), np.full((30, 30), 7, np.float32))


def test_narrow_voids_are_darker_with_an_openness_exponent() -> None:
    solid = np.ones((6, 60, 60), dtype=bool)
    solid[:5, :, 10:12] = False
    solid[:5, :, 25:55] = False
    plain, closed = lit(solid), lit(solid, ShineThrough(openness_exponent=0.5))
    assert closed[30, 40] == pytest.approx(plain[30, 40], rel=0.03)
    assert closed[30, 10] < 0.6 * plain[30, 10]


def test_openness_is_the_share_of_void_nearby() -> None:
    section = np.zeros((80, 80), bool)
    section[:, 40:] = True
    share = measure_openness(section, VOXELS)
    assert share[40, 5] == pytest.approx(1, abs=1e-3)
    assert share[40, 75] == pytest.approx(0, abs=1e-3)
    assert share[40, 39] + share[40, 40] == pytest.approx(1, abs=1e-3)


def test_relief_brightens_what_faces_away_and_leaves_flat_floors() -> None:
    z_nm, y_nm = (np.arange(70) * 20.0)[:, None, None], (np.arange(140) * 26.4)[:, None]
    flat, slope = z_nm - 190 + 0 * y_nm, z_nm - (y_nm - 500)  # the slope falls away along the line of sight
    for body, expected in ((flat, 1.0), (slope, 1.3)):
        solidness = np.repeat(body, 4, axis=2).astype(np.float32)
        sight = look(solidness, 0, 60, view=VIEW, voxel_size=VOXELS)
        dark = np.zeros(sight.section.shape, np.float32)
        plain, relief = (
            ShineThrough(attenuation_nm=1e6, relief=r).apply(dark, Surface(sight=sight, voxel_size=VOXELS, view=VIEW))
            for r in (0.0, 0.5)
        )
        seen = np.isfinite(sight.path_nm) & ~sight.section
        ratio = np.median(relief[seen] / plain[seen])
        assert ratio == pytest.approx(1.0, abs=0.01) if expected == 1.0 else ratio > expected


def test_drawn_lengths_are_of_the_size_of_voids() -> None:
    drawn = [draw(np.random.default_rng(seed), 120.0) for seed in range(30)]
    assert all(180 < params.attenuation_nm < 700 for params in drawn)
    assert all(0.2 <= params.relief <= 0.6 for params in drawn)
