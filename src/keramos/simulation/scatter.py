"""Objects placed at random in all space (a Poisson process), each from the random numbers of its own cell."""

from __future__ import annotations

from collections.abc import Iterator
from math import ceil, exp, floor

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.body import Positions
from keramos.simulation.white import uniform

_MOST_PER_CELL = 12


def scatter(
    key: int, positions_nm: Positions, *, reach_nm: float, per_um3: float, numbers: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centres (n, 3) in nm of all objects that can touch a window, and `numbers` uniform random numbers (n, numbers).

    `reach_nm` is the largest extent of an object from its centre. An object has the same numbers in every window.
    """
    edge = _cell_nm(per_um3)
    cells = [np.arange(floor((a[0] - reach_nm) / edge), ceil((a[-1] + reach_nm) / edge) + 1) for a in positions_nm]
    mean = per_um3 * (edge * 1e-3) ** 3
    count = _invert_poisson(uniform(key, *cells), mean)
    corners = np.stack(np.meshgrid(*cells, indexing="ij"), axis=-1)
    centres, drawn = [], []
    for slot in range(_MOST_PER_CELL):
        exists = count > slot
        lots = [uniform(key + 1 + slot * (numbers + 3) + i, *cells)[exists] for i in range(numbers + 3)]
        centres.append((corners[exists] + np.stack(lots[:3], axis=-1)) * edge)
        drawn.append(np.stack(lots[3:], axis=-1) if numbers else np.empty((len(lots[0]), 0)))
    return np.concatenate(centres), np.concatenate(drawn)


def find_windows(
    centres: NDArray[np.float64], reach_nm: NDArray[np.float64], positions_nm: Positions
) -> Iterator[tuple[int, tuple[slice, slice, slice]]]:
    """Pairs of an object's number and the part of the window that its box overlaps, for objects that overlap it.

    The box of an object extends `reach_nm` (n, 1 or 3) on both sides of its centre (n, 3).
    """
    low = [np.searchsorted(a, edge) for a, edge in zip(positions_nm, (centres - reach_nm).T, strict=True)]
    high = [
        np.searchsorted(a, edge, side="right") for a, edge in zip(positions_nm, (centres + reach_nm).T, strict=True)
    ]
    overlapping = np.flatnonzero(np.all(np.stack(low) < np.stack(high), axis=0))
    for number, z0, y0, x0, z1, y1, x1 in np.stack(
        [overlapping, *(edge[overlapping] for edge in (*low, *high))], axis=-1
    ).tolist():
        yield number, (slice(z0, z1), slice(y0, y1), slice(x0, x1))


def _cell_nm(per_um3: float) -> float:
    """Edge of a cell that holds two objects on average, so that more than 12 practically never occur."""
    return 1e3 * float((2 / per_um3) ** (1 / 3))


def _invert_poisson(lot: NDArray[np.float64], mean: float) -> NDArray[np.int64]:
    """Poisson numbers from uniform ones, by inverting the distribution."""
    share, total = exp(-mean), 0.0
    count = np.zeros(lot.shape, np.int64)
    for k in range(_MOST_PER_CELL):
        total += share
        count += lot >= total
        share *= mean / (k + 1)
    return count
