"""Bodies with known answers: their voxels add up to them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.simulation.analytic import Analytic, Ball, Checkerboard, Gyroid, Laminate, Rod, Well
from keramos.simulation.smooth_field import centres_nm

SIZES = [VoxelSize(20, 20, 20), VoxelSize(20, 26.4, 20.8)]


def inside(body: Analytic, extent_nm: tuple[float, float, float], size: VoxelSize) -> NDArray[np.float32]:
    grid = [centres_nm(round(length / edge), edge) for length, edge in zip(extent_nm, size.zyx, strict=True)]
    return body.sample(grid).solidness


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_plates(axis: int, size: VoxelSize) -> None:
    plates = Laminate(axis, 160, 520)
    solid = inside(plates, (5200, 5200, 5200) if axis == 0 else (1000, 5200, 5200), size) >= 0
    assert solid.mean() == pytest.approx(plates.solid_fraction, abs=0.02)
    faces = np.abs(np.diff(solid.astype(int), axis=axis)).mean() / size.zyx[axis]
    assert faces == pytest.approx(plates.surface_per_nm, rel=0.06)


@pytest.mark.parametrize("size", SIZES, ids=str)
def test_balls_and_rods(size: VoxelSize) -> None:
    ball = Ball((900, 1000, 1100), 700)
    assert np.sum(inside(ball, (2000, 2000, 2200), size) >= 0) * size.volume_nm3 == pytest.approx(
        ball.volume_nm3, rel=0.01
    )
    for stop in ((1700, 1000, 1000), (1700, 1400, 700)):
        rod = Rod((300, 1000, 1000), stop, 220)
        assert np.sum(inside(rod, (2000, 2000, 2000), size) >= 0) * size.volume_nm3 == pytest.approx(
            rod.volume_nm3, rel=0.02
        )


def test_hollow_is_the_complement() -> None:
    for body in (Ball((500, 500, 500), 300), Rod((200, 500, 500), (800, 500, 600), 100)):
        twin = type(body)(**{**body.__dict__, "hollow": True})
        assert np.array_equal(inside(body, (1000, 1000, 1000), SIZES[1]), -inside(twin, (1000, 1000, 1000), SIZES[1]))


SMOOTH = [
    Ball((1000, 1000, 1000), 500),
    Rod((400, 700, 900), (1500, 1100, 1000), 250),
    Laminate(1, 300, 800),
    Checkerboard(640),
    Well(900, 300, 1700, 400, 1600),
]


@pytest.mark.parametrize("body", SMOOTH, ids=str)
def test_distances_are_distances(body: Analytic) -> None:
    """Where the field is smooth its slope is 1, whatever the shape of the voxels."""
    size = SIZES[1]
    field = inside(body, (2000, 2000, 2000), size)
    slope = np.sqrt(sum(g**2 for g in np.gradient(field.astype(float), *size.zyx)))
    assert np.median(slope) == pytest.approx(1, abs=0.01)
    assert np.percentile(slope, 99) < 1.05


def test_checkerboard_and_gyroid_are_half_solid() -> None:
    board, gyroid = Checkerboard(320), Gyroid(640)
    for size in SIZES:
        assert np.mean(inside(board, (1280, 1280, 1280), size) >= 0) == pytest.approx(board.solid_fraction, abs=0.06)
        assert np.mean(inside(gyroid, (1280, 1280, 1280), size) >= 0) == pytest.approx(gyroid.solid_fraction, abs=0.03)
    cubes = inside(board, (1280, 1280, 1280), SIZES[0]) >= 0
    faces = sum(np.abs(np.diff(cubes.astype(int), axis=axis)).sum() for axis in range(3)) * 20**2
    assert faces / 1280**3 == pytest.approx(board.surface_per_nm * 3 / 4, rel=1e-6)  # 3 of 4 walls lie inside the box


def test_gyroid_is_congruent_to_its_complement() -> None:
    field = inside(Gyroid(640), (640, 640, 640), SIZES[0])
    assert np.allclose(field, -field[::-1, ::-1, ::-1], atol=1e-3)
