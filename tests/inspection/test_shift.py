"""Labels that were moved are found where they were moved from; those that fit, or say nothing, are left alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.core import VOID_SOLID, PhaseTable
from keramos.inspection import find_label_shift
from keramos.learning import AnnotatedSlice, AnnotatedSlices
from keramos.simulation import PhantomSettings, PhantomStack, collect_slabs

THREE = PhaseTable.from_names(["a", "b", "c"])


def blobs(seed: int, phases: int = 2) -> NDArray[np.uint8]:
    smooth = gaussian_filter(np.random.default_rng(seed).standard_normal((160, 180)), 6)
    return np.digitize(smooth, np.quantile(smooth, np.arange(1, phases) / phases)).astype(np.uint8)


def imaged(codes: NDArray[np.uint8], greys: tuple[int, ...], noise: float = 12, seed: int = 5) -> NDArray[np.uint8]:
    rng = np.random.default_rng(seed)
    grey = gaussian_filter(np.array(greys, float)[codes], 1) + rng.normal(0, noise, codes.shape)
    return np.clip(grey, 0, 255).astype(np.uint8)


def data(*pairs: tuple[NDArray[np.uint8], NDArray[np.uint8]], phases: PhaseTable = VOID_SOLID) -> AnnotatedSlices:
    slices = tuple(AnnotatedSlice(grey, codes, "a.tif", z) for z, (grey, codes) in enumerate(pairs))
    return AnnotatedSlices(slices, phases, None)


@pytest.mark.parametrize("greys", [(60, 120), (120, 60)])
@pytest.mark.parametrize("moved", [(0, 1), (-1, 0), (2, 2), (3, -1), (-3, 3)])
def test_the_way_back_is_found(greys: tuple[int, int], moved: tuple[int, int]) -> None:
    codes = blobs(0)
    found = find_label_shift(data((imaged(codes, greys), np.roll(codes, moved, (0, 1)))))
    assert found is not None
    assert (-found.rows, -found.columns) == moved
    assert not found.at_least
    assert found.jump_there > found.jump_here


def test_of_three_phases_in_any_order_of_grey() -> None:
    codes = blobs(1, 3)
    grey = imaged(codes, (140, 60, 100))
    assert find_label_shift(data((grey, codes), phases=THREE)) is None
    found = find_label_shift(data((grey, np.roll(codes, (0, -2), (0, 1))), phases=THREE))
    assert found is not None
    assert (found.rows, found.columns) == (0, 2)


def test_several_slices_speak_together() -> None:
    pairs = [(imaged(blobs(seed), (90, 115), 25, seed), np.roll(blobs(seed), (0, 2), (0, 1))) for seed in range(6)]
    found = find_label_shift(data(*pairs))
    assert found is not None
    assert (found.rows, found.columns) == (0, -2)


def test_only_what_is_annotated_counts() -> None:
    codes = blobs(2)
    shifted = np.roll(codes, (2, 0), (0, 1))
    part = np.full_like(codes, 255)
    part[20:150, 30:170] = shifted[20:150, 30:170]
    found = find_label_shift(data((imaged(codes, (60, 120)), part)))
    assert found is not None
    assert (found.rows, found.columns) == (-2, 0)


@pytest.mark.parametrize("preset", ["ba122", "sofc", "battery"])
@pytest.mark.parametrize("hand", [False, True])
def test_labels_that_fit_are_left_alone_truth_or_hand_made(preset: str, hand: bool) -> None:
    settings = PhantomSettings((2, 160, 160), preset=preset, seed=1, hand_labels=(1,))
    made = collect_slabs(PhantomStack(settings))
    codes = (made.hand if hand else made.truth).read()[1]
    assert find_label_shift(data((made.images.read()[1], codes), phases=made.truth.phases)) is None


def textured() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Phases of one grey value that differ in texture."""
    codes = blobs(3)
    y, x = np.mgrid[: codes.shape[0], : codes.shape[1]]
    striped = 100 + 50 * np.sign(np.sin((x + y) * 1.6))
    return np.where(codes == 0, 100, striped).astype(np.uint8), codes


def of_noise() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return np.random.default_rng(0).integers(0, 255, (160, 180)).astype(np.uint8), blobs(4)


def of_one_phase() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    return of_noise()[0], np.ones((160, 180), np.uint8)


def tiny() -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    codes = np.zeros((9, 9), np.uint8)
    codes[:, 6:] = 1
    return (60 + 60 * np.roll(codes, 2, 1)).astype(np.uint8), codes


@pytest.mark.parametrize("case", [textured, of_noise, of_one_phase, tiny])
def test_what_says_nothing_is_left_alone(case: Callable[[], tuple[NDArray[np.uint8], NDArray[np.uint8]]]) -> None:
    assert find_label_shift(data(case())) is None
