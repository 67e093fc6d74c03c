"""Pairs of voxels some way apart along an axis, both of a phase or of several, the first of them in a block.

Voxels are counted as bits, eight of neighbouring lines to a byte: shifted along the axis, bytes stay whole.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Triple, triple
from keramos.measurements.block_view import BlockView

_MAX_LAG, _SHARE = 64, 3
_EVERY = 16
"""All lags to this one, then ever fewer."""
Counts = NDArray[np.int64]


def lags_along(count: int) -> list[int]:
    """The lags along an axis of so many voxels: up to 64, and to a third of the axis.

    Example:
        >>> lags_along(9)
        [0, 1, 2, 3]
    """
    longest = max(0, min(_MAX_LAG, count // _SHARE))
    lags, lag = [], 0
    while lag <= longest:
        lags.append(lag)
        lag += max(1, lag // _EVERY * 2)
    return lags


def voxels_after(shape: Triple) -> Triple:
    """The voxels after a block that its pairs reach."""
    return triple([max(lags_along(n)) for n in shape])


def count_within(block: BlockView, group: tuple[int, ...], axis: int) -> Counts:
    """For each lag along an axis, the pairs of voxels that are both of any of these phases. Not to be changed: others
    that ask for the same are given the same."""
    return block.share(("pairs", group, axis), lambda: _count_within(block, group, axis))


def count_annotated(block: BlockView, axis: int) -> Counts:
    """For each lag along an axis, the pairs of annotated voxels. Not to be changed."""
    return block.share(("annotated pairs", axis), lambda: _count_annotated(block, axis))


def _count_within(block: BlockView, group: tuple[int, ...], axis: int) -> Counts:
    first, *others = group
    bits = _phase_bits(block, first, axis)
    for code in others:
        bits = bits | _phase_bits(block, code, axis)
    return _count(bits, block, axis)


def _count_annotated(block: BlockView, axis: int) -> Counts:
    if not block.is_annotated:
        return _count(_pack(_codes(block, axis) != NOT_ANNOTATED, axis), block, axis)
    length = block.core.shape[axis]
    layer, left = block.core.voxels // length, block.shape[axis] - block.core.start[axis]
    return np.array([layer * max(0, min(length, left - lag)) for lag in lags_along(block.shape[axis])], np.int64)


def _phase_bits(block: BlockView, code: int, axis: int) -> NDArray[np.uint8]:
    """The voxels of a phase as bits. Not to be changed."""
    return block.share(("bits along an axis", code, axis), lambda: _pack(_codes(block, axis) == code, axis))


def _codes(block: BlockView, axis: int) -> NDArray[np.uint8]:
    """The codes of the core and of as many voxels after it along the axis as the longest lag."""
    longest = max(lags_along(block.shape[axis]))
    return block.core_and_after(triple([longest if other == axis else 0 for other in range(3)]))


def _pack(mask: NDArray[np.bool_], axis: int) -> NDArray[np.uint8]:
    """A mask (Z Y X) as bits, eight lines along the axis to a byte: neighbours along Z, or along Y for lines along
    Z."""
    across = 0 if axis else 1
    voxels = mask.view(np.uint8)
    shape = list(mask.shape)
    shape[across] = -(-shape[across] // 8)
    bits = np.zeros(shape, np.uint8)
    for place in range(min(8, mask.shape[across])):
        every = (slice(None),) * across + (slice(place, None, 8),)
        part = voxels[every]
        bits[(slice(None),) * across + (slice(part.shape[across]),)] |= part << np.uint8(place)
    return bits


def _count(bits: NDArray[np.uint8], block: BlockView, axis: int) -> Counts:
    """For each lag, how many of the core's voxels are in the mask with the voxel so much further."""
    length, counts = block.core.shape[axis], []
    for lag in lags_along(block.shape[axis]):
        first, second = (
            bits[tuple(slice(start, start + length) if other == axis else slice(None) for other in range(3))]
            for start in (0, lag)
        )
        counts.append(_count_bits(first & second))
    return np.array(counts, np.int64)


def _count_bits(bits: NDArray[np.uint8]) -> int:
    flat = bits.reshape(-1)
    whole = flat.size // 8 * 8
    words = np.bitwise_count(flat[:whole].view(np.uint64))
    return int(words.sum(dtype=np.int64)) + int(np.bitwise_count(flat[whole:]).sum(dtype=np.int64))
