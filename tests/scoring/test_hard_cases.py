"""The hard cases counted in pictures whose every count is known."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.scoring.hard_cases import find_bright_others, measure_hard_cases

SIDE = 120


def test_thirds_follow_the_brightness_of_the_surroundings() -> None:
    ramp = np.repeat(np.linspace(200, 50, SIDE)[:, None], SIDE, axis=1)  # bright top, dark bottom
    truth = np.zeros((SIDE, SIDE), np.uint8)
    truth[:, ::2] = 1  # every other column is solid
    found = truth.copy()
    found[100:, ::4] = 0  # half of the solid of the last 20 rows is missed
    found[:10, 1::2] = 1  # all of the void of the first 10 rows is invented
    cases = measure_hard_cases(ramp, truth, found, positive=1, pixel_area_nm2=None)
    assert cases.false_negative_rate_dark == pytest.approx(20 / 40 / 2)
    assert cases.false_negative_rate_bright == 0
    assert cases.false_positive_rate_bright == pytest.approx(10 / 40)
    assert cases.false_positive_rate_dark == 0


def test_the_shade_is_measured_against_the_difference_between_the_phases() -> None:
    truth = np.zeros((SIDE, SIDE), np.uint8)
    truth[:, ::2] = 1
    ramp = np.repeat(np.linspace(100, 0, SIDE)[:, None], SIDE, axis=1)
    shade = measure_hard_cases(ramp + 50 * truth, truth, truth, positive=1, pixel_area_nm2=None).shading
    assert shade == pytest.approx(100 * 2 / 3 / 50, rel=0.1)
    assert measure_hard_cases(
        0 * ramp + 50 * truth, truth, truth, positive=1, pixel_area_nm2=None
    ).shading == pytest.approx(0, abs=0.02)


def test_small_patches_are_found_where_half_of_them_is_right() -> None:
    truth = np.ones((SIDE, SIDE), np.uint8)
    for row in (10, 30, 50, 70):
        truth[row : row + 4, 20:24] = 0  # four squares of 16 pixels
    truth[90:118, 40:80] = 0  # a large one
    truth[0:4, 100:104] = 0  # small, but cut by the border
    found = truth.copy()
    found[10:14, 20:24] = 1  # lost
    found[30:32, 20:24] = 1  # half of it
    found[50:53, 20:24] = 1  # three quarters of it lost
    grey = truth * 100.0
    cases = measure_hard_cases(grey, truth, found, positive=1, pixel_area_nm2=None)
    assert (cases.small_patches, cases.small_detection_rate) == (4, 0.5)
    # 16 pixels of 100 x 100 nm are as large as a circle of 451 nm: no longer small.
    assert measure_hard_cases(grey, truth, found, positive=1, pixel_area_nm2=1e4).small_patches == 0


def test_bright_voids_are_those_as_bright_as_the_solid_around_them() -> None:
    rng = np.random.default_rng(0)
    truth = np.ones((SIDE, SIDE), np.uint8)
    truth[40:60, 40:60], truth[80:90, 20:30] = 0, 0
    grey = np.where(truth == 1, 150.0, 40.0) + rng.normal(0, 1, truth.shape)
    grey[40:60, 40:60] = 160  # its floor shines
    floor = find_bright_others(grey, truth == 1, truth == 0)
    assert floor[40:60, 40:60].all()
    assert floor.sum() == 400
    found = truth.copy()
    found[40:50, 40:60] = 1
    cases = measure_hard_cases(grey, truth, found, positive=1, pixel_area_nm2=None)
    assert (cases.bright_voxels, cases.bright_false_positive_rate) == (400, 0.5)


def test_nothing_to_count_is_none() -> None:
    truth = np.full((16, 16), 255, np.uint8)
    cases = measure_hard_cases(np.zeros((16, 16)), truth, truth, positive=1, pixel_area_nm2=None)
    assert (
        cases.false_negative_rate_dark,
        cases.small_patches,
        cases.small_detection_rate,
        cases.bright_false_positive_rate,
    ) == (None, 0, None, None)
