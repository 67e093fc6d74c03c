"""The picture frames the region in its slice and tints what is uncertain in it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from keramos.core.errors import StorageError
from keramos.reports.suggestion_picture import FramedSlice, suggestion_figure, tint_uncertain, write_suggestions

GREY = np.tile(np.arange(0, 240, 3, dtype=np.uint8), (60, 1))
UNSURE = np.zeros(GREY.shape, np.float32)
UNSURE[20:30, 40:50] = 1
ITEM = FramedSlice(GREY, UNSURE, (15, 30, 25, 35), "1: slice 7", 1.27)


def test_the_frame_is_the_region_and_the_panels_lie_where_they_are_in_the_slice() -> None:
    whole, part, *_ = suggestion_figure([ITEM, ITEM]).axes
    (frame,) = whole.patches
    assert (*frame.get_xy(), frame.get_width(), frame.get_height()) == (30, 15, 35, 25)
    assert list(whole.images[0].get_extent()) == [0, 80, 60, 0]
    assert list(part.images[0].get_extent()) == [30, 65, 40, 15]
    assert part.images[0].get_array().shape == (25, 35, 3)
    assert whole.get_title() == "1: slice 7"
    assert whole.get_aspect() == 1.27


def test_only_what_is_uncertain_is_tinted() -> None:
    rgb = tint_uncertain(GREY, UNSURE).astype(int)
    grey = UNSURE == 0
    assert (rgb[grey] == GREY[grey][:, None]).all()
    assert (rgb[~grey][:, 0] - rgb[~grey][:, 2] > 100).all()


def test_a_place_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StorageError, match="expected to write"):
        write_suggestions([ITEM], tmp_path / "file" / "next.png")
