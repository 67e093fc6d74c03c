"""The microstructure in the plane: discs and stripes whose measures are known, scikit-image, and plain loops."""

from __future__ import annotations

import json
from itertools import groupby, pairwise
from math import pi

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, label
from skimage.measure import euler_number, perimeter_crofton, regionprops
from skimage.measure import label as connected
from skimage.segmentation import clear_border

from keramos.core import VoxelSize
from keramos.core.errors import LabelError, ShapeError
from keramos.measurements import PlaneMicrostructure, compare_planes, measure_planes
from keramos.measurements.counting.plane import LAGS, count_plane

SQUARE, FLAT = VoxelSize(30, 10, 10), VoxelSize(20, 26.4, 20.8)


def disc(radius: float, size: VoxelSize, rows: int = 161, columns: int = 203) -> NDArray[np.uint8]:
    y, x = (np.arange(rows) - 80.3) * size.y_nm, (np.arange(columns) - 101.2) * size.x_nm
    return (y[:, None] ** 2 + x**2 <= radius**2).astype(np.uint8)


def blobs(seed: int, shape: tuple[int, int] = (90, 120)) -> NDArray[np.uint8]:
    return (gaussian_filter(np.random.default_rng(seed).random(shape), 1.5) > 0.5).astype(np.uint8)


def measure(codes: NDArray[np.uint8], size: VoxelSize = SQUARE) -> PlaneMicrostructure:
    return measure_planes([codes], 1, size)


@pytest.mark.parametrize("size", [SQUARE, FLAT])
@pytest.mark.parametrize("pixels", [7, 20, 60])
def test_a_disc_has_the_outline_chords_and_pieces_of_a_circle(size: VoxelSize, pixels: int) -> None:
    radius = pixels * size.x_nm
    codes = disc(radius, size)
    plane, area = measure(codes, size), codes.size * size.y_nm * size.x_nm / 1e6
    assert plane.outline == pytest.approx(2 * pi * radius / 1e3 / area, rel=0.02)
    assert plane.chord_y == pytest.approx(pi / 2 * radius, rel=0.04)
    assert plane.chord_x == pytest.approx(pi / 2 * radius, rel=0.04)
    assert plane.components == pytest.approx(1 / area)
    assert plane.euler == pytest.approx(1 / area, rel=0.02)  # per area of the cells between pixels
    assert plane.holes == 0
    hole = measure((1 - codes).astype(np.uint8), size)
    assert (hole.holes, hole.outline) == pytest.approx((plane.components, plane.outline))
    assert hole.euler == pytest.approx(-plane.euler)


def test_stripes_have_chords_across_and_none_along() -> None:
    codes = np.tile(np.repeat(np.uint8([0, 1]), [6, 4]), (300, 30))
    plane = measure(codes, FLAT)
    assert plane.fraction == pytest.approx(0.4)
    assert plane.chord_y is None
    assert plane.chord_x == pytest.approx(4 * FLAT.x_nm, rel=0.02)
    assert plane.outline == pytest.approx(1e3 * 2 / (10 * FLAT.x_nm), rel=0.12)  # along the grid: the worst case
    period = LAGS.index(10)
    assert plane.s2[:, period] == pytest.approx(0.4, abs=0.01)
    assert plane.s2[1, 5] == pytest.approx(0, abs=0.01)
    assert plane.s2[1, 2] == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("seed", range(3))
def test_outline_and_pieces_are_those_of_scikit_image(seed: int) -> None:
    inner = blobs(seed)
    codes = np.pad(inner, 3)
    counts = count_plane(codes, 1)
    assert counts.euler == 4 * euler_number(codes, connectivity=1)
    pieces, number = label(codes)
    assert counts.components == number
    per_piece = [region.euler_number for region in regionprops(pieces)]
    _, rest = label(codes == 0, np.ones((3, 3)))
    assert counts.holes == rest - 1
    assert len(per_piece) == counts.components
    area = codes.size / 1e4
    assert measure(codes).outline == pytest.approx(perimeter_crofton(codes) / 100 / area, rel=0.12)
    smooth = disc(300, SQUARE)
    assert measure(smooth).outline == pytest.approx(perimeter_crofton(smooth) / 100 / (smooth.size / 1e4), rel=0.01)


def test_holes_of_a_slice_of_odd_edges_are_those_of_scikit_image() -> None:
    noise = gaussian_filter(np.random.default_rng(1).random((231, 275)), 6)
    codes = (noise > np.quantile(noise, 0.25)).astype(np.uint8)
    inside = clear_border(connected(codes == 0, connectivity=2))
    assert count_plane(codes, 1).holes == len(np.unique(inside)) - 1


def test_chords_and_correlation_of_a_partly_annotated_slice_are_what_loops_find() -> None:
    codes = blobs(4)
    codes[20:50, 30:70] = 255
    codes[:, 0] = 255
    plane = measure(codes, FLAT)
    for axis, (chord, step) in enumerate([(plane.chord_y, FLAT.y_nm), (plane.chord_x, FLAT.x_nm)]):
        length, ends = 0, 0
        for line in codes if axis else codes.T:
            runs = [(value, len(list(run))) for value, run in groupby(line)]
            length += sum(count for value, count in runs if value == 1)
            ends += sum({a[0], b[0]} == {0, 1} for a, b in pairwise(runs))
        assert chord == pytest.approx(2 * length * step / ends)
        for number, lag in enumerate(LAGS[:12]):
            first = np.arange(codes.shape[axis] - lag)
            a, b = np.take(codes, first, axis), np.take(codes, first + lag, axis)
            known = (a < 255) & (b < 255)
            assert plane.s2[axis, number] == pytest.approx(((a == 1) & (b == 1)).sum() / known.sum())


def test_what_is_not_annotated_is_no_phase_no_area_and_closes_no_hole() -> None:
    codes = np.zeros((40, 50), np.uint8)
    codes[5:20, 5:20] = 1
    codes[10:13, 10:13] = 0
    codes[30, :] = 1
    whole = count_plane(codes, 1)
    assert (whole.components, whole.holes) == (2, 1)
    masked = codes.copy()
    masked[13, 13] = 255  # at a corner of the hole
    part = count_plane(masked, 1)
    assert (part.components, part.holes, part.known) == (2, 0, whole.known - 1)
    half = codes.copy()
    half[:, 25:] = 255
    plane, alone = measure(half), measure(codes[:, :25])
    assert plane.values() == pytest.approx(alone.values())


def test_several_slices_count_together() -> None:
    first, second = blobs(1), blobs(2, (50, 60))
    both = measure_planes([first, second], 1, FLAT)
    one, other = measure(first, FLAT), measure(second, FLAT)
    weights = [first.size, second.size]
    for name in ("fraction", "components", "holes"):
        assert both.values()[name] == pytest.approx(
            np.average([one.values()[name], other.values()[name]], weights=weights)
        )


def test_errors_of_a_speckled_prediction_tell_what_iou_hides() -> None:
    truth = disc(600, SQUARE)
    speckled = truth.copy()
    speckled[np.random.default_rng(0).random(truth.shape) < 0.02] ^= 1
    overlap = (speckled & truth).sum() / (speckled | truth).sum()
    errors = compare_planes([speckled], [truth], 1, SQUARE)
    assert overlap > 0.92
    assert errors.errors["outline"] > 1
    assert errors.errors["components"] > 50
    assert errors.errors["chord_x"] < -0.5
    assert abs(errors.errors["fraction"]) < 0.05
    assert errors.mean_error > 0.5
    same = compare_planes([truth], [truth], 1, SQUARE)
    assert (same.mean_error, same.s2, set(same.errors.values())) == (0, 0, {0, None})


def test_a_comparison_looks_only_where_both_are_known_and_is_json() -> None:
    truth, prediction = blobs(5), blobs(6)
    prediction[:, :60] = truth[:, :60]
    truth[:, 60:90], prediction[:, 90:] = 255, 255
    errors = compare_planes([prediction], [truth], 1, FLAT)
    assert errors.mean_error == 0
    assert errors.true.values() == pytest.approx(measure(truth[:, :60], FLAT).values())
    data = json.loads(json.dumps(errors.to_json(), allow_nan=False))
    assert data["quantities"]["outline"]["error"] == 0
    assert data["quantities"]["outline"]["unit"] == "1/um"
    assert data["s2_distance"] == 0


def test_s2_distance_is_the_root_mean_square_over_the_variance() -> None:
    truth, prediction = blobs(7), blobs(8)
    errors = compare_planes([prediction], [truth], 1, SQUARE)
    a, b = measure(prediction), measure(truth)
    used = np.isfinite(a.s2)
    assert [LAGS[n] for n in np.flatnonzero(used[0])][-1] == 30  # a third of 90 pixels along y
    variance = b.fraction * (1 - b.fraction)
    assert errors.s2 == pytest.approx(np.sqrt(np.mean((a.s2[used] - b.s2[used]) ** 2)) / variance)
    assert errors.euler_share == pytest.approx((a.euler - b.euler) / (b.components + b.holes))


def test_what_cannot_be_measured_is_refused() -> None:
    codes = blobs(0)
    with pytest.raises(ShapeError, match="a slice of labels"):
        measure_planes([codes[None]], 1, SQUARE)
    with pytest.raises(LabelError, match="annotated pixel"):
        measure(np.full((4, 4), 255, np.uint8))
    with pytest.raises(LabelError, match="at least one slice"):
        measure_planes([], 1, SQUARE)
    with pytest.raises(ShapeError, match="one shape"):
        compare_planes([codes], [codes[1:]], 1, SQUARE)
    with pytest.raises(ShapeError, match="found 1 for 2"):
        compare_planes([codes, codes], [codes], 1, SQUARE)
    assert measure(codes[:1, :1]).outline is None
