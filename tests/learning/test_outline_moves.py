"""Outlines are moved by as much as was said, to both sides, and nothing that nobody annotated changes."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core import NOT_ANNOTATED, VOID_SOLID
from keramos.learning import AnnotatedSlice, AnnotatedSlices, measure_depth, move_all_outlines, move_outlines

SOLID = (False, True)


def disc(radius: float) -> np.ndarray:
    y, x = np.indices((64, 64)) - 31.5
    return (np.hypot(y, x) < radius).astype(np.uint8)


@pytest.mark.parametrize("pixels", [-3.0, -1.0, 1.0, 2.5])
def test_a_disc_grows_and_shrinks(pixels: float) -> None:
    moved = move_outlines(disc(18), SOLID, pixels)
    assert np.sqrt(moved.sum() / np.pi) == pytest.approx(18 + pixels, abs=0.4)
    hole = move_outlines(1 - disc(18), SOLID, -pixels)
    assert np.sqrt((hole == 0).sum() / np.pi) == pytest.approx(18 + pixels, abs=0.4)


def test_less_than_half_a_pixel_moves_nothing() -> None:
    assert (move_outlines(disc(18), SOLID, 0.4) == disc(18)).all()


def test_changed_pixels_take_the_nearest_phase_of_the_group_they_go_to() -> None:
    codes = np.array([[2, 2, 2, 0, 0, 0, 0, 1, 1, 1]], np.uint8).repeat(3, 0)
    bright = (False, True, True)
    assert move_outlines(codes, bright, 1)[1].tolist() == [2, 2, 2, 2, 0, 0, 1, 1, 1, 1]
    assert move_outlines(codes, bright, -1)[1].tolist() == [2, 2, 0, 0, 0, 0, 0, 0, 1, 1]


def test_edges_of_what_is_annotated_are_no_outlines() -> None:
    codes = disc(18)
    codes[:, 32:] = NOT_ANNOTATED
    moved = move_outlines(codes, SOLID, 3)
    assert (moved[:, 32:] == NOT_ANNOTATED).all()
    assert moved[:, :32].sum() > codes[:, :32].sum() > move_outlines(codes, SOLID, -3)[:, :32].sum()
    assert move_outlines(codes, SOLID, -3)[32, 31] == 1  # beside the edge, far from the outline
    alone = np.where(disc(18) == 1, np.uint8(1), np.uint8(NOT_ANNOTATED))
    assert (move_outlines(alone, SOLID, -3) == alone).all()
    assert np.isinf(measure_depth(alone, SOLID)).all()


def test_all_slices_are_moved() -> None:
    items = tuple(AnnotatedSlice(disc(r), disc(r), "a.tif", z) for z, r in enumerate((10, 20)))
    moved = move_all_outlines(AnnotatedSlices(items, VOID_SOLID, None), SOLID, 2).slices
    assert [np.sqrt(one.codes.sum() / np.pi) for one in moved] == pytest.approx([12, 22], abs=0.4)
