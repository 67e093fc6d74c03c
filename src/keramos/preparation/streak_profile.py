"""Streaks of one slice, measured in flat places of the solid alone, so that borders of pores count for nothing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import uniform_filter1d
from skimage.filters import threshold_otsu

Grey = NDArray[np.float32]

_ROWS = 4
"""Rows that are averaged at once: streaks run across them."""
AROUND = (31, 61)
"""Columns, in three averaged rows, with which a pixel is compared. Broad streaks need many; where phases of other grey
levels lie close together, fewer are better."""
_LEAST_AROUND = (0.3, 0.2)
"""Fractions of them that must be flat solid."""
_FLAT = 0.12
"""Fraction of the level around by which a flat place may differ: streaks do, borders of phases differ by more."""
_DARKEST = 0.8
_MOST = 0.4
_CELL_ROWS = 16
_MOST_CELLS = 24
_LEVELS = 6


@dataclass(frozen=True, eq=False)
class Streaks:
    """Departures from the level around, by cells of some rows and one column.

    Attributes:
        sums: of the departures, as fractions of the level, for few and many columns around (2, cells, X).
        weights: in how many places they were measured (2, cells, X).
        levels: of the solid in 6 x 6 parts of the slice; NaN where there is none.
    """

    sums: Grey
    weights: Grey
    levels: Grey


def cell_edges(rows: int) -> NDArray[np.intp]:
    """The first row of each cell, and the number of rows after the last.

    Example:
        >>> cell_edges(40).tolist()
        [0, 20, 40]
    """
    cells = min(max(1, rows // _CELL_ROWS), _MOST_CELLS)
    edges = np.linspace(0, rows // _ROWS, cells + 1).astype(np.intp) * _ROWS
    edges[-1] = rows
    return edges


def measure_streaks(grey: Grey) -> Streaks:
    """Streaks along the columns of a slice of at least 4 rows (Y X)."""
    bands = len(grey) // _ROWS
    means = grey[: bands * _ROWS].reshape(bands, _ROWS, -1).mean(axis=1)
    flat = _find_flat(means)
    starts = cell_edges(len(grey))[:-1] // _ROWS
    sums, weights = [], []
    for columns, least in zip(AROUND, _LEAST_AROUND, strict=True):
        level, share = _level_around(means, flat, columns)
        known = flat & (share > least)
        departure = np.clip(means / np.maximum(level, np.float32(1e-6)) - 1, -_MOST, _MOST)
        departure[~known] = 0
        sums.append(np.add.reduceat(departure, starts, axis=0))
        weights.append(np.add.reduceat(known, starts, axis=0, dtype=np.float32))
    return Streaks(np.stack(sums), np.stack(weights), _average_parts(means, flat))


def _find_flat(means: Grey) -> NDArray[np.bool_]:
    """The averaged rows that lie in flat solid, away from its borders."""
    smooth = uniform_filter1d(means, 3, axis=1, mode="nearest")
    sample = smooth[:, ::4]
    threshold = threshold_otsu(sample) if sample.min() < sample.max() else 0.0
    flat = smooth > threshold
    for _ in range(2):
        level, _share = _level_around(smooth, flat, AROUND[0])
        flat = (smooth > _DARKEST * threshold) & (np.abs(smooth - level) < _FLAT * level)
    away: NDArray[np.bool_] = average_around(flat.astype(np.float32), 3) > 0.99
    return away


def _level_around(means: Grey, chosen: NDArray[np.bool_], columns: int) -> tuple[Grey, Grey]:
    """The mean of the chosen pixels around each, and the fraction of those around that are chosen."""
    share = average_around(chosen.astype(np.float32), columns)
    total = average_around(np.where(chosen, means, np.float32(0)), columns)
    return np.asarray(total / np.maximum(share, np.float32(0.02)), np.float32), share


def average_around(pixels: Grey, columns: int) -> Grey:
    """The mean of three rows and that many columns around each pixel (Y X); images are continued by their borders.

    Example:
        >>> average_around(np.diag([9, 9, 9]).astype(np.float32), 1).tolist()
        [[6.0, 3.0, 0.0], [3.0, 3.0, 3.0], [0.0, 3.0, 6.0]]
    """
    total = pixels.copy()
    total[1:] += pixels[:-1]
    total[:-1] += pixels[1:]
    total[0] += pixels[0]
    total[-1] += pixels[-1]
    total *= np.float32(1 / 3)
    mean: Grey = uniform_filter1d(total, columns, axis=1, mode="nearest")
    return mean


def _average_parts(means: Grey, flat: NDArray[np.bool_]) -> Grey:
    """Means of the flat places in parts of a slice."""
    edges = [np.linspace(0, n, _LEVELS, endpoint=False).astype(np.intp) for n in means.shape]
    weight, total = flat.astype(np.float32), np.where(flat, means, np.float32(0))
    sums = [np.add.reduceat(np.add.reduceat(part, edges[0], axis=0), edges[1], axis=1) for part in (total, weight)]
    return np.where(sums[1] > 0, sums[0] / np.maximum(sums[1], 1), np.nan).astype(np.float32)
