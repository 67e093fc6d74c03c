"""The peak that each voxel leads to along the steepest ascent: the watershed by topographic distance (Meyer, Signal
Processing 38, 113, 1994; Roerdink and Meijster, Fundamenta Informaticae 41, 187, 2000).

Of its 26 neighbours a voxel leads to that to which the height rises most over the distance; where none is higher, to
the last of those that are equally high. So each step goes up, or along a plateau to a later place, and the rule is that
of a voxel and its neighbours alone: blocks of any size give the same.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import product

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple

NEIGHBOURS: tuple[Triple, ...] = tuple((z, y, x) for z, y, x in product((-1, 0, 1), repeat=3) if (z, y, x) != (0, 0, 0))
"""The steps to the 26 neighbours (Z Y X), in the order of their places."""


def climb(heights: NDArray[np.uint16], edges: tuple[float, float, float]) -> NDArray[np.int64]:
    """The end of each voxel's ascent, as its place in the flat array.

    `heights` (Z Y X, 0 outside the phase) have one voxel more on each side than what is climbed: an ascent that enters
    this shell ends there. Voxels outside the phase end in themselves.

    Example:
        >>> ridge = np.zeros((3, 3, 6), np.uint16)
        >>> ridge[1, 1, 1:5] = 3, 5, 4, 2
        >>> climb(ridge, (1.0, 1.0, 1.0))[1, 1].tolist()
        [24, 26, 26, 26, 26, 29]
    """
    inner = heights[1:-1, 1:-1, 1:-1].astype(np.int32)
    target = np.arange(heights.size).reshape(heights.shape)
    own = target[1:-1, 1:-1, 1:-1]
    best, towards = np.zeros(inner.shape, np.float32), np.zeros(inner.shape, np.int64)
    strides = (heights.shape[1] * heights.shape[2], heights.shape[2], 1)
    for step, neighbour in _neighbours(heights):
        length = float(np.sqrt(sum((n * edge) ** 2 for n, edge in zip(step, edges, strict=True))))
        slope = (neighbour.astype(np.int32) - inner) * np.float32(1 / length)
        better = slope > best
        np.copyto(best, slope, where=better)
        if step > (0, 0, 0):
            better |= (slope == 0) & (best == 0)
        np.copyto(towards, sum(n * stride for n, stride in zip(step, strides, strict=True)), where=better)
    towards[inner == 0] = 0
    own += towards
    flat = target.ravel()
    while True:
        further = flat[flat]
        if np.array_equal(further, flat):
            return further.reshape(heights.shape)
        flat = further


def _neighbours(heights: NDArray[np.uint16]) -> Iterator[tuple[Triple, NDArray[np.uint16]]]:
    """Each step with the heights there of all voxels but those of the shell."""
    for step in NEIGHBOURS:
        part = tuple(slice(1 + n, size - 1 + n) for n, size in zip(step, heights.shape, strict=True))
        yield step, heights[part]
