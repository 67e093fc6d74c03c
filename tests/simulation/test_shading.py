"""Shading falls downward as fast as asked."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core import VoxelSize
from keramos.simulation.defect import SliceRange
from keramos.simulation.defects.shading import Shading, draw

SLICES = SliceRange(voxel_size=VoxelSize(20, 26.4, 20.8))


@pytest.mark.parametrize("fall", [0.01, 0.03])
def test_slope_is_as_asked(fall: float) -> None:
    shaded = Shading(fall_per_um=fall).apply(np.full((2, 65, 3), 120, np.float32), SLICES)
    slope = (shaded[:, 33] - shaded[:, 31]) / 2
    assert slope == pytest.approx(-120 * fall * 0.0264, rel=1e-3)
    assert shaded[:, 32] == pytest.approx(120)
    assert np.all(np.diff(shaded, axis=1) < 0)


def test_drawn_shading_falls_14_to_30_grey_in_256_rows() -> None:
    for seed in range(20):
        shading = draw(np.random.default_rng(seed), 120.0)
        rows = shading.apply(np.full((1, 256, 1), 120, np.float32), SLICES)[0, :, 0]
        assert 13.8 < rows[0] - rows[-1] < 30.5
