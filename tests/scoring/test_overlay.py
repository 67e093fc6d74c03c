"""Error overlays: each outcome has its colour, and what nobody annotated stays grey."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from keramos.core.errors import LabelError, ShapeError, StorageError
from keramos.scoring import draw_error_overlay, save_png, stretch_grey
from keramos.scoring.overlay import FALSE_NEGATIVE, FALSE_POSITIVE, TRUE_NEGATIVE, TRUE_POSITIVE

IMAGE = np.linspace(3, 700, 6, dtype=np.float32).reshape(1, 6)
TRUTH = np.array([[1, 0, 1, 0, 255, 0]], np.uint8)
PREDICTION = np.array([[1, 1, 0, 0, 1, 255]], np.uint8)


def test_each_outcome_has_its_colour() -> None:
    rgb = draw_error_overlay(IMAGE, PREDICTION, TRUTH, 1)
    assert [tuple(pixel) for pixel in rgb[0, :4]] == [TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE, TRUE_NEGATIVE]
    assert len({TRUE_POSITIVE, FALSE_POSITIVE, FALSE_NEGATIVE, TRUE_NEGATIVE}) == 4


def test_the_other_phase_swaps_the_outcomes() -> None:
    rgb = draw_error_overlay(IMAGE, PREDICTION, TRUTH, 0)
    assert [tuple(pixel) for pixel in rgb[0, :4]] == [TRUE_NEGATIVE, FALSE_NEGATIVE, FALSE_POSITIVE, TRUE_POSITIVE]


def test_what_nobody_annotated_or_predicted_is_the_grey_image() -> None:
    rgb, grey = draw_error_overlay(IMAGE, PREDICTION, TRUTH, 1), stretch_grey(IMAGE)
    for x in (4, 5):
        assert tuple(rgb[0, x]) == (grey[0, x],) * 3


def test_grey_is_stretched_and_a_constant_image_is_mid_grey() -> None:
    ramp = np.arange(1000, dtype=np.uint16).reshape(10, 100) * 60
    grey = stretch_grey(ramp)
    assert (grey[0, 0], grey[-1, -1]) == (0, 255)
    assert (np.diff(grey.ravel().astype(int)) >= 0).all()
    assert (stretch_grey(np.full((3, 3), 7)) == 128).all()


def test_shapes_that_differ_and_a_positive_code_without_phase_are_refused() -> None:
    with pytest.raises(ShapeError, match="one shape"):
        draw_error_overlay(IMAGE, PREDICTION, TRUTH[:, :5], 1)
    with pytest.raises(LabelError, match="found 255"):
        draw_error_overlay(IMAGE, PREDICTION, TRUTH, 255)


def test_a_png_comes_back_as_it_was(tmp_path: Path) -> None:
    rgb = draw_error_overlay(IMAGE, PREDICTION, TRUTH, 1)
    save_png(rgb, tmp_path / "overlay.png")
    np.testing.assert_array_equal(np.asarray(Image.open(tmp_path / "overlay.png")), rgb)
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="expected to write"):
        save_png(rgb, tmp_path / "file" / "overlay.png")
