"""The peak that each voxel leads to along the steepest ascent: the watershed by topographic distance (Meyer, Signal
Processing 38, 113, 1994; Roerdink and Meijster, Fundamenta Informaticae 41, 187, 2000).

Of its 26 neighbours a voxel leads to that to which the height rises most over the distance; where none is higher, to
the last of those that are equally high. So each step goes up, or along a plateau to a later place, and the rule is that
of a voxel and its neighbours alone: blocks of any size give the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple

NEIGHBOURS: tuple[Triple, ...] = tuple((z, y, x) for z, y, x in product((-1, 0, 1), repeat=3) if (z, y, x) != (0, 0, 0))
"""The steps to the 26 neighbours (Z Y X), in the order of their places."""
_PIECE = 2**15
"""Voxels that climb at a time: what is known of them stays in the processor's cache."""


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
    flat, inside = heights.ravel(), np.zeros(heights.shape, bool)
    inside[1:-1, 1:-1, 1:-1] = heights[1:-1, 1:-1, 1:-1] > 0
    strides = (heights.shape[1] * heights.shape[2], heights.shape[2], 1)
    steps = [
        (sum(n * stride for n, stride in zip(step, strides, strict=True)), _length(step, edges)) for step in NEIGHBOURS
    ]
    target, climbing = np.arange(heights.size), np.flatnonzero(inside)
    for start in range(0, len(climbing), _PIECE):
        places = climbing[start : start + _PIECE]
        target[places] += _steepest(flat, places, steps)
    ends = target[climbing]
    while True:
        further = target[ends]
        if np.array_equal(further, ends):
            return target.reshape(heights.shape)
        target[climbing] = ends = further


def _steepest(
    heights: NDArray[np.uint16], places: NDArray[np.int64], steps: Sequence[tuple[int, float]]
) -> NDArray[np.int64]:
    """The step of flat places to the neighbour to which each of these rises most; `steps` in order, with lengths."""
    own = heights[places].astype(np.int32)
    best, towards = np.zeros(len(places), np.float32), np.zeros(len(places), np.int64)
    for step, length in steps:
        slope = (heights[places + step].astype(np.int32) - own) * np.float32(1 / length)
        better = slope > best
        np.copyto(best, slope, where=better)
        if step > 0:
            better |= (slope == 0) & (best == 0)
        np.copyto(towards, step, where=better)
    return towards


def _length(step: Triple, edges: tuple[float, float, float]) -> float:
    return float(np.sqrt(sum((n * edge) ** 2 for n, edge in zip(step, edges, strict=True))))
