"""Streaks are followed from slice to slice, and nothing else is."""

from __future__ import annotations

import numpy as np

from keramos.preparation.streak_drift import find_streak_drift

SHAPE = (20, 12, 200)


def test_streaks_are_followed_as_far_as_ten_columns_a_slice() -> None:
    rng = np.random.default_rng(0)
    streaks = rng.normal(0, 0.02, SHAPE[2])
    drift = np.cumsum(rng.choice([-10, -3, 0, 4, 10], SHAPE[0]))
    drift -= drift[0]
    sums = 4 * np.stack([np.tile(np.roll(streaks, by), (SHAPE[1], 1)) for by in drift]) + rng.normal(0, 0.02, SHAPE)
    found = find_streak_drift(sums.astype(np.float16), np.full(SHAPE, 4, np.uint8))
    np.testing.assert_array_equal(found, drift)


def test_noise_is_not_followed() -> None:
    for seed in range(5):
        sums = np.random.default_rng(seed).normal(0, 0.02, SHAPE).astype(np.float16)
        assert not find_streak_drift(sums, np.full(SHAPE, 4, np.uint8)).any()
