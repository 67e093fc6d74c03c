"""Floors that brighten by the thickness of each slice, seen through changes of the gain; and steps told with them."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.preparation import FloorLight, FloorLightObserver, RawStack, observe_shifts
from keramos.preparation.likeness import Likeness
from keramos.preparation.slice_steps import estimate_steps

COUNT, EDGE, FADE = 12, 120, 0.08


def show(grey: NDArray[np.float32]) -> FloorLight | None:
    shifts = observe_shifts(RawStack(grey.shape))
    light = FloorLightObserver(shifts)
    for z, one in enumerate(grey):
        shifts.add(z, one)
        light.add(z, one)
    return light.finish()


def make(steps: NDArray[np.float64], brightens: float) -> NDArray[np.float32]:
    """A face of grey level 140 with voids, whose floors lie at various depths and come nearer by each step."""
    rng = np.random.default_rng(0)
    field, depth = (gaussian_filter(rng.normal(size=(EDGE, EDGE)), sigma, mode="wrap") for sigma in (8, 5))
    floor = 70 * np.exp(0.25 * depth / depth.std() - 0.3)
    z = np.concatenate([[0.0], np.cumsum(steps)])
    gain = rng.uniform(0.9, 1.1, COUNT)
    slices = [np.where(field > -0.2 * field.std(), 140, floor * np.exp(brightens * at)) for at in z]
    noise = rng.normal(0, 4, (COUNT, EDGE, EDGE))
    return np.asarray((np.stack(slices) + noise) * gain[:, None, None], np.float32)


def test_floors_brighten_by_the_thickness_of_each_slice() -> None:
    steps = np.random.default_rng(1).uniform(0.6, 1.4, COUNT - 1)
    light = show(make(steps, 0.04))
    assert light is not None
    assert light.shown.tolist() == list(range(COUNT))
    assert light.brightening == pytest.approx(0.04 * steps, abs=0.006)


def test_floors_that_stay_as_they_are_tell_nothing() -> None:
    assert show(make(np.ones(COUNT - 1), 0.0)) is None


def test_slices_without_floors_tell_nothing() -> None:
    rng = np.random.default_rng(2)
    assert show((140 + 8 * rng.normal(size=(6, EDGE, EDGE))).astype(np.float32)) is None


def test_steps_are_told_better_with_floors_that_brighten_by_them() -> None:
    """Edges move by the steps, times what the structure changes; floors brighten by them, with an error of 5 %."""
    rng = np.random.default_rng(3)
    count = 60
    true = 1 + 0.2 * np.clip(rng.normal(size=count), -2, 2)
    motion = true * np.exp(0.15 * gaussian_filter(rng.normal(size=count), 1.5) / 0.43)
    likeness = Likeness(np.arange(count + 1), motion, np.array([1.0, 2.0, 3.0]), np.zeros((count - 3, 5, 5)))
    light = FADE * (true + 0.05 * rng.normal(size=count))
    errors = []
    for brightening in (None, light, -light):
        steps = estimate_steps(likeness, np.arange(count + 1.0), brightening)
        assert steps is not None
        assert steps.steps.sum() == pytest.approx(count)
        errors.append(float(np.std(steps.steps - true / true.mean())))
    assert errors[1] < 0.6 * errors[0]
    assert errors[2] == pytest.approx(errors[1])
