"""Slices of different brightness, whose true gains are known because the images are made here."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.preparation import RawStack
from keramos.preparation.remedies.brightness_drift import REMEDY, SliceGains, level_slices

DEPTH = 40
Grey = NDArray[np.float32]


@pytest.fixture(scope="module")
def even() -> Grey:
    """A porosity that rises from 15 to 60 % along z: the mean falls by a third, no level changes."""
    rng = np.random.default_rng(0)
    field = gaussian_filter(rng.normal(size=(DEPTH, 128, 128)), (2, 4, 4), mode="wrap")
    limits = [np.percentile(one, share) for one, share in zip(field, np.linspace(15, 60, DEPTH), strict=True)]
    solid = field > np.array(limits)[:, None, None]
    return (np.where(solid, 150, 45) + rng.normal(0, 10, field.shape)).astype(np.float32)


def find_gains(grey: Grey, leave_out: tuple[int, ...] = (), largest: float | None = None) -> SliceGains:
    observer = REMEDY.observe(RawStack(grey.shape, largest=largest))
    for z, one in enumerate(grey):
        if z not in leave_out:
            observer.add(z, one)
    gains = observer.finish()
    assert isinstance(gains, SliceGains)
    return gains


def test_a_dark_slice_and_a_jump_are_levelled_while_the_porosity_changes(even: Grey) -> None:
    true = np.ones(DEPTH)
    true[12], true[25:] = 0.85, 1.2
    gains = find_gains(even * true[:, None, None].astype(np.float32))
    np.testing.assert_allclose(gains.gain / gains.gain[0], true, atol=0.012)


def test_a_change_of_the_porosity_alone_is_left_alone(even: Grey) -> None:
    assert np.ptp(find_gains(even).gain) < 0.01


def test_slices_that_are_not_shown_get_the_gain_of_their_neighbours(even: Grey) -> None:
    true = np.where(np.arange(DEPTH) < 20, 1.0, 1.3).astype(np.float32)
    gains = find_gains(even * true[:, None, None], leave_out=(9, 30, 31))
    assert gains.gain[9] == pytest.approx(gains.gain[8], rel=0.01)
    assert gains.gain[30] == pytest.approx(gains.gain[32], rel=0.01)


def test_saturated_pixels_stay_saturated() -> None:
    grey = np.array([[[250, 255]], [[100, 255]]], np.float32)
    gains = SliceGains(np.array([1.25, 0.5], np.float32), 0.001, 255.0)
    assert level_slices(grey, gains, 0).tolist() == [[[200, 255]], [[200, 510]]]


def test_nothing_is_known_about_a_stack_of_one_slice_or_of_one_value() -> None:
    assert not find_gains(np.full((1, 40, 40), 9, np.float32)).is_needed
    assert not find_gains(np.zeros((5, 40, 40), np.float32)).is_needed


def test_a_third_phase_that_takes_over_is_no_drift() -> None:
    """Grains of 140 beside ones of 100: there are hardly any in the first slices, and most are in the last."""
    rng = np.random.default_rng(5)
    field, pores = (gaussian_filter(rng.normal(size=(DEPTH, 128, 128)), (6, 5, 5), mode="wrap") for _ in range(2))
    limits = [np.percentile(one, share) for one, share in zip(field, np.linspace(99, 30, DEPTH), strict=True)]
    levels = np.where(field > np.array(limits)[:, None, None], 140, 100)
    grey = np.where(pores > np.percentile(pores, 30), levels, 40) + rng.normal(0, 10, field.shape)
    assert np.ptp(find_gains(grey.astype(np.float32)).gain) < 0.06
