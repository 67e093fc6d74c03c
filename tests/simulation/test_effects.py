"""What each effect does to an image, by itself."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import View, VoxelSize
from keramos.simulation.base_level import BaseLevel
from keramos.simulation.defect import SliceRange, Surface
from keramos.simulation.defects import (
    brightness_drift,
    channelling,
    charging,
    redeposition,
    scan_lines,
    slice_thickness,
    stage_drift,
)
from keramos.simulation.line_of_sight import Sight

VOXELS = VoxelSize(20, 26.4, 20.8)


def surface(section: NDArray[np.bool_], **parts: Any) -> Surface:
    sight = Sight(section, np.zeros(section.shape, np.float32), np.ones(section.shape, np.float32))
    return Surface(sight=sight, voxel_size=VOXELS, view=View(), **parts)


def offsets(defect: Any, first: int, slices: int) -> NDArray[np.float64]:
    """Offsets (slices, Z Y X) in voxels."""
    return defect.apply(np.zeros((slices, 3)), SliceRange(voxel_size=VOXELS, first_slice=first))


def test_every_phase_has_its_level() -> None:
    section = np.array([[True, True, True, False, True]])
    kind = np.array([[0, 1, 2, 0, 1]], np.uint8)
    impurity = np.array([[False, False, False, True, True]])
    grey = BaseLevel((120.0, 80.0), 60.0, 5.0).paint(surface(section, kind=kind, impurity=impurity))
    assert grey.tolist() == [[120.0, 80.0, pytest.approx(108.0), 5.0, 60.0]]


def test_channelling_has_the_contrast_asked_for_and_leaves_voids() -> None:
    tint = np.random.default_rng(0).integers(-127, 128, (200, 200)).astype(np.int8)
    section = np.ones((200, 200), bool)
    section[:, :20] = False
    grey = channelling.Channelling(0.03).apply(np.full((200, 200), 100, np.float32), surface(section, tint=tint))
    assert grey[section].std() == pytest.approx(3.0, rel=0.02)
    assert np.all(grey[~section] == 100)


def test_redeposition_brightens_voids_above_their_lower_wall() -> None:
    section = np.ones((200, 300), bool)
    section[20:120] = False
    haze = redeposition.Redeposition(key=1, cover=1.0, reach_nm=200.0, grey=90.0)
    flat = np.full((200, 300), 10, np.float32)
    slices = range(0, 4000, 20)
    hazes = [haze.apply(flat, surface(section, slice_number=z)) for z in slices]
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
        tails += np.abs(tail.apply(flat, surface(section, slice_number=z)) - 100)
        halos += halo.apply(flat, surface(section, slice_number=z)) - 100
    assert tails[:20].max() == tails[40:].max() == 0, "only rows with an edge"
    assert tails[:, :99].max() == 0, "only behind it"
    assert tails[20:40, 105].mean() > 2 * tails[20:40, 140].mean() > 0
    assert halos.min() >= 0
    assert halos[30, 105] > 2 * halos[30, 130] > 0


def test_scan_lines_are_one_gain_a_row() -> None:
    flat = np.full((3, 400, 20), 100, np.float32)
    lines = scan_lines.ScanLines(key=1, gain=0.01)
    lined = lines.apply(flat, SliceRange(voxel_size=VOXELS))
    assert np.ptp(lined, axis=2).max() < 1e-4
    assert lined.std() == pytest.approx(1.0, rel=0.1)
    assert np.array_equal(lined[2:], lines.apply(flat[2:], SliceRange(voxel_size=VOXELS, first_slice=2)))


def test_brightness_drifts_slowly_and_jumps_now_and_then() -> None:
    slow = brightness_drift.BrightnessDrift(key=1, wander=0.02, flicker=0.0, jump=0.0)
    gains = slow.gains(0, 4000)
    assert gains.std() == pytest.approx(0.02, rel=0.25)
    assert np.abs(np.diff(gains)).max() < 0.004
    jumps = brightness_drift.BrightnessDrift(key=1, wander=0.0, flicker=0.0, jump=0.02).gains(0, 4000)
    steps = np.flatnonzero(np.diff(jumps))
    assert np.all((steps + 1) % 25 == 0)
    assert 20 < len(steps) < 100
    later = slow.gains(100, 50)
    assert later == pytest.approx(gains[100:150], abs=1e-5)


def test_stage_drift_is_as_large_as_asked_in_nm() -> None:
    moved = offsets(stage_drift.StageDrift(key=1, jitter_nm=6.0, wander_nm=0.0), 0, 3000)
    assert (moved * VOXELS.zyx).std(axis=0) == pytest.approx([0, 6.0, 6.0], rel=0.1)
    slow = offsets(stage_drift.StageDrift(key=1, jitter_nm=0.0, wander_nm=10.0), 0, 4000)
    assert (slow * VOXELS.zyx).std(axis=0) == pytest.approx([0, 10.0, 10.0], rel=0.35)
    assert np.abs(np.diff(slow, axis=0)).max() < 0.1
    later = offsets(stage_drift.StageDrift(key=1), 20, 10)
    assert later == pytest.approx(offsets(stage_drift.StageDrift(key=1), 0, 30)[20:], abs=1e-5)


def test_sections_never_change_places() -> None:
    moved = offsets(slice_thickness.SliceThickness(key=1, error=0.1), 0, 4000)
    assert moved.std(axis=0) == pytest.approx([0.1, 0, 0], rel=0.05)
    wild = np.arange(4000) + offsets(slice_thickness.SliceThickness(key=1, error=5.0), 0, 4000)[:, 0]
    assert np.all(np.diff(wild) > 0)
