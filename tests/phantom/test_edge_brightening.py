"""The solid's rim is bright within 100 nm of a void and nowhere else."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.phantom import probe
from keramos.phantom.edge_brightening import EdgeBrightening, apply, draw
from keramos.volume import VoxelSize

VOXELS = VoxelSize(20, 26.4, 20.8)


def half() -> np.ndarray:
    solid = np.zeros((2, 40, 60), dtype=bool)
    solid[:, :, 30:] = True
    return solid


def test_rim_follows_the_distance_in_nm() -> None:
    solid = half()
    rise = apply(np.zeros(solid.shape, np.float32), EdgeBrightening(10.0, 50.0), solid=solid, voxel_size=VOXELS)
    distance = 20.8 * np.arange(1, 31)
    assert rise[1, 20, 30:] == pytest.approx(10 * np.exp(-((distance / 50) ** 2)), abs=1e-4)
    assert np.all(rise[:, :, :30] == 0)


@pytest.mark.parametrize("seed", range(5))
def test_drawn_rims_look_as_on_real_images(seed: int) -> None:
    solid = half()
    rng = np.random.default_rng(seed)
    grey = np.where(solid, 120, 80).astype(np.float32)
    rimmed = apply(grey, draw(rng), solid=solid, voxel_size=VOXELS)
    rise = probe.apply(rimmed, probe.draw(rng), voxel_size=VOXELS)[0, 20, 30:] - 120
    assert 7 < rise.max() < 15
    assert np.argmax(rise) in (1, 2)
    assert np.all(rise[5:] < 1.5)


def test_a_slice_without_voids_keeps_its_grey() -> None:
    grey = np.full((1, 8, 8), 120, np.float32)
    assert np.array_equal(apply(grey, EdgeBrightening(), solid=np.ones((1, 8, 8), bool), voxel_size=VOXELS), grey)


def test_the_probe_blurs_in_the_slice_and_keeps_the_mean() -> None:
    dots = np.zeros((3, 31, 31), np.float32)
    dots[1, 15, 15] = 100
    seen = probe.apply(dots, probe.Probe(sigma_nm=40.0), voxel_size=VOXELS)
    assert seen[1].sum() == pytest.approx(100, rel=1e-3)
    assert seen[1, 15, 17] > seen[1, 17, 15] > 0  # rows are further apart than columns
    assert np.all(seen[[0, 2]] == 0)
