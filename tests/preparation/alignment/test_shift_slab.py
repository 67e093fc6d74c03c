"""Slices moved by parts of pixels: against waves that are known everywhere."""

from __future__ import annotations

import numpy as np

from keramos.preparation.alignment import shift_slab

SHIFTS = np.array([[0.0, 0.0], [0.5, -0.25], [-3.0, 2.0], [2.37, 4.81]])


def wave(shift: np.ndarray, k: float = 1.4) -> np.ndarray:
    y, x = np.arange(48)[:, None] - shift[0], np.arange(56) - shift[1]
    return (100 + 20 * np.cos(k * y + 0.3) * np.cos(0.8 * k * x)).astype(np.float32)


def test_waves_of_five_pixels_move_without_blur() -> None:
    still = np.repeat(wave(np.zeros(2))[None], len(SHIFTS), axis=0)
    moved, known = shift_slab(still, SHIFTS)
    for z, shift in enumerate(SHIFTS):
        inner = known[z].copy()
        inner[:6], inner[-6:], inner[:, :6], inner[:, -6:] = False, False, False, False
        np.testing.assert_allclose(moved[z][inner], wave(shift)[inner], atol=0.25)
    np.testing.assert_array_equal(moved[0], still[0])
    np.testing.assert_array_equal(moved[2, :45, 2:], still[2, 3:, :-2])


def test_what_was_not_seen_is_filled_and_marked() -> None:
    moved, known = shift_slab(np.ones((1, 5, 6), np.float32), np.array([[1.5, -2.0]]), fill=7)
    assert known[0].tolist() == [[False] * 6] * 2 + [[True] * 4 + [False] * 2] * 3
    assert (moved[~known] == 7).all()
    np.testing.assert_allclose(moved[known], 1, atol=1e-6)


def test_a_shift_beyond_the_image_leaves_nothing() -> None:
    moved, known = shift_slab(np.ones((1, 5, 6), np.float32), np.array([[0.5, 9.5]]))
    assert not known.any()
    assert not moved.any()
