"""The voxels that balls of one radius around given voxels reach.

Small balls spread voxels as bits, 64 to a word: along lines first, then disc by disc. Wide ones take less time by the
distance of each voxel to the nearest of those given.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.measurements.border_distance import distance_inside

_MOST = 1200
"""Lines of voxels that discs are made of, beyond which distances are faster."""
_WORD = 64
Mask = NDArray[np.bool_]
Bits = NDArray[np.uint64]


def reach_of(seeds: Mask, radius: float, voxel_size: VoxelSize) -> Mask:
    """The voxels of an array (Z Y X) whose centres are nearer than `radius` (nm) to the centre of a seed.

    Example:
        >>> seeds = np.zeros((1, 5, 5), bool)
        >>> seeds[0, 2, 2] = True
        >>> reach_of(seeds, 15.0, VoxelSize(10, 10, 10))[0].astype(int).tolist()
        [[0, 0, 0, 0, 0], [0, 1, 1, 1, 0], [0, 1, 1, 1, 0], [0, 1, 1, 1, 0], [0, 0, 0, 0, 0]]
    """
    discs = _discs(float(radius), voxel_size)
    if discs is None:
        return np.asarray(distance_inside(~seeds, voxel_size) < radius)
    if not discs:
        return np.zeros_like(seeds)
    lines = _spread_lines(_pack(seeds), max(half for disc in discs for half in disc))
    found = np.zeros_like(lines[0])
    for far, disc in enumerate(discs):
        spread = np.zeros_like(found)
        for down, half in enumerate(disc):
            _add_shifted(spread, lines[half], 1, down)
        _add_shifted(found, spread, 0, far)
    return np.unpackbits(found.view(np.uint8), axis=2, count=seeds.shape[2], bitorder="little").view(bool)


@lru_cache(maxsize=8)
def _discs(radius: float, voxel_size: VoxelSize) -> tuple[tuple[int, ...], ...] | None:
    """A ball cut across Z and Y: how many voxels each of its lines reaches to both sides, from the middle on. None of a
    ball that is too wide."""
    edges = voxel_size.zyx
    if radius >= (_WORD - 1) * edges[2] or radius**2 / (edges[0] * edges[1]) > _MOST:
        return None
    z, y, x = np.ix_(*(np.square(np.arange(int(radius / edge) + 2) * edge) for edge in edges))
    inside = np.sqrt(z + y + x).astype(np.float32) < np.float64(radius)  # in single precision, as distances are
    halves = np.count_nonzero(inside, axis=2) - 1
    discs = tuple(tuple(int(half) for half in line if half >= 0) for line in halves)
    used = tuple(disc for disc in discs if disc)
    return used if sum(2 * len(disc) for disc in used) <= _MOST else None


def _pack(mask: Mask) -> Bits:
    """Lines along X as words, the first voxel the lowest bit."""
    packed = np.packbits(mask, axis=2, bitorder="little")
    short = -packed.shape[2] % (_WORD // 8)
    return np.pad(packed, ((0, 0), (0, 0), (0, short))).view("<u8")


def _spread_lines(bits: Bits, most: int) -> list[Bits]:
    """Bits spread by 0, 1, ... `most` to both sides along X."""
    lines = [bits]
    for step in range(1, most + 1):
        low, high = np.uint64(step), np.uint64(_WORD - step)
        spread = lines[-1] | bits << low | bits >> low
        spread[..., 1:] |= bits[..., :-1] >> high
        spread[..., :-1] |= bits[..., 1:] << high
        lines.append(spread)
    return lines


def _add_shifted(target: Bits, bits: Bits, axis: int, step: int) -> None:
    """Add bits moved by a step along Z (0) or Y (1) both ways."""
    size = target.shape[axis]
    if step >= size:
        return
    lead = (slice(None),) * axis
    ahead, behind = (*lead, slice(step, None)), (*lead, slice(None, size - step))
    target[ahead] |= bits[behind]
    if step:
        target[behind] |= bits[ahead]
