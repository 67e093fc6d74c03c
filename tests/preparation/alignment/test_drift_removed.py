"""Drift that was put in comes out, and nothing else: laws on small stacks whose offsets are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core.errors import SettingsError
from keramos.preparation import RawStack, SliceShifts
from keramos.preparation.alignment import SliceMotion, observe_shifts, split_drift

SLICES, EDGE = 10, 96


def texture(shift: NDArray[np.float64], seed: int = 0) -> NDArray[np.float32]:
    """Waves (Y X) at positions moved by `shift`: exact at any part of a pixel."""
    rng = np.random.default_rng(seed)
    y, x = np.arange(EDGE)[:, None] + shift[0], np.arange(EDGE) + shift[1]
    waves = np.zeros((EDGE, EDGE))
    for _ in range(60):
        (ky, kx), phase = rng.normal(0, 0.35, 2), rng.uniform(0, 2 * np.pi)
        waves += np.cos(ky * y + kx * x + phase)
    return (120 + 8 * waves + rng.normal(0, 1, waves.shape)).astype(np.float32)


def walk(seed: int = 1, sd: float = 0.7) -> NDArray[np.float64]:
    return np.cumsum(np.random.default_rng(seed).normal(0, sd, (SLICES, 2)), axis=0)


def motion_of(slices: dict[int, NDArray[np.float32]], depth: int = SLICES) -> SliceMotion:
    observer = observe_shifts(RawStack((depth, EDGE, EDGE)))
    for z, grey in slices.items():
        observer.add(z, grey)
    return observer.finish()


def bent(yx: NDArray[np.float64]) -> NDArray[np.float64]:
    """Positions without their straight line."""
    time = np.arange(len(yx))
    return yx - np.stack([np.polyval(np.polyfit(time, yx[:, axis], 1), time) for axis in (0, 1)], axis=-1)


@pytest.fixture(scope="module")
def put() -> NDArray[np.float64]:
    return walk()


@pytest.fixture(scope="module")
def motion(put: NDArray[np.float64]) -> SliceMotion:
    return motion_of({z: texture(shift) for z, shift in enumerate(put)})


def test_the_walk_put_in_is_the_walk_measured(put: NDArray[np.float64], motion: SliceMotion) -> None:
    np.testing.assert_allclose(motion.yx, put - put.mean(axis=0), atol=0.1)


def test_without_evidence_only_what_bends_is_removed(put: NDArray[np.float64], motion: SliceMotion) -> None:
    shifts = split_drift(motion)
    np.testing.assert_allclose(shifts.yx, bent(put), atol=0.1)
    assert shifts.shear.source == "none"
    assert shifts.is_moved


def test_a_constant_shear_changes_only_the_trend(put: NDArray[np.float64], motion: SliceMotion) -> None:
    steady = np.arange(SLICES)[:, None] * [1.5, -2.25]
    sheared = motion_of({z: texture(shift) for z, shift in enumerate(put + steady)})
    np.testing.assert_allclose(split_drift(sheared).yx, split_drift(motion).yx, atol=0.1)
    np.testing.assert_allclose(np.diff(sheared.yx - motion.yx, axis=0).mean(axis=0), [1.5, -2.25], atol=0.02)


def test_the_shear_of_the_metadata_is_removed_when_named(put: NDArray[np.float64], motion: SliceMotion) -> None:
    corrections = np.arange(SLICES)[:, None] * [0.5, 3.0]
    shifts = split_drift(motion, "metadata", corrections)
    assert shifts.shear.source == "metadata"
    np.testing.assert_allclose(np.polyfit(np.arange(SLICES), shifts.yx, 1)[0], [0.5, 3.0], atol=1e-6)
    with pytest.raises(SettingsError, match="metadata"):
        split_drift(motion, "metadata")


def test_a_still_stack_is_left_alone() -> None:
    shifts = split_drift(motion_of({z: texture(np.zeros(2), seed=4) for z in range(SLICES)}))
    assert not shifts.is_moved
    assert not shifts.yx.any()
    assert max(shifts.left) < 0.1


def test_a_course_that_is_left_is_told_with_its_size(motion: SliceMotion) -> None:
    assert split_drift(motion).left == (0.0, 0.0)
    unsure = replace(
        motion, sd=np.full((SLICES, 2), 9.0), links=tuple(replace(link, sd=link.sd + 9) for link in motion.links)
    )
    shifts = split_drift(replace(unsure, floor=None))
    assert not shifts.is_moved
    np.testing.assert_allclose(shifts.left, np.sqrt(np.mean(bent(motion.yx) ** 2, axis=0)))


def test_brightness_and_missing_slices_change_nothing(put: NDArray[np.float64], motion: SliceMotion) -> None:
    gains = np.random.default_rng(2).uniform(0.7, 1.3, SLICES)
    shown = [z for z in range(SLICES) if z not in (3, 7)]
    shifts = split_drift(motion_of({z: texture(put[z]) * np.float32(gains[z]) for z in shown})).yx
    np.testing.assert_allclose(bent(shifts)[shown], bent(put)[shown], atol=0.6)


def test_one_slice_is_not_moved() -> None:
    shifts: SliceShifts = split_drift(motion_of({0: texture(np.zeros(2))}, depth=1))
    assert not shifts.is_moved
    assert shifts.yx.tolist() == [[0.0, 0.0]]


def test_a_fiducial_tells_the_shear_of_an_inclined_material(put: NDArray[np.float64]) -> None:
    steady = np.arange(SLICES)[:, None] * [0.8, -0.6]  # of the material, not of the microscope
    observer = observe_shifts(RawStack((SLICES, EDGE, EDGE)), fiducial=(30, 66, 8, 48))
    for z, shift in enumerate(put):
        grey = texture(shift + steady[z])
        grey[20:76, :60] = texture(shift, seed=5)[20:76, :60]
        observer.add(z, grey)
    shifts = split_drift(observer.finish(), "fiducial")
    assert shifts.shear.source == "fiducial"
    true = np.polyfit(np.arange(SLICES), put, 1)[0]
    np.testing.assert_allclose(shifts.shear.yx, true, atol=0.017)  # one degree


def test_a_box_outside_the_slices_is_refused() -> None:
    with pytest.raises(SettingsError, match="96 x 96"):
        observe_shifts(RawStack((3, EDGE, EDGE)), fiducial=(0, 97, 0, 20))
    with pytest.raises(SettingsError, match="16 x 16"):
        observe_shifts(RawStack((3, EDGE, EDGE)), fiducial=(0, 8, 0, 20))


def test_curtains_that_stay_in_the_image_do_not_hold_it(put: NDArray[np.float64]) -> None:
    streaks = (1 + 0.1 * np.random.default_rng(9).normal(size=EDGE)).astype(np.float32)
    motion = motion_of({z: texture(shift) * streaks for z, shift in enumerate(put)})
    np.testing.assert_allclose(motion.yx, put - put.mean(axis=0), atol=0.06)


def test_steps_that_vary_by_a_third_of_a_pixel_are_noticed() -> None:
    small = walk(seed=3, sd=0.3)
    shifts = split_drift(motion_of({z: texture(shift, seed=7) for z, shift in enumerate(small)}))
    assert shifts.is_moved
    np.testing.assert_allclose(shifts.yx, bent(small), atol=0.05)


def test_what_would_make_it_isotropic_is_said_and_left_alone(put: NDArray[np.float64]) -> None:
    steady = np.arange(SLICES)[:, None] * [0.0, 0.5]
    motion = motion_of({z: texture(steady[z]) for z in range(SLICES)})
    shifts = split_drift(motion)
    assert shifts.free_shear is not None
    np.testing.assert_allclose(shifts.free_shear.yx, [0, 0.5], atol=0.02)
    assert not shifts.yx.any()
    removed = split_drift(motion, "isotropy")
    np.testing.assert_allclose(removed.yx, steady - steady.mean(axis=0), atol=0.1)
