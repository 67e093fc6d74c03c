"""The band of one pixel on both sides of the true boundary, and the number of phase changes of the truth."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box


def mark_boundary_band(truth: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """Mask (Z Y X) of the voxels with another annotated phase in the 3 x 3 neighbourhood in their slice.

    Unannotated voxels are never in the band, nor do they put a neighbour in it. Nothing outside the array counts: pass
    one voxel of halo in y and x where the volume continues.
    """
    highest = _neighbourhood(np.where(truth == NOT_ANNOTATED, 0, truth).astype(np.uint8), np.maximum)
    lowest = _neighbourhood(truth, np.minimum)  # 255 is never the lowest beside a phase
    band: NDArray[np.bool_] = ((highest > truth) | (lowest < truth)) & (truth != NOT_ANNOTATED)
    return band


def count_neighbours(truth: NDArray[np.uint8], core: Box) -> NDArray[np.int64]:
    """Numbers (2, 2) of annotated neighbours: rows along y and x, columns all pairs and pairs of different phases.

    `core` is the block's core within `truth`. A pair belongs to the block that contains its voxel nearer the origin,
    so blocks that partition a volume count each pair once if they have one voxel of halo.
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
    """Maximum or minimum over 3 x 3 neighbours in the slice, one axis after the other."""
    out = values.copy()
    extreme(out[:, 1:], values[:, :-1], out=out[:, 1:])
    extreme(out[:, :-1], values[:, 1:], out=out[:, :-1])
    rows = out.copy()
    extreme(out[:, :, 1:], rows[:, :, :-1], out=out[:, :, 1:])
    extreme(out[:, :, :-1], rows[:, :, 1:], out=out[:, :, :-1])
    return out
