"""Every effect at strength 0 is the identity, and at strength 1 is not."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from keramos.phantom import curtains, edge_brightening, imaging, noise, probe, shading, shine_through
from keramos.volume import View, VoxelSize

VOXELS = VoxelSize(20, 26.4, 20.8)
SOLID = np.random.default_rng(0).random((6, 40, 120)) > 0.3
GREY = np.where(SOLID, 120, 10).astype(np.float32)

EFFECTS: dict[str, Callable[[float], Any]] = {
    "shine_through": lambda factor: shine_through.apply(
        GREY, drawn(shine_through).scaled(factor), solid=SOLID, voxel_size=VOXELS, view=View()
    ),
    "edge_brightening": lambda factor: edge_brightening.apply(
        GREY, drawn(edge_brightening).scaled(factor), solid=SOLID, voxel_size=VOXELS
    ),
    "probe": lambda factor: probe.apply(GREY, drawn(probe).scaled(factor), voxel_size=VOXELS),
    "shading": lambda factor: shading.apply(GREY, drawn(shading).scaled(factor), voxel_size=VOXELS),
    "curtains": lambda factor: curtains.apply(GREY, drawn(curtains).scaled(factor), solid=SOLID, voxel_size=VOXELS),
    "noise": lambda factor: noise.apply(GREY, drawn(noise).scaled(factor)),
}


def drawn(effect: Any) -> Any:
    return effect.draw(np.random.default_rng(2))


@pytest.mark.parametrize("effect", EFFECTS)
def test_strength_zero_is_the_identity(effect: str) -> None:
    before = GREY.copy()
    assert np.array_equal(EFFECTS[effect](0.0), GREY)
    change = [np.abs(EFFECTS[effect](factor) - GREY).mean() for factor in (0.5, 1.0)]
    assert 0 < change[0] < change[1]
    assert np.array_equal(before, GREY)  # the input is left alone


def test_severity_zero_switches_off_all_that_it_scales() -> None:
    clean = imaging.draw(np.random.SeedSequence(1), 0.0)
    assert clean.shine_through.strength == clean.shading.fall_per_um == 0
    assert clean.curtains.streaks == clean.curtains.stripes == 0
    assert clean.noise.read_variance == clean.noise.shot_variance == 0


def test_images_saturate_at_8_bits() -> None:
    grey = np.array([[[-40.0, 0.4, 127.6, 254.4, 999.0]]], dtype=np.float32)
    assert imaging.digitised(grey).tolist() == [[[0, 0, 128, 254, 255]]]


def test_a_chunk_of_the_stack_is_imaged_as_in_the_whole() -> None:
    params = imaging.draw(np.random.SeedSequence(4), 0.5)
    solid = np.random.default_rng(1).random((12, 60, 50)) > 0.2
    whole = imaging.image(solid, 6, 40, params, voxel_size=VOXELS, view=View(), first_slice=0)
    part = imaging.image(solid[2:], 4, 40, params, voxel_size=VOXELS, view=View(), first_slice=2)
    assert np.max(np.abs(whole[2:].astype(int) - part)) <= 1
    assert np.mean(whole[2:] == part) > 0.999
