"""A simulated hand errs where hands err: at outlines, on bright floors, on small voids."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, binary_erosion

from keramos.core import VoxelSize
from keramos.simulation import Phantom, PhantomSettings, PhantomStack, collect_slabs
from keramos.simulation.annotator import Annotator, annotate
from keramos.simulation.line_of_sight import Sight

VOXELS = VoxelSize(20, 26.4, 20.8)
PERFECT = Annotator(key=1).scale(0)
STEADY = replace(Annotator(key=5), jitter_pixels=0, inward_pixels=0)


@cache
def phantom() -> Phantom:
    return collect_slabs(PhantomStack(PhantomSettings((6, 200, 240), seed=2, hand_labels=(1, 4))))


def dark(shape: tuple[int, int]) -> Sight:
    return Sight(np.ones(shape, bool), np.full(shape, np.inf, np.float32), np.ones(shape, np.float32))


def test_only_the_slices_asked_for_are_labelled_and_nearly_right() -> None:
    hand, truth = phantom().hand.read(), phantom().truth.read()
    assert [z for z in range(6) if (hand[z] != 255).any()] == [1, 4]
    for z in (1, 4):
        assert 0.01 < np.mean(hand[z] != truth[z]) < 0.08
    assert np.mean(hand[1] != truth[1]) != np.mean(hand[4] != truth[4])


def test_jitter_moves_outlines_by_a_pixel_or_so() -> None:
    truth = np.zeros((200, 240), np.uint8)
    truth[:, 120:] = 1
    shaky = Annotator(key=3, jitter_pixels=1.0, inward_pixels=0, mistaken_floors=0, missed_voids=0)
    drawn = annotate(truth, shaky, sight=dark(truth.shape), voxel_size=VOXELS)
    edge = drawn.argmax(axis=1) - 120.0
    assert 0.6 < edge.std() < 1.4
    near, far = (np.corrcoef(edge[:-n], edge[n:])[0, 1] for n in (1, 40))
    assert near > 0.8
    assert abs(far) < 0.5


def test_bright_floors_are_painted_solid_now_and_then() -> None:
    truth = np.ones((150, 200), np.uint8)
    path = np.zeros(truth.shape, np.float32)
    patches = [(slice(10 * i + 2, 10 * i + 8), slice(10 * k + 2, 10 * k + 8)) for i in range(15) for k in range(20)]
    for patch in patches:
        truth[patch], path[patch] = 0, 100
    sight = Sight(truth == 1, path, np.ones(truth.shape, np.float32))
    careless = replace(STEADY, mistaken_floors=0.25, missed_voids=0, small_nm=0)
    drawn = annotate(truth, careless, sight=sight, voxel_size=VOXELS)
    whole = [bool((drawn[patch] == 1).all()) for patch in patches]
    none = [bool((drawn[patch] == 0).all()) for patch in patches]
    assert all(a or b for a, b in zip(whole, none, strict=True)), "a floor is taken for solid whole or not at all"
    assert np.mean(whole) == pytest.approx(0.25, abs=0.08)
    deep = Sight(truth == 1, np.where(truth == 1, 0, 500).astype(np.float32), sight.facing)
    assert np.array_equal(annotate(truth, careless, sight=deep, voxel_size=VOXELS), truth)


def test_small_voids_are_missed_large_ones_are_not() -> None:
    truth = np.ones((200, 200), np.uint8)
    small = [(slice(20 * i + 5, 20 * i + 9), slice(20 * k + 5, 20 * k + 9)) for i in range(10) for k in range(9)]
    for patch in small:
        truth[patch] = 0
    truth[20:180, 186:198] = 0
    blind = replace(STEADY, mistaken_floors=0, missed_voids=0.4)
    drawn = annotate(truth, blind, sight=dark(truth.shape), voxel_size=VOXELS)
    assert np.mean([(drawn[patch] == 1).all() for patch in small]) == pytest.approx(0.4, abs=0.15)
    assert np.all(drawn[20:180, 186:198] == 0)


def test_a_missed_void_gets_the_phase_around_it() -> None:
    truth = np.ones((60, 80), np.uint8)
    truth[:, 40:] = 2
    truth[20:23, 10:13] = truth[20:23, 60:63] = 0
    blind = replace(STEADY, mistaken_floors=0, missed_voids=1.0)
    drawn = annotate(truth, blind, sight=dark(truth.shape), voxel_size=VOXELS)
    assert (drawn[20:23, 10:13] == 1).all()
    assert (drawn[20:23, 60:63] == 2).all()


def test_a_perfect_hand_is_the_truth_and_errors_lie_at_outlines() -> None:
    truth = phantom().truth.read()[1]
    assert np.array_equal(annotate(truth, PERFECT, sight=dark(truth.shape), voxel_size=VOXELS), truth)
    shaky = annotate(
        truth, Annotator(key=9, mistaken_floors=0, missed_voids=0), sight=dark(truth.shape), voxel_size=VOXELS
    )
    outline = binary_dilation(truth == 1, iterations=3) & ~binary_erosion(truth == 1, iterations=3)
    assert np.all(outline[shaky != truth])


def test_outlines_are_drawn_inside_the_solid() -> None:
    truth = np.zeros((80, 120), np.uint8)
    truth[:, 60:] = 1
    hand = replace(STEADY, inward_pixels=1.0, mistaken_floors=0, missed_voids=0)
    drawn = annotate(truth, hand, sight=dark(truth.shape), voxel_size=VOXELS)
    assert np.array_equal(drawn, np.roll(truth, 1, axis=1) & truth)
