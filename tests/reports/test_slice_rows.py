"""Rows of pictures: headings, captions, and a legend that says what the colours in the pictures mean."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import LabelVolume, PhaseTable, Volume
from keramos.reports import MethodResult, ReportContent
from keramos.reports.slice_rows import columns, legend, slice_rows, truth_legend

Decode = Callable[[str], NDArray[np.uint8]]
THREE = PhaseTable.from_names(["pore", "YSZ", "nickel"])


def colours(pixels: NDArray[np.uint8]) -> set[str]:
    """Colours of the upper half, which the scale bar leaves alone."""
    red, green, blue = np.moveaxis(pixels[: len(pixels) // 2, :, :3].astype(int), -1, 0)
    return {f"#{colour:06x}" for colour in np.unique(red << 16 | green << 8 | blue)}


def test_headings_say_where_the_slice_lies(content: ReportContent) -> None:
    texts = [row.heading.replace("\u00a0", " ") for row in slice_rows(content)]
    assert texts == [
        "Slice 3 of 0–3, z = 150 nm: 2 slices (100 nm) from the nearest annotated one",
        "Slice 2 of 0–3, z = 100 nm: 1 slice (50 nm) from the nearest annotated one",
    ]
    unsized = replace(content, volume=replace(content.volume, voxel_size=None), annotated_slices=())
    assert [row.heading for row in slice_rows(unsized)] == ["Slice 0 of 0–3", "Slice 2 of 0–3"]


def test_captions_name_the_method_and_its_score_in_the_slice(content: ReportContent) -> None:
    captions = [(p.caption, p.detail) for p in slice_rows(content)[0].panels]
    assert captions == [
        ("Image", ""),
        ("Truth", ""),
        ("Wide", "IoU of solid in this slice 0.800"),
        ("Close", "IoU of solid in this slice 0.970"),
    ]


def test_every_colour_in_the_pictures_is_in_the_legend(content: ReportContent, pixels_of: Decode) -> None:
    _, truth, wide, _ = slice_rows(content)[0].panels
    assert colours(pixels_of(truth.uri)) == {colour for colour, _ in truth_legend(content)}
    meanings = {meaning: colour for colour, meaning in legend(content)}
    assert colours(pixels_of(wide.uri)) == {
        meanings["solid, found (true positive)"],
        meanings["void, found (true negative)"],
        meanings["void taken for solid (false positive)"],
    }
    assert "solid missed (false negative)" in meanings


def test_columns_lie_where_the_labels_have_them(content: ReportContent, pixels_of: Decode) -> None:
    pixels = pixels_of(slice_rows(content)[0].panels[2].uri)
    row = pixels[100, :, :3].astype(int)
    changes = np.flatnonzero(np.abs(np.diff(row, axis=0)).sum(axis=1)) + 1
    np.testing.assert_allclose(changes / pixels.shape[1] * 64, [24, 32], atol=0.15)


def test_three_phases_have_a_colour_each_and_one_for_wrong(
    method: Callable[..., MethodResult], pixels_of: Decode
) -> None:
    truth = np.repeat(np.arange(3, dtype=np.uint8), 8)[None, None].repeat(24, axis=1)
    labels = truth.copy()
    labels[..., 10:12] = 0
    content = ReportContent(
        "t",
        Volume.from_array(truth * 50),
        LabelVolume.from_array(truth, THREE),
        methods=(method("M", labels, truth, THREE),),
    )
    (row,) = slice_rows(content)
    assert row.heading == "The only slice"
    assert colours(pixels_of(row.panels[1].uri)) == {phase.colour for phase in THREE}
    assert colours(pixels_of(row.panels[2].uri)) == {colour for colour, _ in legend(content)}
    assert [meaning for _, meaning in legend(content)] == ["pore, right", "YSZ, right", "nickel, right", "wrong"]


def test_a_slice_without_truth_shows_plain_phases_and_says_so(content: ReportContent, pixels_of: Decode) -> None:
    assert content.truth is not None
    empty = replace(content, truth=LabelVolume.from_array(np.full((4, 32, 64), 255, np.uint8), content.truth.phases))
    panels = slice_rows(empty)[0].panels
    assert [p.detail for p in panels] == ["", "grey: not annotated", *["phases: nobody annotated this slice"] * 2]
    assert colours(pixels_of(panels[2].uri)) == {phase.colour for phase in content.truth.phases}


def test_without_truth_the_legend_is_that_of_the_phases(content: ReportContent, pixels_of: Decode) -> None:
    untold = replace(content, truth=None)
    assert truth_legend(untold) == ()
    assert [meaning for _, meaning in legend(untold)] == ["void", "solid"]
    panels = slice_rows(untold)[0].panels
    assert [(p.caption, p.detail) for p in panels] == [("Image", ""), ("Wide", ""), ("Close", "")]
    assert colours(pixels_of(panels[1].uri)) == {colour for colour, _ in legend(untold)}


@pytest.mark.parametrize(
    ("methods", "known", "expected"),
    [
        (0, False, 2),
        (1, False, 2),
        (1, True, 3),
        (2, True, 4),
        (3, True, 3),
        (4, True, 3),
        (4, False, 3),
        (6, True, 4),
        (8, False, 3),
    ],
)
def test_rows_of_pictures_are_as_full_as_can_be(
    content: ReportContent, methods: int, known: bool, expected: int
) -> None:
    many = tuple(replace(content.methods[0], name=f"m{i}") for i in range(methods))
    assert columns(replace(content, methods=many, truth=content.truth if known else None)) == expected
