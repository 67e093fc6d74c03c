"""Separate the objects of a phase in a volume of any size, block by block; blocks of any size give the same objects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Plan, measure_in_order
from keramos.core import Box, VoxelSize, triple
from keramos.core.progress import Reporter
from keramos.io import ZarrWriter, create_image
from keramos.io.create import CHUNKS
from keramos.measurements.separation.ascent import climb
from keramos.measurements.separation.basins import Ends, Ids, Passes, find_passes, follow_links, merge_basins
from keramos.measurements.separation.heights import STEPS, HeightReader, Heights

_ONE = (1, 1, 1)


@dataclass(frozen=True, eq=False)
class Objects:
    """Objects numbered from 1: `basins` holds the number of a basin for each voxel, of which `table` gives the object;
    the `heights` of the voxels, and the objects' `count`."""

    basins: ZarrWriter
    heights: ZarrWriter
    table: Ids
    count: int

    def read(self, box: Box) -> Ids:
        """The objects' numbers in a box; 0 where there is none."""
        return np.asarray(self.table[self.basins.read(box)])


@dataclass(frozen=True, eq=False)
class _Basins:
    """The basins of a block: their `numbers` in its core from 1 on, 0 outside the phase, and the `heights` there; of
    each the flat `places` of its end in the volume, and its `peaks`, -1 where the ascent leaves the block."""

    numbers: Ids
    heights: Heights
    places: NDArray[np.int64]
    peaks: NDArray[np.int32]


def separate(
    heights: HeightReader, neck_depth: float, scratch: Path, plan: Plan, reporter: Reporter, threads: int = 1
) -> Objects:
    """The objects of a phase; `neck_depth` is in nm, and `scratch` a folder for what does not fit into memory. So many
    threads work at blocks."""
    volume = heights.labels
    chunks = triple([min(pair) for pair in zip(plan.core_shape, CHUNKS, strict=True)])
    size = VoxelSize(1, 1, 1)
    basins, kept = (
        create_image(scratch / f"{name}.ome.zarr", volume.shape, dtype, voxel_size=size, chunks=chunks)
        for name, dtype in (("basins", np.uint32), ("heights", np.uint16))
    )
    ends, ranges = _label_basins(heights, basins, kept, plan, reporter, threads)
    links, passes = _join_blocks(basins, kept, ranges, ends, plan, reporter, threads)
    roots = follow_links(links)
    passes = Passes.highest(roots[passes.first], roots[passes.second], passes.height)
    shortest = min(volume.require_voxel_size().zyx)
    table = merge_basins(ends, passes, neck_depth / shortest * STEPS)[roots]
    return Objects(basins, kept, table, int(table.max(initial=0)))


def _label_basins(
    heights: HeightReader, basins: ZarrWriter, kept: ZarrWriter, plan: Plan, reporter: Reporter, threads: int
) -> tuple[Ends, list[tuple[int, int]]]:
    """Number the basins of every block from 1 on; the ends of all, and the range of the numbers of each block."""
    progress = reporter.progress(f"climb in {heights.labels.phases.names[heights.code]}")
    places, peaks = [np.zeros(1, np.int64)], [np.zeros(1, np.int32)]
    ranges, count = [], 1
    found = measure_in_order(plan, partial(_find_basins, heights), threads=threads)
    for block, part in zip(plan, found, strict=True):
        numbers = part.numbers
        np.add(numbers, np.uint32(count - 1), out=numbers, where=numbers > 0)
        basins.write(block.core, numbers)
        kept.write(block.core, part.heights)
        places.append(part.places)
        peaks.append(part.peaks)
        ranges.append((count, count + len(part.places)))
        count += len(part.places)
        progress(block.index + 1, len(plan))
    return Ends(np.concatenate(places), np.concatenate(peaks)), ranges


def _find_basins(heights: HeightReader, block: Block) -> _Basins:
    whole, grown = heights.labels.box, block.core.grow(_ONE)
    inside = grown.clip(whole)
    pads = [(a - b, d - c) for a, b, c, d in zip(inside.start, grown.start, inside.stop, grown.stop, strict=True)]
    high = np.pad(heights.read(inside), pads)
    top = climb(high, heights.edges)[1:-1, 1:-1, 1:-1]
    low = high[1:-1, 1:-1, 1:-1]
    used = np.zeros(high.size, bool)
    used[top[low > 0]] = True
    found = np.flatnonzero(used)
    numbers = np.zeros(high.size, np.uint32)
    numbers[found] = np.arange(1, len(found) + 1)
    at = np.array(np.unravel_index(found, high.shape)).T + grown.start
    is_inside = np.all((at >= block.core.start) & (at < block.core.stop), axis=1)
    return _Basins(
        np.where(low > 0, numbers[top], np.uint32(0)),
        np.ascontiguousarray(low),
        np.ravel_multi_index(tuple(at.T), whole.shape),
        np.where(is_inside, high.ravel()[found].astype(np.int32), -1),
    )


def _join_blocks(
    basins: ZarrWriter,
    kept: ZarrWriter,
    ranges: list[tuple[int, int]],
    ends: Ends,
    plan: Plan,
    reporter: Reporter,
    threads: int,
) -> tuple[Ids, Passes]:
    """The number that each ascent goes on with where it left its block, itself where it did not; and all passes."""
    links, passes = np.arange(len(ends.place), dtype=np.uint32), []
    whole, progress = Box.whole(plan.shape), reporter.progress("join the basins of all blocks")

    def join(block: Block) -> tuple[NDArray[np.int64], Ids, Passes]:
        box = block.core.grow(_ONE).clip(whole)
        ids, heights = basins.read(box), kept.read(box)
        first, last = ranges[block.index]
        left = np.arange(first, last)[ends.height[first:last] < 0]
        at = np.array(np.unravel_index(ends.place[left], plan.shape)).T - box.start
        return left, ids[tuple(at.T)], find_passes(ids, heights, block.core.relative_to(box).slices)

    for block, (left, entered, found) in zip(plan, measure_in_order(plan, join, threads=threads), strict=True):
        links[left] = entered
        passes.append(found)
        progress(block.index + 1, len(plan))
    return links, Passes.join(passes)
