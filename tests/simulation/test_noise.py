"""Noise has the variance asked for at every grey level, and each slice its own."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from keramos.core import VoxelSize
from keramos.simulation.defect import SliceRange
from keramos.simulation.defects.noise import Noise, draw

SLICES = SliceRange(voxel_size=VoxelSize(20, 26.4, 20.8))


@pytest.mark.parametrize("grey", [0.0, 40.0, 120.0, 200.0])
def test_variance_is_as_asked(grey: float) -> None:
    noisy = Noise(seed=1, correlation=0.1).apply(np.full((4, 200, 200), grey, np.float32), SLICES)
    assert noisy.mean() == pytest.approx(grey, abs=0.2)
    assert noisy.var() == pytest.approx(20 + 1.05 * grey, rel=0.03)


@pytest.mark.parametrize("correlation", [0.0, 0.15])
def test_neighbours_along_x_are_correlated_as_asked_and_no_others(correlation: float) -> None:
    noisy = Noise(seed=1, correlation=correlation).apply(np.zeros((4, 200, 200), np.float32), SLICES)
    along_x = np.mean(noisy[..., 1:] * noisy[..., :-1]) / noisy.var()
    along_y = np.mean(noisy[:, 1:] * noisy[:, :-1]) / noisy.var()
    along_z = np.mean(noisy[1:] * noisy[:-1]) / noisy.var()
    assert along_x == pytest.approx(correlation, abs=0.015)
    assert [along_y, along_z] == pytest.approx([0, 0], abs=0.015)


def test_a_slice_has_the_same_noise_in_whatever_chunk() -> None:
    flat = np.full((5, 20, 20), 90, np.float32)
    later = replace(SLICES, first_slice=3)
    assert np.array_equal(Noise(seed=7).apply(flat, SLICES)[3:], Noise(seed=7).apply(flat[3:], later))
    assert not np.array_equal(Noise(seed=7).apply(flat, SLICES), Noise(seed=8).apply(flat, SLICES))


def test_drawn_noise_is_that_of_real_images() -> None:
    drawn = [draw(np.random.default_rng(seed), 120.0) for seed in range(30)]
    assert all(138 < params.read_variance + 120 * params.shot_variance < 173 for params in drawn)
