"""What each effect does to an image, by itself."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core import VoxelSize
from keramos.simulation.defects import (
    base_level,
    brightness_drift,
    channelling,
    charging,
    redeposition,
    scan_lines,
    slice_thickness,
    stage_drift,
)
from keramos.simulation.defects.base_level import BaseLevel

VOXELS = VoxelSize(20, 26.4, 20.8)


def test_every_phase_has_its_level() -> None:
    section = np.array([[True, True, True, False, True]])
    kind = np.array([[0, 1, 2, 0, 1]], np.uint8)
    impurity = np.array([[False, False, False, True, True]])
    grey = base_level.apply(section, BaseLevel((120.0, 80.0), 60.0, 5.0), kind=kind, impurity=impurity)
    assert grey.tolist() == [[120.0, 80.0, pytest.approx(108.0), 5.0, 60.0]]


def test_channelling_has_the_contrast_asked_for_and_leaves_voids() -> None:
    tint = np.random.default_rng(0).integers(-127, 128, (200, 200)).astype(np.int8)
    section = np.ones((200, 200), bool)
    section[:, :20] = False
    grey = channelling.apply(
        np.full((200, 200), 100, np.float32), channelling.Channelling(0.03), section=section, tint=tint
    )
    assert grey[section].std() == pytest.approx(3.0, rel=0.02)
    assert np.all(grey[~section] == 100)


def test_redeposition_brightens_voids_above_their_lower_wall() -> None:
    section = np.ones((200, 300), bool)
    section[20:120] = False
    haze = redeposition.Redeposition(key=1, cover=1.0, reach_nm=200.0, grey=90.0)
    flat = np.full((200, 300), 10, np.float32)
    slices = range(0, 4000, 20)
    hazes = [redeposition.apply(flat, haze, section=section, voxel_size=VOXELS, slice_number=z) for z in slices]
    grey = np.mean(hazes, axis=0)
    assert np.all(grey[section] == 10)
    heights = [grey[119 - rows, 50:250].mean() - 10 for rows in (0, 8, 30)]
    assert heights[0] > heights[1] > heights[2] > 0
    assert heights[0] / heights[1] == pytest.approx(np.exp(8 * 26.4 / 200), rel=0.15)


def test_charging_glows_at_voids_and_drags_along_the_scan_only() -> None:
    section = np.ones((60, 400), bool)
    section[20:40, 100:110] = False
    flat = np.full(section.shape, 100, np.float32)
    tails = np.zeros(section.shape)
    halos = np.zeros(section.shape)
    for z in range(0, 3000, 50):
        tail = charging.Charging(key=3, halo_grey=0.0, streak_grey=5.0, tail_nm=500.0)
        halo = charging.Charging(key=3, halo_grey=10.0, streak_grey=0.0)
        tails += np.abs(charging.apply(flat, tail, section=section, voxel_size=VOXELS, slice_number=z) - 100)
        halos += charging.apply(flat, halo, section=section, voxel_size=VOXELS, slice_number=z) - 100
    assert tails[:20].max() == tails[40:].max() == 0, "only rows with an edge"
    assert tails[:, :99].max() == 0, "only behind it"
    assert tails[20:40, 105].mean() > 2 * tails[20:40, 140].mean() > 0
    assert halos.min() >= 0
    assert halos[30, 105] > 2 * halos[30, 130] > 0


def test_scan_lines_are_one_gain_a_row() -> None:
    flat = np.full((3, 400, 20), 100, np.float32)
    lined = scan_lines.apply(flat, scan_lines.ScanLines(key=1, gain=0.01))
    assert np.ptp(lined, axis=2).max() < 1e-4
    assert lined.std() == pytest.approx(1.0, rel=0.1)
    assert np.array_equal(lined[2:], scan_lines.apply(flat[2:], scan_lines.ScanLines(key=1, gain=0.01), first_slice=2))


def test_brightness_drifts_slowly_and_jumps_now_and_then() -> None:
    slow = brightness_drift.BrightnessDrift(key=1, wander=0.02, flicker=0.0, jump=0.0)
    gains = brightness_drift.gains(slow, 0, 4000)
    assert gains.std() == pytest.approx(0.02, rel=0.25)
    assert np.abs(np.diff(gains)).max() < 0.004
    jumps = brightness_drift.gains(brightness_drift.BrightnessDrift(key=1, wander=0.0, flicker=0.0, jump=0.02), 0, 4000)
    steps = np.flatnonzero(np.diff(jumps))
    assert np.all((steps + 1) % 25 == 0)
    assert 20 < len(steps) < 100
    later = brightness_drift.gains(slow, 100, 50)
    assert later == pytest.approx(gains[100:150], abs=1e-5)


def test_stage_drift_is_as_large_as_asked_in_nm() -> None:
    moved = stage_drift.offsets(stage_drift.StageDrift(key=1, jitter_nm=6.0, wander_nm=0.0), 0, 3000, VOXELS)
    assert (moved * [26.4, 20.8]).std(axis=0) == pytest.approx([6.0, 6.0], rel=0.1)
    slow = stage_drift.offsets(stage_drift.StageDrift(key=1, jitter_nm=0.0, wander_nm=10.0), 0, 4000, VOXELS)
    assert (slow * [26.4, 20.8]).std(axis=0) == pytest.approx([10.0, 10.0], rel=0.35)
    assert np.abs(np.diff(slow, axis=0)).max() < 0.1
    later = stage_drift.offsets(stage_drift.StageDrift(key=1), 20, 10, VOXELS)
    assert later == pytest.approx(stage_drift.offsets(stage_drift.StageDrift(key=1), 0, 30, VOXELS)[20:], abs=1e-5)


def test_sections_never_change_places() -> None:
    offsets = slice_thickness.offsets(slice_thickness.SliceThickness(key=1, error=0.1), 0, 4000)
    assert offsets.std() == pytest.approx(0.1, rel=0.05)
    wild = np.arange(4000) + slice_thickness.offsets(slice_thickness.SliceThickness(key=1, error=5.0), 0, 4000)
    assert np.all(np.diff(wild) > 0)
