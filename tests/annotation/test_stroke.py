"""A stroke covers exactly the voxels that its definition names."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from keramos.annotation.drawing.stroke import cover_stroke

SHAPE = (17, 23)


def covers(points: list[tuple[float, float, float]], radius: float, y: int, x: int) -> bool | None:
    """The definition, voxel by voxel, by the distance along and across each segment. None for a centre on the rim,
    where rounding decides."""
    rows = [(px, py, radius * p) for px, py, p in points]
    beyond = [np.hypot(x - px, y - py) - r for px, py, r in rows]
    for (ax, ay, r), (bx, by, s) in pairwise(rows):
        length = np.hypot(bx - ax, by - ay)
        if not length:
            continue
        along = ((x - ax) * (bx - ax) + (y - ay) * (by - ay)) / length
        if 0 <= along <= length:
            across = abs((x - ax) * (by - ay) - (y - ay) * (bx - ax)) / length
            beyond.append(across - (r + (s - r) * along / length))
    return None if min(map(abs, beyond)) < 1e-6 else min(beyond) <= 0


def whole_mask(points: list[tuple[float, float, float]], radius: float) -> np.ndarray:
    mask, (y, x) = cover_stroke(np.array(points, float).reshape(-1, 3), radius, SHAPE)
    out = np.zeros(SHAPE, bool)
    out[y : y + mask.shape[0], x : x + mask.shape[1]] = mask
    return out


place = st.integers(-90, 400).map(lambda value: value * 0.0737 + 0.00173)
point = st.tuples(place, place, st.sampled_from([0.07, 0.31, 0.77, 1.0]))


@settings(max_examples=100, deadline=None)
@given(st.lists(point, min_size=1, max_size=4), st.sampled_from([0.311, 1.177, 2.713, 7.391]))
def test_strokes_cover_what_brute_force_covers(points: list[tuple[float, float, float]], radius: float) -> None:
    expected = [[covers(points, radius, y, x) for x in range(SHAPE[1])] for y in range(SHAPE[0])]
    sure = np.not_equal(expected, None)
    np.testing.assert_array_equal(whole_mask(points, radius)[sure], np.equal(expected, True)[sure])


@pytest.mark.parametrize(("radius", "voxels"), [(0, 1), (1, 5), (2, 13), (3, 29), (5, 81)])
def test_a_dot_holds_gauss_circle_numbers(radius: int, voxels: int) -> None:
    """Lattice points in a disc about one of them: 1, 5, 13, 29, 49, 81, ... (OEIS A000328)."""
    assert whole_mask([(11, 8, 1)], radius).sum() == voxels


def test_pressure_scales_the_radius_and_is_interpolated() -> None:
    mask = whole_mask([(2, 8, 0), (20, 8, 1)], 6.01)
    assert [int(mask[:, x].sum()) for x in (2, 5, 11, 17, 20)] == [1, 3, 7, 11, 13]


def test_a_stroke_outside_of_the_slice_covers_nothing() -> None:
    assert not whole_mask([(-50, -50, 1), (-40, 90, 1)], 3).any()
    assert cover_stroke(np.zeros((0, 3)), 5, SHAPE)[0].size == 0


def test_a_far_stroke_takes_no_memory() -> None:
    mask, _ = cover_stroke(np.array([[-1e6, -1e6, 1], [1e6, 1e6, 1]]), 2, SHAPE)
    assert mask.shape == SHAPE
    assert mask[8, 8]
