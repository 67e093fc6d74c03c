"""Slices are moved by fractions of a pixel, compared with moving their waves."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.preparation.translation import shift_slice

INNER = np.s_[10:-10, 10:-10]


def waves(dy: float, dx: float) -> np.ndarray:
    """A picture without frequencies above a third of the finest, moved in its formula."""
    y, x = np.mgrid[:64, :80].astype(np.float64)
    return np.asarray(
        100 + 40 * np.sin(0.9 * (y - dy) + 0.3) + 30 * np.cos(0.5 * (x - dx) - 0.7 * (y - dy)), np.float32
    )


@pytest.mark.parametrize("shift", [(0.5, 0.0), (-0.25, 3.4), (2.0, -1.0), (-7.6, 0.9)])
def test_a_moved_picture_is_the_formula_of_the_moved_picture(shift: tuple[float, float]) -> None:
    assert np.abs(shift_slice(waves(0, 0), *shift)[INNER] - waves(*shift)[INNER]).max() < 1.5


def test_whole_pixels_stay_as_they_are() -> None:
    picture = np.random.default_rng(1).integers(0, 255, (30, 40)).astype(np.float32)
    assert np.array_equal(shift_slice(picture, 3, -2)[3:, :-2], picture[:-3, 2:])
