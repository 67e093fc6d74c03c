"""What balls around voxels reach, against the distances of all pairs of voxels."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core import VoxelSize
from keramos.measurements.ball_reach import reach_of


@pytest.mark.parametrize(
    ("shape", "edges", "radius"),
    [
        ((7, 9, 150), (20.0, 26.4, 20.8), 130.0),
        ((7, 9, 150), (20.0, 26.4, 20.8), 19.0),
        ((3, 40, 70), (50.0, 10.0, 10.0), 620.0),  # wider than any of its lines as bits
        ((1, 1, 130), (10.0, 10.0, 10.0), 600.0),
        ((4, 5, 6), (10.0, 10.0, 10.0), -1.0),
    ],
)
def test_balls_reach_what_is_nearer_than_their_radius(
    shape: tuple[int, int, int], edges: tuple[float, float, float], radius: float
) -> None:
    seeds = np.zeros(shape, bool)
    stream = np.random.default_rng(2)
    seeds.reshape(-1)[stream.choice(seeds.size, 4, replace=False)] = True
    places = np.indices(shape).reshape(3, -1).T * edges
    distances = np.linalg.norm(places[:, None] - np.argwhere(seeds) * edges, axis=2).min(axis=1)
    expected = (distances < radius).reshape(shape)
    assert np.array_equal(reach_of(seeds, radius, VoxelSize(*edges)), expected)
