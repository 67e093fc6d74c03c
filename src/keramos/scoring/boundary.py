"""The band of one pixel on both sides of the true boundary, and how often the truth changes phase."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box


def in_boundary_band(truth: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Where a voxel's 3 x 3 neighbourhood in its slice holds another annotated phase. `truth` is Z Y X.

    Voxels that are not annotated are never in the band and never put a neighbour in it. Beyond the array's border
    there is nothing: pass one voxel of halo in y and x where the volume goes on.
    """
    highest = _neighbourhood(np.where(truth == NOT_ANNOTATED, 0, truth).astype(np.uint8), np.maximum)
    lowest = _neighbourhood(truth, np.minimum)  # 255 is never the lowest beside a phase
    band: NDArray[np.bool_] = ((highest > truth) | (lowest < truth)) & (truth != NOT_ANNOTATED)
    return band


def neighbour_counts(truth: NDArray[np.uint8], core: Box) -> NDArray[np.int64]:
    """Pairs of annotated neighbours, and pairs of two phases: rows y and x, columns (pairs, changes).

    `core` is the block's core within `truth`. A pair belongs to the block that holds its voxel nearer the origin,
    so blocks that partition a volume count each pair once, given one voxel of halo.
    """
    counts = np.zeros((2, 2), np.int64)
    whole = Box.whole(truth.shape)
    for row, step in enumerate([(0, 1, 0), (0, 0, 1)]):
        second = core.shift(step).clip(whole)
        first = second.shift([-d for d in step])
        a, b = truth[first.slices], truth[second.slices]
        pair = (a != NOT_ANNOTATED) & (b != NOT_ANNOTATED)
        counts[row] = np.count_nonzero(pair), np.count_nonzero(pair & (a != b))
    return counts


def _neighbourhood(values: NDArray[np.uint8], extreme: np.ufunc) -> NDArray[np.uint8]:
    """Maximum or minimum over 3 x 3 neighbours in the slice; one axis after the other gives the square."""
    out = values.copy()
    extreme(out[:, 1:], values[:, :-1], out=out[:, 1:])
    extreme(out[:, :-1], values[:, 1:], out=out[:, :-1])
    rows = out.copy()
    extreme(out[:, :, 1:], rows[:, :, :-1], out=out[:, :, 1:])
    extreme(out[:, :, :-1], rows[:, :, 1:], out=out[:, :, :-1])
    return out
