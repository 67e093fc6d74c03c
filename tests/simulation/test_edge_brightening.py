"""The solid's rim is bright within 100 nm of a void and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import View, VoxelSize
from keramos.simulation.defect import SliceRange, Surface
from keramos.simulation.defects import interaction_volume, probe
from keramos.simulation.defects.edge_brightening import EdgeBrightening, draw
from keramos.simulation.line_of_sight import Sight
from keramos.simulation.steepness import measure_steepness

VOXELS = VoxelSize(20, 26.4, 20.8)
SLICES = SliceRange(voxel_size=VOXELS)


def surface(section: NDArray[np.bool_], steepness: NDArray[np.float32] | None = None) -> Surface:
    sight = Sight(section, np.zeros(section.shape, np.float32), np.ones(section.shape, np.float32))
    return Surface(sight=sight, voxel_size=VOXELS, view=View(), steepness=steepness)


def half() -> NDArray[np.bool_]:
    section = np.zeros((40, 60), dtype=bool)
    section[:, 30:] = True
    return section


def test_rim_follows_the_distance_in_nm() -> None:
    section = half()
    rise = EdgeBrightening(10.0, 50.0).apply(np.zeros(section.shape, np.float32), surface(section))
    distance = 20.8 * np.arange(1, 31)
    assert rise[20, 30:] == pytest.approx(10 * np.exp(-((distance / 50) ** 2)), abs=1e-4)
    assert np.all(rise[:, :30] == 0)


def test_the_wall_weighs_the_rim() -> None:
    section, dark = half(), np.zeros((40, 60), np.float32)
    plain, gentle = (
        EdgeBrightening().apply(dark, surface(section, np.full((40, 60), w, np.float32))) for w in (1.0, 0.25)
    )
    assert gentle == pytest.approx(0.25 * plain)


@pytest.mark.parametrize("seed", range(5))
def test_drawn_rims_look_as_on_real_images(seed: int) -> None:
    """Measured on the paper's images, from the hand-drawn outline on: up to 11 % above the solid, gone in 100 nm."""
    section = half()
    rng = np.random.default_rng(seed)
    grey = np.where(section, 120, 80).astype(np.float32)
    rimmed = draw(rng, 120.0).apply(grey, surface(section))
    blurred = interaction_volume.draw(rng, 120.0).apply(rimmed[None], SLICES)
    rise = probe.draw(rng, 120.0).apply(blurred, SLICES)[0, 20, 30:] - 120
    assert 12 < rise.max() < 32
    assert np.argmax(rise) in (0, 1)
    assert np.all(rise[6:] < 2.5)


def test_a_slice_without_voids_keeps_its_grey() -> None:
    grey = np.full((8, 8), 120, np.float32)
    assert np.array_equal(EdgeBrightening().apply(grey, surface(np.ones((8, 8), bool))), grey)


def test_steepness_is_that_of_the_wall() -> None:
    """Planes at an angle: vertical 1, undercut 1, seen from the section 1 - cosine of the slope; in nm."""
    z = (np.arange(5) * VOXELS.z_nm)[:, None, None]
    x = (np.arange(30) * VOXELS.x_nm)[None, None]
    for angle in (0.0, 30.0, 60.0, 90.0, 120.0):
        normal = np.deg2rad(angle)  # between the surface's normal and z, towards what is cut later
        depth = (z * np.cos(normal) + x * np.sin(normal)) * np.ones((5, 20, 30))
        found = measure_steepness(depth.astype(np.float32), 2, 20, VOXELS)
        assert found == pytest.approx(1 - max(np.cos(normal), 0), abs=1e-4)


def test_the_probe_blurs_in_the_slice_and_keeps_the_mean() -> None:
    dots = np.zeros((3, 31, 31), np.float32)
    dots[1, 15, 15] = 100
    seen = probe.Probe(sigma_nm=40.0).apply(dots, SLICES)
    assert seen[1].sum() == pytest.approx(100, rel=1e-3)
    assert seen[1, 15, 17] > seen[1, 17, 15] > 0  # rows are further apart than columns
    assert np.all(seen[[0, 2]] == 0)


def test_the_interaction_volume_takes_its_share_around() -> None:
    dots = np.zeros((2, 61, 61), np.float32)
    dots[1, 30, 30] = 100
    seen = interaction_volume.InteractionVolume(0.2, 60.0).apply(dots, SLICES)
    assert seen[1].sum() == pytest.approx(100, rel=1e-3)
    assert 80 < seen[1, 30, 30] < 83
    assert np.all(seen[0] == 0)
