"""A region of wide unsure patches is worth more than one of many outlines."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.annotation.window import RIM_WEIGHT, best_window, without_rims, worth_of

SURE = 0.1


def outlines(shape: tuple[int, int], width: int) -> np.ndarray:
    """Parallel rims, as wide as said, of full uncertainty."""
    unsure = np.full(shape, SURE, np.float32)
    unsure[(np.arange(shape[0]) % 12 < width)] = 1
    return unsure


@pytest.mark.parametrize(("width", "left"), [(1, SURE), (2, SURE), (3, 1.0), (4, 1.0)])
def test_what_is_narrower_than_three_pixels_goes_and_the_rest_stays(width: int, left: float) -> None:
    unsure = outlines((60, 60), width)
    rows = (np.arange(60) % 12 < width) & (np.arange(60) > 5) & (np.arange(60) < 54)
    np.testing.assert_allclose(without_rims(unsure)[rows], left)


def test_the_window_lies_on_the_patch_not_on_the_rims() -> None:
    unsure = outlines((100, 120), 2)
    unsure[:, 60:] = SURE
    unsure[40:50, 90:102] = 0.9  # 120 voxels against some 500 in the rims of a window
    window = best_window(unsure, 40)
    assert window.row <= 40
    assert window.column <= 90
    assert window.row + 40 >= 50
    assert window.column + 40 >= 102
    assert window.unsure_share == pytest.approx(120 / 1600)
    assert window.worth == pytest.approx(0.9 * 120 / 1600)


def test_without_a_patch_the_rims_decide() -> None:
    unsure = outlines((100, 120), 2)
    unsure[:, 60:] = SURE
    window = best_window(unsure, 30)
    assert window.column + 30 <= 60
    assert window.unsure_share == 0
    assert window.worth == pytest.approx(RIM_WEIGHT * np.mean(unsure[window.row : window.row + 30, 0] > 0.5))


def test_the_worth_is_that_of_the_best_of_all_windows() -> None:
    unsure = np.random.default_rng(0).random((23, 31)).astype(np.float32) ** 3
    each = worth_of(unsure, without_rims(unsure))
    window = best_window(unsure, 9)
    means = [each[y : y + 9, x : x + 9].mean() for y in range(15) for x in range(23)]
    assert window.worth == pytest.approx(max(means), rel=1e-5)
    assert window.worth == pytest.approx(
        each[window.row : window.row + 9, window.column : window.column + 9].mean(), rel=1e-5
    )


def test_a_slice_smaller_than_the_region_is_the_region() -> None:
    window = best_window(np.full((20, 300), 0.7, np.float32), 256)
    assert (window.row, window.column, window.height, window.width) == (0, 0, 20, 256)
    assert window.worth == pytest.approx(0.7)
