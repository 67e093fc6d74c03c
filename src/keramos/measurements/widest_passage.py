"""The largest ball that passes through a phase from one end to the other."""

from __future__ import annotations

import cc3d
import numpy as np
from numpy.typing import NDArray

from keramos.core.progress import Progress

_HALVINGS = 12


def widest_passage(depth: NDArray[np.float32], mask: NDArray[np.bool_], axis: int, progress: Progress) -> float | None:
    """Twice the distance to the border at which the two ends come apart, by bisection over its values."""
    depth = np.ascontiguousarray(np.moveaxis(depth, axis, 0))
    inside = depth[np.moveaxis(mask, axis, 0)]
    values = np.unique(inside)
    if not len(values) or not _passes(depth, values[0], mask=np.moveaxis(mask, axis, 0)):
        return None
    low, high = 0, len(values)  # passes at low, not at high
    turn = 0
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if _passes(depth, values[middle]) else (low, middle)
        turn += 1
        progress(min(turn, _HALVINGS), _HALVINGS)
    return 2 * float(values[low])


def _passes(depth: NDArray[np.float32], radius: np.float32, mask: NDArray[np.bool_] | None = None) -> bool:
    wide = depth >= radius
    if mask is not None:
        wide &= mask
    labels = cc3d.connected_components(np.ascontiguousarray(wide), connectivity=26, out_dtype=np.uint32)
    ends = np.intersect1d(labels[0], labels[-1])
    return bool(np.any(ends > 0))
