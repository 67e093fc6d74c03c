"""The translation of slices, and the shift that is measured, against SciPy."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import ndimage

from keramos.inspection.slice_shift import _move_back, make_registrable, measure_shift


@pytest.mark.parametrize("place", [(0.3, -0.7), (2.2, -3.1), (-5.0, 4.0), (0.0, 0.25), (70.5, -99.0)])
def test_a_slice_is_moved_as_scipy_moves_it(place: tuple[float, float]) -> None:
    image = np.random.default_rng(0).normal(size=(60, 77)).astype(np.float32)
    wanted = ndimage.shift(image, (-place[0], -place[1]), order=1, mode="nearest", prefilter=False)
    np.testing.assert_allclose(_move_back(image, np.array(place)), wanted, atol=1e-6)


@pytest.mark.parametrize("moved", [(0.0, 0.0), (0.4, -0.8), (3.0, 1.5)])
def test_a_shift_is_measured_whatever_the_brightness(moved: tuple[float, float]) -> None:
    rng = np.random.default_rng(1)
    body = ndimage.gaussian_filter(rng.normal(size=(140, 150)), 4)
    slices = []
    for shift, light in (((0.0, 0.0), 0.0), (moved, 40.0)):
        seen = ndimage.shift(body, shift, order=3)[10:-10, 10:-10] * 900 + 120 + light
        fine = (seen + rng.normal(0, 4, seen.shape)).astype(np.float32)
        slices.append(make_registrable(fine, ndimage.zoom(fine, 0.25, order=1), 1))
    found = measure_shift(*slices)
    assert (found.rows, found.columns) == pytest.approx(moved, abs=0.1)
