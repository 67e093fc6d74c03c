"""Otsu and Sauvola against their definitions, written out by brute force."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import Box, PhaseTable, Volume
from keramos.segmenters import Otsu, Sauvola, decide


def decided(predictor: Otsu | Sauvola, array: NDArray[np.generic]) -> NDArray[np.uint8]:
    volume = Volume.from_array(array)
    whole = Box.whole(volume.shape)
    ready = predictor.fit_to(volume, lambda *_: None)
    return decide(ready.scores(volume.read(), Block(0, whole, whole)))


def between_class_variance(grey: NDArray[np.generic], threshold: float) -> float:
    """Otsu's criterion, Eq. (18): w0 w1 (m1 - m0)^2."""
    low, high = grey[grey <= threshold], grey[grey > threshold]
    if not low.size or not high.size:
        return 0.0
    return float(low.size * high.size / grey.size**2 * (high.mean() - low.mean()) ** 2)


def two_levels(seed: int, shape: tuple[int, ...], dark: float = 60, bright: float = 130) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    return np.clip(np.where(rng.random(shape) < 0.4, dark, bright) + rng.normal(0, 15, shape), 0, 255).astype(np.uint8)


def test_otsu_maximises_the_variance_between_the_classes() -> None:
    stack = np.stack([two_levels(0, (50, 40)), two_levels(1, (50, 40), 90, 170)])
    codes = decided(Otsu(), stack)
    for grey, found in zip(stack, codes, strict=True):
        best = max(range(255), key=lambda t: between_class_variance(grey, t))
        reached = between_class_variance(grey, grey[found == 0].max())
        assert reached == pytest.approx(between_class_variance(grey, best), rel=1e-9)


def test_otsus_scope_is_the_slice_or_the_stack() -> None:
    stack = np.stack([two_levels(0, (50, 40)), two_levels(1, (50, 40), 90, 170)])
    by_stack = decided(Otsu(scope="stack"), stack)
    assert stack[by_stack == 0].max() < stack[by_stack == 1].min()
    by_slice = decided(Otsu(), stack)
    assert stack[0][by_slice[0] == 1].min() < stack[1][by_slice[1] == 0].max()


def test_otsu_of_three_phases_with_the_solid_darkest() -> None:
    rng = np.random.default_rng(0)
    true = rng.integers(0, 3, (1, 60, 60))
    grey = (np.array([150, 20, 230])[true] + rng.normal(0, 5, true.shape)).astype(np.uint8)
    phases = PhaseTable.from_names(["a", "b", "c"])
    np.testing.assert_array_equal(decided(Otsu(phases, (1, 0, 2)), grey), true)


def test_otsu_of_floats_and_sixteen_bits_agrees_with_eight() -> None:
    grey = two_levels(3, (1, 60, 60))
    codes = decided(Otsu(), grey)
    np.testing.assert_array_equal(decided(Otsu(), grey.astype(np.uint16) * 257), codes)
    assert np.mean(decided(Otsu(), grey / 255.0) != codes) < 0.01  # 4096 bins, not 256 levels: within one grey level


def by_definition(grey: NDArray[np.generic], window: int, k: float, r: float) -> NDArray[np.bool_]:
    """Sauvola and Pietikäinen 2000, Eq. (5), each window's mean and deviation by themselves; mirrored at the border."""
    half = window // 2
    padded = np.pad(grey.astype(float), half, mode="reflect")
    bright = np.empty(grey.shape, bool)
    for y, x in np.ndindex(grey.shape):
        part = padded[y : y + window, x : x + window]
        bright[y, x] = grey[y, x] > part.mean() * (1 + k * (part.std() / r - 1))
    return bright


@pytest.mark.parametrize(("window", "k", "r"), [(15, 0.2, 128.0), (7, -0.1, 128.0), (25, 0.5, 64.0)])
def test_sauvola_is_its_definition_up_to_the_border(window: int, k: float, r: float) -> None:
    grey = two_levels(5, (1, 40, 45))
    codes = decided(Sauvola(sigma=0, window=window, k=k, r=r), grey)
    np.testing.assert_array_equal(codes[0] == 1, by_definition(grey[0], window, k, r))


def test_sauvola_of_a_dark_solid_is_the_other_way_round() -> None:
    grey = two_levels(6, (2, 40, 40))
    np.testing.assert_array_equal(decided(Sauvola(bright=0), grey), 1 - decided(Sauvola(bright=1), grey))


def test_sauvola_smooths_first() -> None:
    step = np.repeat(np.array([60, 130], np.uint8), 30)[None, None].repeat(60, axis=1)
    noisy = np.clip(step + np.random.default_rng(0).normal(0, 30, step.shape), 0, 255).astype(np.uint8)
    wrong = [np.mean((decided(Sauvola(sigma=s, window=51, k=0.0), noisy) == 1) != (step == 130)) for s in (0.0, 2.0)]
    assert wrong[1] < 0.5 * wrong[0]
