"""Curtains are removed from solid, and nothing else is changed."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.preparation import RawStack
from keramos.preparation.remedies.curtains import REMEDY, Streaking

SHAPE = (16, 192, 160)
STRIPE = 60
Grey = NDArray[np.float32]


@pytest.fixture(scope="module")
def clean() -> Grey:
    """Pores of grey level 40 in solid of 140, one of them above column 60 in all slices."""
    rng = np.random.default_rng(0)
    field = gaussian_filter(rng.normal(size=SHAPE), (3, 5, 5), mode="wrap")
    grey = np.where(field > np.percentile(field, 20), 140, 40)
    grey[:, 100:116, 50:70] = 40
    return (grey + rng.normal(0, 8, SHAPE)).astype(np.float32)


def spoil(clean: Grey) -> Grey:
    """Fine streaks of 3 % that are the same in all slices, and a stripe of 10 % below the pore, three columns wide."""
    gain = np.ones(SHAPE, np.float32)
    gain += 0.03 * np.random.default_rng(1).normal(size=SHAPE[2]).astype(np.float32)
    gain[:, 116:, STRIPE - 1 : STRIPE + 2] -= 0.1
    return np.where(clean > 90, clean * gain, clean)


def look(grey: Grey, ion_beam: str = "y", leave_out: int | None = None) -> Streaking:
    observer = REMEDY.observe(RawStack(grey.shape, ion_beam=ion_beam))
    for z, one in enumerate(grey):
        if z != leave_out:
            observer.add(z, one)
    streaking = observer.finish()
    assert isinstance(streaking, Streaking)
    return streaking


def rms(difference: Grey) -> float:
    return float(np.sqrt(np.mean(difference.astype(np.float64) ** 2)))


def test_fine_streaks_and_a_stripe_below_a_pore_are_removed(clean: Grey) -> None:
    spoilt = spoil(clean)
    restored = REMEDY.apply(spoilt.copy(), look(spoilt), 0)
    solid = clean > 90
    assert rms((restored - clean)[solid]) < 0.3 * rms((spoilt - clean)[solid])
    below = np.zeros(SHAPE, np.bool_)
    below[:, 120:, STRIPE - 1 : STRIPE + 2] = True
    assert rms((restored - clean)[below & solid]) < 0.6 * rms((spoilt - clean)[below & solid])


def test_pores_and_their_surroundings_stay_as_they_are(clean: Grey) -> None:
    spoilt = spoil(clean)
    restored = REMEDY.apply(spoilt.copy(), look(spoilt), 0)
    np.testing.assert_array_equal(restored[:, 102:114, 52:68], spoilt[:, 102:114, 52:68])


def test_stripes_of_images_turned_by_180_degrees_run_upward(clean: Grey) -> None:
    spoilt = spoil(clean)[:, ::-1, ::-1].copy()
    streaking = look(spoilt)
    assert streaking.upward
    restored = REMEDY.apply(spoilt.copy(), streaking, 0)[:, ::-1, ::-1]
    assert rms((restored - clean)[clean > 90]) < 0.3 * rms((spoil(clean) - clean)[clean > 90])


def test_streaks_are_followed_where_slices_drift(clean: Grey) -> None:
    """Slices move by up to 4 columns against the one before, and the streaks with them."""
    drift = np.cumsum(np.random.default_rng(3).integers(-4, 5, SHAPE[0]))
    spoilt, even = (
        np.stack([np.roll(one, by, axis=1) for one, by in zip(stack, drift, strict=True)])
        for stack in (spoil(clean), clean)
    )
    restored = REMEDY.apply(spoilt.copy(), look(spoilt), 0)
    inside = np.s_[:, :, 20:-20]
    solid = (even > 90)[inside]
    assert rms((restored - even)[inside][solid]) < 0.35 * rms((spoilt - even)[inside][solid])


def test_curtains_along_x_are_those_along_y_turned(clean: Grey) -> None:
    upright = spoil(clean)
    lying = np.ascontiguousarray(np.swapaxes(upright, 1, 2))
    restored = REMEDY.apply(lying.copy(), look(lying, "x"), 0)
    expected = REMEDY.apply(upright.copy(), look(upright), 0)
    np.testing.assert_allclose(np.swapaxes(restored, 1, 2), expected, rtol=1e-5)


def test_a_slice_that_was_not_shown_gets_the_curtains_of_its_neighbour(clean: Grey) -> None:
    streaking = look(spoil(clean), leave_out=6)
    np.testing.assert_array_equal(streaking.fine[6], streaking.fine[7])
    assert streaking.fine[6].any()


def test_vertical_walls_of_the_material_are_no_curtains() -> None:
    """Plates that stand along y in all slices, of another grey level than what is between them."""
    rng = np.random.default_rng(2)
    plates = np.where(np.arange(SHAPE[2]) // 16 % 2, 140, 110)
    grey = np.broadcast_to(plates, SHAPE) + rng.normal(0, 8, SHAPE)
    assert rms(REMEDY.apply(grey.astype(np.float32), look(grey.astype(np.float32)), 0) - grey.astype(np.float32)) < 1
