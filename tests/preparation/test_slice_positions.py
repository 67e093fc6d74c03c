"""Positions of slices from their likeness, against those of bodies that are cut at known places."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from keramos.preparation import SlicePositions, observe_likeness, place_by_likeness

COUNT, EDGE, PITCH = 40, 220, 20.0


def cut(z: NDArray[np.float64], noise: float = 0.15, gain: NDArray[np.float64] | None = None) -> NDArray[np.float32]:
    """Slices (Z Y X) of a body of two phases, with structure of about 12 pixels, at positions in pixels."""
    rng = np.random.default_rng(3)
    deep = int(z.max()) + 30
    body = gaussian_filter(rng.normal(size=(deep, EDGE, EDGE)).astype(np.float32), 5)
    body = np.clip(body / body.std() * 3, -1, 1)
    grid = np.broadcast_to(np.arange(EDGE), (EDGE, EDGE))
    slices = [map_coordinates(body, [np.full_like(grid, one, float), grid.T, grid], order=1) for one in z + 15]
    grey = 120 + 50 * np.stack(slices) * (1 if gain is None else gain[:, None, None])
    return np.asarray(grey + rng.normal(size=grey.shape) * 50 * noise, np.float32)


def place(slices: NDArray[np.float32], even: NDArray[np.float64]) -> SlicePositions:
    observer = observe_likeness((EDGE, EDGE), None, 560)
    for z, one in enumerate(slices):
        observer.add(z, one)
    placed = place_by_likeness(observer.finish(), even, PITCH)
    assert placed is not None
    return placed


@pytest.fixture(scope="module")
def steps() -> NDArray[np.float64]:
    """True steps in nominal ones, with the mean 1 and a standard deviation of 0.2."""
    steps = 1 + 0.2 * np.clip(np.random.default_rng(8).normal(size=COUNT - 1), -2, 2)
    return np.asarray(steps / steps.mean())


def test_uneven_steps_are_seen_through_noise_and_changes_of_brightness(steps: NDArray[np.float64]) -> None:
    z = np.concatenate([[0.0], np.cumsum(steps)])
    gain = np.random.default_rng(1).uniform(0.8, 1.2, COUNT)
    placed = place(cut(2 * z, gain=gain), PITCH * np.arange(COUNT))
    found = np.diff(placed.nm) / PITCH
    error = found - steps
    assert error.std() < 0.5 * steps.std()
    assert np.corrcoef(found, steps)[0, 1] > 0.85
    assert found.mean() == pytest.approx(1)
    assert placed.spread == pytest.approx(0.2, abs=0.06)
    assert placed.step_sd_nm is not None
    assert 0.4 < error.std() / np.sqrt(np.mean((placed.step_sd_nm / PITCH) ** 2)) < 2.5
    assert placed.sd_nm is not None
    assert placed.sd_nm[[0, -1]] == pytest.approx(0, abs=1e-3)


def test_even_slices_are_called_even() -> None:
    placed = place(cut(2.0 * np.arange(COUNT)), PITCH * np.arange(COUNT))
    assert placed.spread < 0.06
    assert np.diff(placed.nm).std() < 0.06 * PITCH


def test_a_missing_slice_is_counted_and_positions_scale_with_the_pitch(steps: NDArray[np.float64]) -> None:
    z = np.concatenate([[0.0], np.cumsum(steps)])
    kept = np.delete(np.arange(COUNT), 17)
    slices = cut(2 * z)[kept]
    placed = place(slices, PITCH * kept)
    gap = np.diff(placed.nm)[16]
    assert gap == pytest.approx(PITCH * (steps[16] + steps[17]), abs=0.4 * PITCH)
    assert placed.nm[-1] == pytest.approx(PITCH * (COUNT - 1))


def test_slices_that_show_nothing_tell_nothing() -> None:
    observer = observe_likeness((60, 60), None, 560)
    for z in range(12):
        observer.add(z, np.full((60, 60), 7, np.float32))
    assert place_by_likeness(observer.finish(), np.arange(12.0), 1.0) is None
