"""The largest ball that passes through a phase from one end to the other."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core.progress import Progress
from keramos.measurements.pieces import Pieces, label_pieces

_HALVINGS = 12


def widest_passage(depth: NDArray[np.float32], pieces: Pieces, axis: int, progress: Progress) -> float | None:
    """Twice the distance to the border at which the two ends come apart, by bisection over its values.

    A ball's centre moves through faces, edges and corners of voxels, and never from one of the `pieces` into another:
    None where none of them reaches both ends.
    """
    depth = np.ascontiguousarray(np.moveaxis(depth, axis, 0))
    pieces = np.ascontiguousarray(np.moveaxis(pieces, axis, 0))
    values = np.unique(depth[pieces > 0])
    if not len(values) or not _passes(depth, values[0], pieces):
        return None
    low, high = 0, len(values)  # passes at low, not at high
    turn = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _passes(depth, values[middle], pieces) else (low, middle)
        turn += 1
        progress(min(turn, _HALVINGS), _HALVINGS)
    return 2 * float(values[low])


def _passes(depth: NDArray[np.float32], radius: np.float32, pieces: Pieces) -> bool:
    labels = label_pieces(np.where(depth >= radius, pieces, np.uint32(0)), 26)
    ends = np.intersect1d(labels[0], labels[-1])
    return bool(np.any(ends > 0))
