"""Shading is evened out, and the material is not."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.preparation import RawStack
from keramos.preparation.remedies.shading import REMEDY, Shade

SHAPE = (12, 144, 160)
Grey = NDArray[np.float32]


@pytest.fixture(scope="module")
def solid() -> NDArray[np.bool_]:
    field = gaussian_filter(np.random.default_rng(1).normal(size=SHAPE), (2, 3, 3), mode="wrap")
    return np.asarray(field > np.percentile(field, 40))


def image(level: Grey | float, solid: NDArray[np.bool_]) -> Grey:
    noise = np.random.default_rng(2).normal(0, 10, SHAPE)
    return np.where(solid, level, 50).astype(np.float32) + noise.astype(np.float32)


def find_shade(grey: Grey) -> Shade:
    observer = REMEDY.observe(RawStack(grey.shape))
    for z, one in enumerate(grey):
        observer.add(z, one)
    shade = observer.finish()
    assert isinstance(shade, Shade)
    return shade


def test_shading_along_both_axes_is_measured(solid: NDArray[np.bool_]) -> None:
    true = (np.linspace(1.1, 0.9, SHAPE[1])[:, None] * np.linspace(0.5, 1.3, SHAPE[2])).astype(np.float32)
    shade = find_shade(image(150, solid) * true)
    assert np.std(np.log(shade.gain(SHAPE[1:]) / true)) < 0.012
    assert shade.summary.startswith("the slices were shaded: a smooth gain of 0.5")


def test_layers_of_other_brightness_stay(solid: NDArray[np.bool_]) -> None:
    layers = np.where(np.arange(SHAPE[2]) < 70, 110, 150).astype(np.float32)
    assert not find_shade(image(layers, solid)).is_needed


def test_pores_that_get_more_towards_one_side_are_no_shading(solid: NDArray[np.bool_]) -> None:
    share = np.random.default_rng(3).random(SHAPE) > np.linspace(0, 0.9, SHAPE[2])
    field = gaussian_filter(share.astype(np.float32), (0, 3, 3)) > 0.5
    assert not find_shade(image(150, solid & field)).is_needed


def test_few_slices_cannot_tell_shading_from_material(solid: NDArray[np.bool_]) -> None:
    true = np.linspace(0.5, 1.3, SHAPE[2]).astype(np.float32)
    shade = find_shade((image(150, solid) * true)[:3])
    assert not shade.is_needed
    assert shade.summary == "shading cannot be told from the material in so few slices, and was left alone"
