"""A microscope tuned to a slice: what was known of it is found again."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from keramos.core import VoxelSize
from keramos.core.errors import LabelError
from keramos.simulation import Look, PhantomSettings, PhantomStack, calibrate, collect_slabs, measure_look
from keramos.simulation.defects.shading import Shading

VOXELS = VoxelSize(20, 26.4, 20.8)


def slice_of(stack: PhantomStack) -> Look:
    made = collect_slabs(stack)
    return measure_look(made.images.read()[1], made.hand.read()[1] == 1, VOXELS)


def test_what_was_put_in_is_measured() -> None:
    rng = np.random.default_rng(0)
    solid = np.ones((220, 240), bool)
    solid[60:100, 60:120] = False
    y_um = (np.arange(220) - 109.5) * 0.0264
    level = 130 * np.exp(-0.03 * y_um)[:, None] * (1 + 0.03 * rng.standard_normal(240))
    grey = np.where(solid, level, 0.5 * 130 * np.exp(-0.03 * y_um)[:, None]) + rng.normal(0, 9, solid.shape)
    look = measure_look(np.clip(np.rint(grey), 0, 255).astype(np.uint8), solid, VOXELS)
    assert look.solid_grey == pytest.approx(130, abs=2)
    assert look.noise_variance == pytest.approx(81, rel=0.05)
    assert look.fall_per_um == pytest.approx(0.03, abs=0.003)
    assert look.streaks == pytest.approx(0.03, rel=0.25)
    assert look.rim == pytest.approx(1, abs=0.02)
    assert (look.void_dark + look.void_bright) / 2 == pytest.approx(0.5, abs=0.02)


def test_another_microscope_is_tuned_to_the_same_look() -> None:
    settings = PhantomSettings((2, 220, 240), seed=11, hand_labels=(1,))
    drawn = PhantomStack(settings)
    level = drawn.microscope.base_level
    shine = replace(drawn.microscope.defects["shine_through"], attenuation_nm=1200.0)
    odd = drawn.microscope.with_defects(shading=Shading(0.06), shine_through=shine).scale(noise=2.0, curtains=1.8)
    odd = replace(odd, base_level=replace(level, solid_grey=(160.0,), impurity_grey=110.0))
    wanted = slice_of(PhantomStack(settings, microscope=odd))
    other = replace(settings, seed=12)
    before, after = slice_of(PhantomStack(other)), slice_of(calibrate(other, wanted))
    for name, close in (("solid_grey", 6), ("noise_variance", 40), ("fall_per_um", 0.01), ("void_dark", 0.12)):
        off = [abs(getattr(look, name) - getattr(wanted, name)) for look in (before, after)]
        assert off[1] < min(close, off[0]), name


def test_too_little_void_is_said() -> None:
    with pytest.raises(LabelError, match="at least 500 pixels of void"):
        measure_look(np.zeros((90, 90), np.uint8), np.ones((90, 90), bool), VOXELS)
