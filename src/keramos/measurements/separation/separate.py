"""Separate the objects of a phase in a volume of any size, block by block; blocks of any size give the same objects."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Plan
from keramos.core import Box, VoxelSize, triple
from keramos.core.progress import Reporter
from keramos.io import ZarrWriter, create_image
from keramos.io.create import CHUNKS
from keramos.measurements.separation.ascent import climb
from keramos.measurements.separation.basins import Ends, Ids, Passes, find_passes, follow_links, merge_basins
from keramos.measurements.separation.heights import STEPS, HeightReader, Heights
from keramos.measurements.separation.stages import Stages

_ONE = (1, 1, 1)
_CLIMB = "climb"
"""The first stage."""


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
    heights: HeightReader, neck_depth: float, stages: Stages, plan: Plan, reporter: Reporter, threads: int = 1
) -> Objects:
    """The objects of a phase; `neck_depth` is in nm. What does not fit into memory lies in the folder of the `stages`,
    and those that an earlier run has done are not done again. So many threads work at blocks."""
    stages.begin(_CLIMB, plan)
    volume = heights.labels
    chunks = triple([min(pair) for pair in zip(plan.core_shape, CHUNKS, strict=True)])
    size = VoxelSize(1, 1, 1)
    basins, kept = (
        create_image(
            stages.folder / f"{name}.ome.zarr", volume.shape, dtype, voxel_size=size, chunks=chunks, reopen=True
        )
        for name, dtype in (("basins", np.uint32), ("heights", np.uint16))
    )
    ends, ranges = _label_basins(heights, basins, kept, stages, plan, reporter, threads)
    joined = _join_blocks(basins, kept, ranges, ends, stages, plan, reporter, threads)
    shortest = min(volume.require_voxel_size().zyx)
    table = stages.once("objects", lambda: _merge(ends, *joined, neck_depth / shortest * STEPS), plan)
    return Objects(basins, kept, table, int(table.max(initial=0)))


def _merge(ends: Ends, links: Ids, several: list[Passes], depth: float) -> Ids:
    """The object of each end of an ascent, from what those that left their blocks go on with, and all passes."""
    roots, passes = follow_links(links), Passes.join(several)
    passes = Passes.highest(roots[passes.first], roots[passes.second], passes.height)
    return merge_basins(ends, passes, depth)[roots]


@dataclass(frozen=True, eq=False)
class _Labelled:
    """Blocks whose basins are numbered: the ends of all ascents, and the range of the numbers of each block."""

    places: list[NDArray[np.int64]]
    peaks: list[NDArray[np.int32]]
    ranges: list[tuple[int, int]]


def _label_basins(
    heights: HeightReader,
    basins: ZarrWriter,
    kept: ZarrWriter,
    stages: Stages,
    plan: Plan,
    reporter: Reporter,
    threads: int,
) -> tuple[Ends, list[tuple[int, int]]]:
    """Number the basins of every block from 1 on; the ends of all, and the range of the numbers of each block."""

    def add(labelled: _Labelled, block: Block, part: _Basins) -> _Labelled:
        count = labelled.ranges[-1][1] if labelled.ranges else 1
        numbers = part.numbers
        np.add(numbers, np.uint32(count - 1), out=numbers, where=numbers > 0)
        basins.write(block.core, numbers)
        kept.write(block.core, part.heights)
        labelled.places.append(part.places)
        labelled.peaks.append(part.peaks)
        labelled.ranges.append((count, count + len(part.places)))
        return labelled

    labelled = stages.fold(
        _CLIMB,
        plan,
        lambda: _Labelled([np.zeros(1, np.int64)], [np.zeros(1, np.int32)], []),
        partial(_find_basins, heights),
        add,
        threads=threads,
        progress=reporter.progress(f"climb in {heights.labels.phases.names[heights.code]}"),
    )
    return Ends(np.concatenate(labelled.places), np.concatenate(labelled.peaks)), labelled.ranges


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
    stages: Stages,
    plan: Plan,
    reporter: Reporter,
    threads: int,
) -> tuple[Ids, list[Passes]]:
    """The number that each ascent goes on with where it left its block, itself where it did not; and the passes of
    each block."""
    whole = Box.whole(plan.shape)

    def join(block: Block) -> tuple[NDArray[np.int64], Ids, Passes]:
        box = block.core.grow(_ONE).clip(whole)
        ids, heights = basins.read(box), kept.read(box)
        first, last = ranges[block.index]
        left = np.arange(first, last)[ends.height[first:last] < 0]
        at = np.array(np.unravel_index(ends.place[left], plan.shape)).T - box.start
        return left, ids[tuple(at.T)], find_passes(ids, heights, block.core.relative_to(box).slices)

    def add(
        joined: tuple[Ids, list[Passes]], _: Block, part: tuple[NDArray[np.int64], Ids, Passes]
    ) -> tuple[Ids, list[Passes]]:
        (links, passes), (left, entered, found) = joined, part
        links[left] = entered
        passes.append(found)
        return joined

    return stages.fold(
        "join",
        plan,
        lambda: (np.arange(len(ends.place), dtype=np.uint32), []),
        join,
        add,
        threads=threads,
        progress=reporter.progress("join the basins of all blocks"),
    )
