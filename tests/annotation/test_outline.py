"""An outline covers exactly the voxels around which it winds."""

from __future__ import annotations

import numpy as np
import pytest
from drawings import scene_of
from hypothesis import given, settings
from hypothesis import strategies as st
from skimage.draw import polygon2mask

from keramos.annotation.drawing import make_edit
from keramos.annotation.drawing.outline import cover_outline

SHAPE = (15, 19)


def whole_mask(points: object) -> np.ndarray:
    mask, (y, x) = cover_outline(np.array(points, float), SHAPE)
    out = np.zeros(SHAPE, bool)
    out[y : y + mask.shape[0], x : x + mask.shape[1]] = mask
    return out


def winding(points: list[tuple[float, float]], y: int, x: int) -> int | None:
    """Turns of the outline around a centre: the sum of the angles under which its edges are seen from there. None where
    the centre lies on it, so that rounding decides."""
    towards = [complex(px - x, py - y) for px, py in points]
    if min(map(abs, towards)) < 1e-6:
        return None
    angles = [np.angle(b / a) for a, b in zip(towards, [*towards[1:], towards[0]], strict=True)]
    return None if max(map(abs, angles)) > np.pi - 1e-6 else round(sum(angles) / (2 * np.pi))


place = st.integers(-60, 330).map(lambda value: value * 0.0737 + 0.00173)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.tuples(place, place.map(lambda value: value * 0.913)), min_size=3, max_size=7))
def test_outlines_cover_what_they_wind_around(points: list[tuple[float, float]]) -> None:
    turns = [[winding(points, y, x) for x in range(SHAPE[1])] for y in range(SHAPE[0])]
    sure = np.not_equal(turns, None)
    np.testing.assert_array_equal(whole_mask(points)[sure], np.not_equal(turns, 0)[sure])


def test_a_simple_polygon_is_that_of_scikit_image() -> None:
    points = np.array([[2.3, 1.2], [16.7, 3.1], [12.2, 8.4], [14.9, 13.3], [4.1, 11.8], [7.7, 6.6]])
    np.testing.assert_array_equal(whole_mask(points), polygon2mask(SHAPE, points[:, ::-1]))


def test_outlines_that_touch_do_not_overlap_and_leave_no_gap() -> None:
    left, right = [(1, 1), (8, 1), (8, 9), (1, 9)], [(8, 1), (14, 1), (14, 9), (8, 9)]
    assert not (whole_mask(left) & whole_mask(right)).any()
    np.testing.assert_array_equal(whole_mask(left) | whole_mask(right), whole_mask([(1, 1), (14, 1), (14, 9), (1, 9)]))


@pytest.mark.parametrize("points", [[], [(3, 3)], [(3, 3), (9, 9)], [(-9, -9), (-5, -9), (-5, -3)]])
def test_what_is_no_outline_covers_nothing(points: list[tuple[float, float]]) -> None:
    scene = scene_of(np.zeros((1, *SHAPE), np.uint8))
    rows = [list(point) for point in points]
    assert make_edit(scene, {"tool": "polygon", "z": 0, "phase": 1, "points": rows}).patches == ()


def test_a_contour_is_its_pen_line_and_all_that_it_encloses() -> None:
    scene = scene_of(np.zeros((1, 40, 40), np.uint8))
    turn = np.linspace(0, 1.8 * np.pi, 90)
    points = np.stack([20 + 12 * np.cos(turn), 20 + 12 * np.sin(turn)], axis=1).tolist()
    (patch,) = make_edit(
        scene, {"tool": "contour", "z": 0, "phase": 1, "points": points, "options": {"radius": 1.5}}
    ).patches
    filled = np.zeros((40, 40), bool)
    filled[patch.area] = patch.after == 1
    y, x = np.mgrid[:40, :40]
    distance, angle = np.hypot(y - 20, x - 20), np.angle(np.exp(1j * (np.arctan2(y - 20, x - 20) + 0.1 * np.pi)))
    assert filled[distance < 9].all()
    # Away from the chord that closes it, and from the rim within the polyline's sagitta: a disc of 12 + 1.5.
    sure = (np.abs(angle) > 0.2 * np.pi) & (np.abs(distance - 13.5) > 0.02)
    np.testing.assert_array_equal(filled[sure], (distance <= 13.5)[sure])
    # The chord from the last point to the first is drawn, too: a voxel next to its middle.
    assert filled[17, 31]
