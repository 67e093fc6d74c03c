"""Curtains keep to columns and persist over slices."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.simulation.defect import Sections
from keramos.simulation.defects.curtains import Curtains, draw

VOXELS = VoxelSize(20, 26.4, 20.8)
CURTAINS = Curtains(key=5)
FULL_HEIGHT = replace(CURTAINS, full_height_share=1.0)


def curtained(params: Curtains, shape: tuple[int, int, int] = (30, 40, 300), first: int = 0) -> NDArray[np.float32]:
    flat = np.full(shape, 100, np.float32)
    return params.apply(flat, Sections(solid=np.ones(shape, bool), voxel_size=VOXELS, first_slice=first))


def test_curtains_are_vertical() -> None:
    grey = curtained(FULL_HEIGHT)
    assert np.std(grey[0, 0]) > 1
    assert np.array_equal(grey, np.repeat(grey[:, :1], 40, axis=1))


def test_curtains_persist_over_slices_and_fade_in_the_end() -> None:
    columns = curtained(FULL_HEIGHT, (120, 2, 300)).mean(axis=1)
    alike = [np.corrcoef(columns[0], columns[n])[0, 1] for n in (1, 119)]
    assert alike[0] > 0.97
    assert alike[1] < 0.5


def test_streaks_are_as_strong_as_asked() -> None:
    grey = curtained(replace(CURTAINS, streaks=0.02, stripes=0.0), (200, 1, 600))
    assert grey.std() == pytest.approx(2.0, rel=0.1)


def test_stripes_are_few_and_within_the_stated_strength() -> None:
    gain = curtained(replace(FULL_HEIGHT, streaks=0.0, stripes=0.1), (60, 1, 600)) / 100 - 1
    assert 0.025 < np.abs(gain).max() < 0.2  # two may overlap
    assert 0.005 < np.mean(np.abs(gain) > 0.01) < 0.3


def test_stripes_begin_under_voids() -> None:
    params = replace(CURTAINS, streaks=0.0, stripe_share=1.0, full_height_share=0.0)
    solid = np.ones((20, 100, 400), dtype=bool)
    solid[:, 96:98] = False
    gain = params.apply(np.ones(solid.shape, np.float32), Sections(solid=solid, voxel_size=VOXELS))
    assert np.all(gain[:, :98] == 1)
    assert np.std(gain[:, 98:]) > 0.005


def test_a_later_part_of_the_stack_has_the_same_curtains() -> None:
    assert np.allclose(curtained(CURTAINS)[12:], curtained(CURTAINS, (18, 40, 300), first=12), atol=1e-3)


def test_drawn_strengths_are_those_of_real_images() -> None:
    drawn = [draw(np.random.default_rng(seed), 120.0) for seed in range(50)]
    assert all(0.006 <= params.streaks <= 0.025 and 0.1 <= params.stripes <= 0.2 for params in drawn)
    assert len({params.key for params in drawn}) == 50


def test_only_what_the_beam_has_cut_is_streaked() -> None:
    solid = np.random.default_rng(0).random((4, 60, 300)) > 0.3
    grey = FULL_HEIGHT.apply(np.full(solid.shape, 100, np.float32), Sections(solid=solid, voxel_size=VOXELS))
    assert np.all(grey[~solid] == 100)
    assert grey[solid].std() > 0.5
