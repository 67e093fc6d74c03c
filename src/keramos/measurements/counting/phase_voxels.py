"""Voxels of each phase in a block, by window and by slice along each axis."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.windows import Windows

_DEEPEST = 255
"""Slices whose voxels a byte can count."""
Counts = NDArray[np.int64]


def count_phases(block: BlockView, codes: tuple[int, ...], windows: Windows) -> Counts:
    """The voxels of each phase in a block's core, and last the annotated ones, per window (phases + 1, Z Y X). Not to
    be changed: others that ask for the same are given the same."""
    return block.share(("voxels of phases", codes, windows), lambda: _count_phases(block, codes, windows))


def _count_phases(block: BlockView, codes: tuple[int, ...], windows: Windows) -> Counts:
    masks = [*(block.core_codes == code for code in codes), block.core_codes != NOT_ANNOTATED]
    return windows.count(masks, block.core)


def count_slices(mask: NDArray[np.bool_]) -> tuple[Counts, Counts, Counts]:
    """The voxels of a mask (Z Y X) in each slice across Z, Y and X.

    Example:
        >>> mask = np.zeros((2, 3, 4), bool)
        >>> mask[1, :2] = True
        >>> [each.tolist() for each in count_slices(mask)]
        [[0, 8], [4, 4, 0], [2, 2, 2, 2]]
    """
    plane = np.zeros(mask.shape[1:], np.int64)
    for start in range(0, len(mask), _DEEPEST):
        plane += np.add.reduce(mask[start : start + _DEEPEST].view(np.uint8), axis=0, dtype=np.uint8)
    return np.array([np.count_nonzero(one) for one in mask], np.int64), plane.sum(axis=1), plane.sum(axis=0)
