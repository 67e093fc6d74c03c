"""Coarser levels of a volume: which voxels are merged, and how."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple, VoxelSize, triple

COARSEST_EDGE = 256
"""Levels are added until the longer edge of a slice is at most this."""
_FEW = 8


def pyramid_steps(shape: Triple, voxel_size: VoxelSize | None) -> list[Triple]:
    """The numbers of voxels (Z Y X) of level 0 that one voxel of level 1, 2, ... merges.

    Y and X are halved each time. Z is halved where that brings the voxel nearer to a cube: while its z edge is less
    than sqrt(2) of the geometric mean of the others. An unknown voxel size counts as a cube.

    Example:
        >>> pyramid_steps((64, 1024, 1024), VoxelSize(20, 10, 10))
        [(1, 2, 2), (2, 4, 4)]
    """
    edges = voxel_size.zyx if voxel_size else (1.0, 1.0, 1.0)
    merged: Triple = (1, 1, 1)
    steps: list[Triple] = []
    while max(coarser_shape(shape, merged)[1:]) > COARSEST_EDGE:
        z, y, x = (edge * count for edge, count in zip(edges, merged, strict=True))
        halve = (z < sqrt(2 * y * x), True, True)
        now = coarser_shape(shape, merged)
        merged = triple([m * (1 + (h and n > 1)) for m, h, n in zip(merged, halve, now, strict=True)])
        steps.append(merged)
    return steps


def coarser_shape(shape: Triple, merged: Triple) -> Triple:
    """The shape after merging; a voxel at the far border may merge fewer."""
    return triple([-(-n // m) for n, m in zip(shape, merged, strict=True)])


def merge_mean(pixels: NDArray[Any], factors: Triple) -> NDArray[Any]:
    """The mean of each group of `factors` (1 or 2 along Z Y X) voxels, rounded half to even for integers.

    At the far border of an odd axis the last voxel counts twice: the mean of what there is.
    """
    parts = _groups(pixels, factors)
    wide = np.float32 if pixels.dtype.itemsize <= 2 else np.float64
    mean = np.zeros(parts[0].shape, wide)
    for part in parts:
        mean += part
    mean /= len(parts)
    kept = np.rint(mean) if pixels.dtype.kind in "iu" else mean
    return np.asarray(kept, wide).astype(pixels.dtype)


def merge_mode(codes: NDArray[np.uint8], factors: Triple) -> NDArray[np.uint8]:
    """The most frequent code of each group of voxels; in a tie the code of the group's first voxel, if among them."""
    whole = _complete_groups(codes, factors)
    first = np.ascontiguousarray(whole[tuple(slice(None, None, factor) for factor in factors)])
    winner, votes = first.copy(), np.zeros(first.shape, np.uint8)
    for code in _candidates(codes):
        count = _count_in_groups(whole == code, factors)
        better = (count > votes) | ((count == votes) & (first == code))
        np.putmask(winner, better, code)
        np.maximum(votes, count, out=votes)
    return winner


def _count_in_groups(chosen: NDArray[np.bool_], factors: Triple) -> NDArray[np.uint8]:
    """The number of chosen voxels of each group. Whole rows are added first: the last axis is the slowest to divide."""
    fz, fy, fx = factors
    count = chosen.view(np.uint8)
    count = count if fz == 1 else count[::2] + count[1::2]
    count = count if fy == 1 else count[:, ::2] + count[:, 1::2]
    if fx == 1:
        return count
    pairs = np.ascontiguousarray(count).view(np.uint16)
    # The low byte is the sum of two voxels of a row.
    return (pairs + (pairs >> 8)).astype(np.uint8)


def _candidates(codes: NDArray[np.uint8]) -> list[int]:
    """Codes that may occur. The histogram that knows widens every voxel to eight bytes; few phases go without."""
    highest = int(codes.max(initial=0))
    return list(range(highest + 1)) if highest < _FEW else np.flatnonzero(np.bincount(codes.ravel())).tolist()


def merge_or(bits: NDArray[np.uint8], factors: Triple) -> NDArray[np.uint8]:
    """The bits that any voxel of each group has."""
    parts = _groups(bits, factors)
    merged = parts[0].copy()
    for part in parts[1:]:
        merged |= part
    return merged


def merge_first(ids: NDArray[Any], factors: Triple) -> NDArray[Any]:
    """The number of the first voxel of each group: numbers of objects have no mean."""
    return np.ascontiguousarray(ids[tuple(slice(None, None, factor) for factor in factors)])


def _groups(pixels: NDArray[Any], factors: Triple) -> list[NDArray[Any]]:
    """The first, second, ... voxel of every group, as arrays of one shape."""
    whole = _complete_groups(pixels, factors)
    fz, fy, fx = factors
    return [whole[z::fz, y::fy, x::fx] for z in range(fz) for y in range(fy) for x in range(fx)]


def _complete_groups(pixels: NDArray[Any], factors: Triple) -> NDArray[Any]:
    """Pixels in which the last voxel of an axis that ends within a group is there twice."""
    pads = [(0, -n % f) for n, f in zip(pixels.shape, factors, strict=True)]
    return np.pad(pixels, pads, mode="edge") if any(after for _, after in pads) else pixels
