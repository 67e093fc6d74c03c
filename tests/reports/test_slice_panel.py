"""Pictures of slices: to scale in nm, in the right colours, with a bar as long as it says."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import VOID_SOLID, PhaseTable, VoxelSize
from keramos.reports.scale_bar import round_length
from keramos.reports.slice_panel import WIDTH_PIXELS, WRONG, pale, phase_picture, slice_panel, verdict_picture
from keramos.scoring.overlay import FALSE_NEGATIVE, FALSE_POSITIVE, TRUE_NEGATIVE, TRUE_POSITIVE

Pixels = NDArray[np.uint8]
Decode = Callable[[str], Pixels]


def longest_white_run(row: Pixels) -> int:
    white = np.concatenate([[False], (row[:, :3] == 255).all(axis=1), [False]])
    edges = np.flatnonzero(np.diff(white.astype(int)))
    return int((edges[1::2] - edges[::2]).max(initial=0))


@pytest.mark.parametrize(
    ("nm", "length"), [(5324.8, 1000), (7987.2, 2000), (640, 100), (1000 / 0.3, 1000), (20, 5), (0.4, 0.1)]
)
def test_the_bar_is_the_longest_round_one_below_30_per_cent(nm: float, length: float) -> None:
    assert round_length(nm) == pytest.approx(length)


@pytest.mark.parametrize(
    ("shape", "voxel"),
    [
        ((128, 128), VoxelSize(20, 26.4, 20.8)),
        ((100, 300), VoxelSize(1, 1, 7)),
        ((1500, 2000), VoxelSize(5, 5, 5)),
        ((3, 400), VoxelSize(5, 5, 5)),
        ((400, 100), VoxelSize(5, 5, 5)),
        ((400, 40), VoxelSize(5, 5, 5)),
    ],
)
def test_the_bar_is_as_long_as_it_says(shape: tuple[int, int], voxel: VoxelSize, pixels_of: Decode) -> None:
    pixels = pixels_of(slice_panel(np.full(shape, 128, np.uint8), voxel))
    grey = (abs(pixels[0, :, :3].astype(int) - 128) <= 1).all(axis=1)
    picture_width = np.count_nonzero(grey)
    assert grey[:picture_width].all(), "the picture lies at the left"
    expected = round_length(shape[1] * voxel.x_nm) / (shape[1] * voxel.x_nm) * picture_width
    found = max(longest_white_run(row) for row in pixels)
    # The bar's two ends fall between pixels.
    assert found == pytest.approx(expected, abs=2)


def test_pixels_are_drawn_as_high_and_wide_as_they_are(pixels_of: Decode) -> None:
    image = np.zeros((50, 100), np.uint8)
    image[10:20, 60:80] = 200
    pixels = pixels_of(slice_panel(image, VoxelSize(5, 30, 10)))
    assert pixels.shape[:2] == (round(WIDTH_PIXELS * 1.5), WIDTH_PIXELS)
    y, x = np.nonzero(pixels[:700, :, 0] == 200)
    ends = np.array([y.min() / 30, (y.max() + 1) / 30, x.min() / 10, (x.max() + 1) / 10])
    np.testing.assert_allclose(ends * (1000 / WIDTH_PIXELS), [10, 20, 60, 80], atol=0.3)


def test_without_a_voxel_size_pixels_are_square_and_there_is_no_bar(pixels_of: Decode) -> None:
    pixels = pixels_of(slice_panel(np.full((60, 120), 77, np.uint8), None))
    assert pixels.shape[:2] == (WIDTH_PIXELS // 2, WIDTH_PIXELS)
    assert (pixels == (77, 77, 77, 255)).all()


def test_a_tall_picture_is_drawn_narrower(pixels_of: Decode) -> None:
    assert pixels_of(slice_panel(np.zeros((400, 100), np.uint8), None)).shape[:2] == (
        2 * WIDTH_PIXELS,
        WIDTH_PIXELS // 2,
    )


def test_the_four_outcomes_reach_the_picture_in_their_colours(pixels_of: Decode) -> None:
    truth, labels = np.zeros((2, 40, 40), np.uint8)
    truth[:, 20:] = 1
    labels[:20] = 1
    truth[:, 38:] = 255
    grey = np.full((40, 40), 128, np.uint8)
    pixels = pixels_of(slice_panel(verdict_picture(grey, labels, truth, VOID_SOLID), VoxelSize(1, 1, 1)))
    at = WIDTH_PIXELS // 8
    assert tuple(pixels[at, at, :3]) == FALSE_POSITIVE
    assert tuple(pixels[at, 5 * at, :3]) == TRUE_POSITIVE
    assert tuple(pixels[5 * at, at, :3]) == TRUE_NEGATIVE
    assert tuple(pixels[5 * at, 5 * at, :3]) == FALSE_NEGATIVE
    assert tuple(pixels[at, -5, :3]) == (128, 128, 128), "what nobody annotated shows the image"


def test_three_phases_are_pale_where_right_and_one_colour_where_wrong() -> None:
    phases = PhaseTable.from_names(["pore", "YSZ", "nickel"])
    truth, labels = np.array([[0, 1, 2, 0, 255]], np.uint8), np.array([[0, 1, 2, 2, 1]], np.uint8)
    grey = np.full((1, 5), 90, np.uint8)
    rgb = verdict_picture(grey, labels, truth, phases)
    right = [pale(phase.rgb) for phase in phases]
    assert [tuple(pixel) for pixel in rgb[0]] == [*right, WRONG, (90, 90, 90)]
    plain = phase_picture(truth, grey, phases)
    assert [tuple(pixel) for pixel in plain[0]] == [*(p.rgb for p in phases), phases.phases[0].rgb, (90, 90, 90)]


def test_a_large_picture_is_averaged_not_sampled(pixels_of: Decode) -> None:
    stripes = np.zeros((100, 4 * WIDTH_PIXELS), np.uint8)
    stripes[:, ::2] = 200
    pixels = pixels_of(slice_panel(stripes, None))
    middle = pixels[pixels.shape[0] // 2, 10:-10, 0].astype(int)
    assert np.abs(middle - 100).max() <= 25, "every second column is bright: about 100 everywhere"
