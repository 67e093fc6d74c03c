"""Every effect at strength 0 is the identity, and the stronger the more it changes; its input is left alone."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import View, VoxelSize
from keramos.simulation.annotator import annotate, draw_annotator
from keramos.simulation.defect import DEFECTS, Sections, SliceRange, Surface
from keramos.simulation.imaging import digitise, draw_imaging, image
from keramos.simulation.line_of_sight import look
from keramos.simulation.scene import Scene

VOXELS = VoxelSize(20, 26.4, 20.8)
DEPTH = (40 * gaussian_filter(np.random.default_rng(0).standard_normal((90, 120, 120)), 2.5) + 1.5).astype(np.float32)
SIGHT = look(DEPTH, 3, 80, view=View(), voxel_size=VOXELS)
SECTION = SIGHT.section
FLAT = np.where(SECTION, 120, 10).astype(np.float32)
STACK = np.stack([FLAT, FLAT])
TINT = np.random.default_rng(1).integers(-127, 128, SECTION.shape).astype(np.int8)
CODES = SECTION.astype(np.uint8)

VALUES: dict[str, NDArray[Any]] = {"position": np.zeros((40, 3)), "surface": FLAT, "image": STACK}
CONTEXTS: dict[str, Any] = {
    "position": SliceRange(voxel_size=VOXELS),
    "surface": Surface(sight=SIGHT, voxel_size=VOXELS, view=View(), tint=TINT, slice_number=4),
    "image": Sections(voxel_size=VOXELS, solid=np.stack([SECTION, SECTION])),
}


@pytest.mark.parametrize("name", DEFECTS)
def test_strength_zero_is_the_identity(name: str) -> None:
    defect = DEFECTS[name]
    values, context = VALUES[defect.stage], CONTEXTS[defect.stage]
    before = values.copy()
    drawn = defect.draw(np.random.default_rng(2), 120.0)
    assert np.array_equal(drawn.scale(0.0).apply(values, context), values)
    change = [np.abs(drawn.scale(factor).apply(values, context) - values).mean() for factor in (0.5, 1.0)]
    assert 0 < change[0] < change[1]
    assert np.array_equal(values, before), "the input is left alone"


def test_a_perfect_annotator_draws_the_truth() -> None:
    drawn = draw_annotator(np.random.default_rng(2))
    hands = [annotate(CODES, drawn.scale(f), sight=SIGHT, voxel_size=VOXELS) for f in (0.0, 0.5, 1.0)]
    assert np.array_equal(hands[0], CODES)
    assert 0 < np.mean(hands[1] != CODES) < np.mean(hands[2] != CODES)
    assert np.array_equal(CODES, SECTION)


def test_severity_zero_switches_off_all_that_spoils_images() -> None:
    clean = draw_imaging(np.random.SeedSequence(1), 0.0).defects
    assert clean["shine_through"].strength == clean["shading"].fall_per_um == 0
    assert clean["curtains"].streaks == clean["curtains"].stripes == 0
    assert clean["noise"].read_variance == clean["noise"].shot_variance == 0
    assert clean["redeposition"].cover == clean["charging"].halo_grey == clean["charging"].streak_grey == 0
    assert clean["scan_lines"].gain == clean["brightness_drift"].wander == clean["brightness_drift"].jump == 0
    assert clean["stage_drift"].jitter_nm == clean["stage_drift"].wander_nm == clean["slice_thickness"].error == 0


def test_images_saturate_at_8_bits() -> None:
    grey = np.array([[[-40.0, 0.4, 127.6, 254.4, 999.0]]], dtype=np.float32)
    assert digitise(grey).tolist() == [[[0, 0, 128, 254, 255]]]


def test_a_slab_of_the_stack_is_imaged_as_in_the_whole() -> None:
    params = draw_imaging(np.random.SeedSequence(4), 0.5)
    whole = image(Scene(DEPTH, 6, 80, VOXELS, View(), first_slice=0, lead=0), params)
    part = image(Scene(DEPTH[1:], 4, 80, VOXELS, View(), first_slice=2, lead=1), params)
    assert np.max(np.abs(whole.grey[2:].astype(int) - part.grey)) <= 1
    assert np.mean(whole.grey[2:] == part.grey) > 0.999
