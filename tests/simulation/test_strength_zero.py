"""Every effect at strength 0 is the identity, and the stronger the more it changes; its input is left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from keramos.core import View, VoxelSize
from keramos.simulation import annotator, imaging
from keramos.simulation.defects import (
    brightness_drift,
    channelling,
    charging,
    curtains,
    edge_brightening,
    interaction_volume,
    noise,
    probe,
    redeposition,
    scan_lines,
    shading,
    shine_through,
    slice_thickness,
    stage_drift,
)
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

EFFECTS: dict[str, tuple[Any, Callable[[Any], Any]]] = {
    "shine_through": (
        shine_through,
        lambda p: shine_through.apply(FLAT, p, sight=SIGHT, voxel_size=VOXELS, view=View()),
    ),
    "edge_brightening": (
        edge_brightening,
        lambda p: edge_brightening.apply(FLAT, p, section=SECTION, voxel_size=VOXELS),
    ),
    "channelling": (channelling, lambda p: channelling.apply(FLAT, p, section=SECTION, tint=TINT)),
    "redeposition": (
        redeposition,
        lambda p: redeposition.apply(FLAT, p, section=SECTION, voxel_size=VOXELS, slice_number=4),
    ),
    "charging": (charging, lambda p: charging.apply(FLAT, p, section=SECTION, voxel_size=VOXELS, slice_number=2)),
    "interaction_volume": (interaction_volume, lambda p: interaction_volume.apply(STACK, p, voxel_size=VOXELS)),
    "probe": (probe, lambda p: probe.apply(STACK, p, voxel_size=VOXELS)),
    "shading": (shading, lambda p: shading.apply(STACK, p, voxel_size=VOXELS)),
    "curtains": (
        curtains,
        lambda p: curtains.apply(STACK, p, solid=np.stack([SECTION, SECTION]), voxel_size=VOXELS),
    ),
    "scan_lines": (scan_lines, lambda p: scan_lines.apply(STACK, p)),
    "brightness_drift": (brightness_drift, lambda p: brightness_drift.apply(STACK, p)),
    "noise": (noise, lambda p: noise.apply(STACK, p)),
    "stage_drift": (stage_drift, lambda p: 100 + 50 * stage_drift.offsets(p, 0, 40, VOXELS)),
    "slice_thickness": (slice_thickness, lambda p: 100 + 50 * slice_thickness.offsets(p, 0, 40)),
    "annotator": (
        annotator,
        lambda p: annotator.apply(CODES, p, sight=SIGHT, voxel_size=VOXELS).astype(float) * 100,
    ),
}


@pytest.mark.parametrize("name", EFFECTS)
def test_strength_zero_is_the_identity(name: str) -> None:
    effect, apply = EFFECTS[name]
    drawn = effect.draw(np.random.default_rng(2))
    nothing = apply(drawn.scaled(0.0))
    plain = {"stage_drift": 100.0, "slice_thickness": 100.0, "annotator": CODES * 100.0}
    base = plain.get(name, FLAT if nothing.ndim == 2 else STACK)
    assert np.array_equal(nothing, np.broadcast_to(base, nothing.shape))
    change = [np.abs(apply(drawn.scaled(factor)) - base).mean() for factor in (0.5, 1.0)]
    assert 0 < change[0] < change[1]
    assert np.array_equal(np.where(SECTION, 120, 10), FLAT), "the input is left alone"
    assert np.array_equal(FLAT, STACK[0])


def test_severity_zero_switches_off_all_that_spoils_images() -> None:
    clean = imaging.draw(np.random.SeedSequence(1), 0.0)
    assert clean.shine_through.strength == clean.shading.fall_per_um == 0
    assert clean.curtains.streaks == clean.curtains.stripes == 0
    assert clean.noise.read_variance == clean.noise.shot_variance == 0
    assert clean.redeposition.cover == clean.charging.halo_grey == clean.charging.streak_grey == 0
    assert clean.scan_lines.gain == clean.brightness_drift.wander == clean.brightness_drift.jump == 0
    assert clean.stage_drift.jitter_nm == clean.stage_drift.wander_nm == clean.slice_thickness.error == 0


def test_images_saturate_at_8_bits() -> None:
    grey = np.array([[[-40.0, 0.4, 127.6, 254.4, 999.0]]], dtype=np.float32)
    assert imaging.digitised(grey).tolist() == [[[0, 0, 128, 254, 255]]]


def test_a_slab_of_the_stack_is_imaged_as_in_the_whole() -> None:
    params = imaging.draw(np.random.SeedSequence(4), 0.5)
    whole = imaging.image(Scene(DEPTH, 6, 80, VOXELS, View(), first_slice=0, lead=0), params)
    part = imaging.image(Scene(DEPTH[1:], 4, 80, VOXELS, View(), first_slice=2, lead=1), params)
    assert np.max(np.abs(whole.grey[2:].astype(int) - part.grey)) <= 1
    assert np.mean(whole.grey[2:] == part.grey) > 0.999
