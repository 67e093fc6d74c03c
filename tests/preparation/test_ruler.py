"""Positions from two lines whose distance changes evenly with depth."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.preparation import RulerObserver, RulerReading, SlicePositions, place_by_ruler

COUNT = 30
EVEN = 20.0 * np.arange(COUNT)


def read(z: NDArray[np.float64], rate: float = 1.0, *, turned: bool = False) -> SlicePositions | None:
    """Two bright lines whose distance grows by `rate` pixels with each slice of depth, under noise and drift."""
    rng = np.random.default_rng(2)
    observer = RulerObserver((4, 36, 10, 130))
    columns = np.arange(140)
    for depth in z:
        drift = rng.normal() * 1.5
        lines = sum(np.exp(-(((columns - at) / 2) ** 2)) for at in (50 + drift, 90 + drift + rate * depth))
        grey = 80 + 60 * np.broadcast_to(lines, (40, 140)) + rng.normal(size=(40, 140)) * 5
        if turned:
            observer = observer if observer._profiles["x"] else RulerObserver((10, 130, 4, 36))
            grey = grey.T
        observer.add(0, grey.astype(np.float32))
    return place_by_ruler(observer.finish(), EVEN, 20.0)


@pytest.mark.parametrize("turned", [False, True])
def test_uneven_slices_are_placed_by_their_ruler(turned: bool) -> None:
    steps = 1 + 0.2 * np.random.default_rng(4).uniform(-1.7, 1.7, COUNT - 1)
    z = np.concatenate([[0.0], np.cumsum(steps / steps.mean())])
    placed = read(z, turned=turned)
    assert placed is not None
    error = placed.nm - 20 * z
    assert np.sqrt(np.mean(error**2)) < 0.05 * 20
    assert placed.sd_nm is not None
    assert 0.3 < np.sqrt(np.mean(error**2)) / placed.sd_nm.mean() < 3
    assert placed.nm[-1] == pytest.approx(EVEN[-1])


def test_lines_that_keep_their_distance_tell_nothing() -> None:
    assert read(np.arange(COUNT, dtype=float), rate=0.0) is None


def test_a_ruler_that_is_too_small_is_refused() -> None:
    with pytest.raises(ValueError, match="at least 16 x 16"):
        RulerObserver((0, 10, 0, 40))


def test_lines_that_come_nearer_and_go_apart_by_turns_are_no_ruler() -> None:
    sd = np.full(COUNT, 0.01)
    wave = 3 * np.sin(np.arange(COUNT)) + 0.1 * np.arange(COUNT)
    assert place_by_ruler(RulerReading(wave, sd, "x"), EVEN, 20.0) is None
    steady = np.arange(COUNT, dtype=np.float64)
    assert place_by_ruler(RulerReading(steady, np.full(COUNT, 1.5), "x"), EVEN, 20.0) is None
    rough = np.arange(COUNT) + 0.3 * (-1.0) ** np.arange(COUNT)
    placed = place_by_ruler(RulerReading(rough, sd, "x"), EVEN, 20.0)
    assert placed is not None
    assert placed.nm[-1] == EVEN[-1]


@pytest.mark.parametrize(
    ("places", "halves"), [((50, 90), ()), ((50,), (1,)), ((90,), (0,)), ((25, 50, 90), (0,)), ((), (0, 1))]
)
def test_a_half_without_a_single_line_is_named(places: tuple[int, ...], halves: tuple[int, ...]) -> None:
    rng = np.random.default_rng(2)
    observer = RulerObserver((4, 36, 10, 130))
    columns = np.arange(140)
    for depth in range(COUNT):
        lines = sum(np.exp(-(((columns - at - depth * (at > 70) / 2) / 3) ** 2)) for at in places) + columns / 400
        grey = 80 - 60 * np.broadcast_to(lines, (40, 140)) + rng.normal(size=(40, 140)) * 5
        observer.add(0, grey.astype(np.float32))
    assert observer.finish().halves == halves
