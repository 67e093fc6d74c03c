"""Slices with few edges among much noise are aligned, and never moved far by the noise."""

from __future__ import annotations

import numpy as np
import pytest

from keramos.preparation import RawStack, observe_shifts


def see(rng: np.random.Generator, dy: float, dx: float) -> np.ndarray:
    """Two round voids in 160 x 180 pixels of noisy solid, moved."""
    y, x = np.mgrid[:160, :180]
    grey = np.full((160, 180), 150.0)
    for at_y, at_x, radius in ((50, 60, 11), (110, 130, 8)):
        distance = np.hypot(y - at_y - dy, x - at_x - dx)
        grey -= 90 / (1 + np.exp(np.clip(2 * (distance - radius), -50, 50)))
    return np.asarray(grey + rng.normal(0, 12, grey.shape), np.float32)


@pytest.mark.parametrize("apart", [1, 2])
def test_few_edges_suffice(apart: int) -> None:
    rng = np.random.default_rng(3)
    steps = np.array([(0, 0), (0.4, -0.3), (-2.6, -0.4), (-2.2, 0.9), (-1.0, 1.6), (0.3, 1.1)])
    observer = observe_shifts(RawStack((apart * len(steps), 160, 180)))
    for place, (dy, dx) in enumerate(steps):
        observer.add(apart * place, see(rng, dy, dx))
    moved = observer.finish().yx[::apart][: len(steps)]
    error = moved + steps - (moved + steps).mean(axis=0)
    assert np.sqrt((error**2).mean()) < 0.3
