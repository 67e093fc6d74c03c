"""The size of blocks with which a run keeps to its memory.

a process takes: itself; a block's pixels, those read ahead and what is written; and what the segmenter holds while it
works on a few slices of the block, their scores included
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Plan, align_box, plan_blocks
from keramos.core import Box, Triple, size_in_words
from keramos.core.errors import SettingsError
from keramos.networks.signature import Signature

CHUNK: Triple = (16, 256, 256)
SHARDS: tuple[Triple, ...] = ((16, 1024, 1024), (16, 512, 512))
"""Shapes of shards: the first whose blocks fit into the memory is taken. As deep as a chunk, so that blocks stay thin
and wide, as networks that see whole slices like them; 16 MiB at most, which removing components holds."""
BATCH_BYTES = 2**28
"""Slices are run together until their activations take this much: enough to be fast."""

_BASE_BYTES = 3 * 2**27
"""The interpreter, the libraries, the reader's cache and freed memory that is kept, in each process; measured."""
_CACHE_BYTES = 2**28
"""Of decoded slices that the reader keeps, which is part of the base."""
_BYTES_PER_SCORE = 16
"""A float32 score and its copies where scores are put together, rounded and written."""
_BYTES_PER_VOXEL = 12
"""Grey values of up to four bytes, of this block and the next, and the decisions of this and the last."""
_BYTES_PER_FURTHER_CHANNEL = 12
"""Its grey values, of this block and the next, and while all channels are put together."""
_USUAL_WORKERS = 2
REMOVAL_VOXELS = 2**22
"""Of a block in which small components are looked for."""
SETTLING_VOXELS = 2**24
"""Of a block in which flicker is: one byte each, some copies, and few chunks that several blocks read."""


def plan_for(
    shape: Triple,
    signature: Signature,
    *,
    memory_bytes: int,
    workers: int = 1,
    kept_scores: bool = False,
    piece_bytes: int = 0,
    unit: Triple = CHUNK,
) -> Plan:
    """The plan with the largest blocks for which all processes together keep to the memory. It is the same for one
    worker and for two where that costs nothing: a run may then be resumed with the other.

    Args:
        piece_bytes: what is decoded at once to read any voxel, a compressed slice or chunk.
        unit: the voxels of a file that is written, chunk or shard, which no two blocks share.

    Raises:
        SettingsError: even the smallest block needs more.
    """
    # While a slice is decoded, it is there as it comes and as it is kept, and one before it in the cache.
    decoding = max(0, 3 * piece_bytes - _CACHE_BYTES) * _processes(workers)
    memory_bytes -= decoding
    several = _plan(shape, signature, _room(memory_bytes, max(workers, _USUAL_WORKERS)), kept_scores, unit)
    if several is not None and all(core >= n for core, n in zip(several.core_shape[1:], shape[1:], strict=True)):
        return several
    plan = _plan(shape, signature, _room(memory_bytes, workers), kept_scores, unit)
    if plan is not None:
        return plan
    smallest = plan_blocks(shape, halo=signature.halo, stride=signature.stride, chunk=unit, max_voxels=1)
    needed = least_memory(smallest, signature, workers=workers, kept_scores=kept_scores, piece_bytes=piece_bytes)
    least = -(-needed // 2**20)
    why = f", as slices or chunks of {size_in_words(piece_bytes)} are decoded whole" if decoding else ""
    raise SettingsError(
        f"expected at least {least} MiB of --memory for this model and {workers} worker(s){why}, found "
        f"{(memory_bytes + decoding) // 2**20} MiB"
    )


def least_memory(
    plan: Plan, signature: Signature, *, workers: int = 1, kept_scores: bool = False, piece_bytes: int = 0
) -> int:
    """Bytes of memory for which a plan is made, as in `plan_for`."""
    processes, decoding = _processes(workers), max(0, 3 * piece_bytes - _CACHE_BYTES)
    return _need(plan, signature, kept_scores) * workers + (_BASE_BYTES + decoding) * processes


def removal_plan(shape: Triple, unit: Triple = CHUNK) -> Plan:
    """The plan by which small components are removed, in blocks of whole files of `unit` voxels: the same whatever the
    memory, of which it takes little."""
    return plan_blocks(shape, chunk=unit, max_voxels=REMOVAL_VOXELS)


def settling_plan(shape: Triple, unit: Triple = CHUNK) -> Plan:
    """The plan by which flicker is removed, in blocks of whole files: a voxel meets those beside it along z."""
    return plan_blocks(shape, halo=(1, 0, 0), chunk=unit, max_voxels=SETTLING_VOXELS)


def batch_of(slice_pixels: int, bytes_per_pixel: int) -> int:
    """The number of slices of that size that are run together."""
    return max(1, BATCH_BYTES // max(1, slice_pixels * bytes_per_pixel))


def join_batches(
    score: Callable[[int, int], NDArray[np.float32]], block: Block, bytes_per_pixel: int
) -> NDArray[np.float32]:
    """Scores (classes, Z, Y, X) of a block's core. `score` gives those of whole slices from one to another, counted in
    what the block reads; it is asked for so many at a time as are run together."""
    first, stop = block.core_in_read.start[0], block.core_in_read.stop[0]
    _, height, width = block.read.shape
    batch = batch_of(height * width, bytes_per_pixel)
    parts = [score(z, min(z + batch, stop)) for z in range(first, stop, batch)]
    rows, columns = block.core_in_read.slices[1:]
    return np.concatenate(parts, axis=1)[:, :, rows, columns]


def slabs(block: Block, signature: Signature, depth: int) -> Iterator[Block]:
    """A block of a volume of `depth` slices in pieces of so many slices as are run together, one after the other: the
    scores of the whole block are never held."""
    _, height, width = block.read.shape
    thick = batch_of(height * width, signature.bytes_per_pixel)
    thick = -(-thick // signature.stride[0]) * signature.stride[0]
    first, stop = block.core.start[0], block.core.stop[0]
    for start in range(first, stop, thick):
        core = Box((start, *block.core.start[1:]), (min(start + thick, stop), *block.core.stop[1:]))
        seen = align_box(core.grow((signature.halo[0], 0, 0)), (signature.stride[0], 1, 1))
        low, high = max(seen.start[0], 0), min(seen.stop[0], depth)
        yield Block(block.index, core, Box((low, *block.read.start[1:]), (high, *block.read.stop[1:])))


def _processes(workers: int) -> int:
    """The one that hands out the blocks works itself if there is no other."""
    return 1 if workers == 1 else workers + 1


def _room(memory_bytes: int, workers: int) -> int:
    """Bytes that each worker may take for a block."""
    return (memory_bytes - _BASE_BYTES * _processes(workers)) // workers


def _plan(shape: Triple, signature: Signature, room: int, kept_scores: bool, unit: Triple) -> Plan | None:
    voxels = 2**28
    while voxels >= 2**10:
        plan = plan_blocks(shape, halo=signature.halo, stride=signature.stride, chunk=unit, max_voxels=voxels)
        if _need(plan, signature, kept_scores) <= room:
            return plan
        voxels //= 2
    return None


def _need(plan: Plan, signature: Signature, kept_scores: bool) -> int:
    """Bytes that the largest block takes."""
    z, y, x = (
        min(core + 2 * halo + 2 * (stride - 1), n)
        for core, halo, stride, n in zip(plan.core_shape, signature.halo, signature.stride, plan.shape, strict=True)
    )
    kept = 2 * signature.classes if kept_scores else 0
    batch = min(z, batch_of(y * x, signature.bytes_per_pixel))
    working = signature.bytes_per_pixel + signature.bytes_per_voxel + _BYTES_PER_SCORE * signature.classes
    kept += _BYTES_PER_FURTHER_CHANNEL * len(signature.others)
    return z * y * x * (_BYTES_PER_VOXEL + kept) + batch * y * x * working
