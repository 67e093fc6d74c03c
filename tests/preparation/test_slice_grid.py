"""Slices at any positions are put on an even grid."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.core.errors import SettingsError
from keramos.preparation import place_on_grid


def test_even_slices_are_taken_as_they_are() -> None:
    grid = place_on_grid(np.arange(7) * 12.5, 12.5)
    assert grid.below.tolist() == grid.above.tolist() == list(range(7))
    assert not grid.weight.any()
    assert grid.filled == ()


def test_positions_are_met_by_linear_interpolation() -> None:
    positions = np.cumsum(np.random.default_rng(3).uniform(14, 26, 40))
    grid = place_on_grid(positions, 20.0)
    places = (1 - grid.weight) * positions[grid.below] + grid.weight * positions[grid.above]
    assert np.abs(places - positions[0] - 20 * np.arange(len(grid))).max() < 0.02 * 20 + 1e-9
    assert len(grid) == int((positions[-1] - positions[0]) / 20 + 0.02) + 1
    assert grid.filled == ()


def test_slices_in_a_gap_are_filled() -> None:
    grid = place_on_grid(np.array([0.0, 1, 2, 5, 6]), 1.0)
    assert grid.filled == (3, 4)
    assert grid.weight.round(3).tolist() == [0, 0, 0, 0.333, 0.667, 0, 0]


def test_positions_that_turn_back_are_refused() -> None:
    with pytest.raises(SettingsError, match="ascending"):
        place_on_grid(np.array([0.0, 2, 1]), 1.0)
