"""The objects of a measured volume and the sums over their voxels, in passes over its blocks that are saved."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Plan, plan_blocks
from keramos.core import Box, triple
from keramos.core.files import whole_output
from keramos.core.progress import Reporter
from keramos.io import create_object_ids
from keramos.io.create import CHUNKS
from keramos.measurements.separation.heights import HeightReader
from keramos.measurements.separation.instances import Instances, find_instances
from keramos.measurements.separation.own_heights import find_own_heights
from keramos.measurements.separation.rows import ObjectRows
from keramos.measurements.separation.separate import Objects, separate
from keramos.measurements.separation.shapes import HALO, Ids, ObjectSums
from keramos.measurements.separation.stages import Stages
from keramos.measurements.separation.throats import PoreNetwork, ThroatSums
from keramos.measurements.volume import MeasuredVolume

_BYTES_PER_VOXEL = 120
_IDS = "ids"
"""The stage in which a volume of objects is written."""
_Part = tuple[Ids, Box, tuple[NDArray[np.int64], ObjectSums]]


@dataclass(frozen=True, eq=False)
class FoundObjects:
    """The objects of a volume: their `rows`, their `network` if it is wanted, and `notes` on what belongs to none."""

    rows: ObjectRows
    network: PoreNetwork | None
    notes: tuple[str, ...]


def find_objects(volume: MeasuredVolume, stages: Stages, reporter: Reporter) -> FoundObjects | None:
    """Find the objects of the phase that the settings name, write their numbers where that is wanted, and sum them up;
    None where there are none.

    Raises:
        MemoryShortageError: an object is too wide for the memory.
    """
    objects, notes = _find(volume, stages, reporter)
    if volume.object_ids is not None:
        _write_ids(volume, objects, volume.object_ids, stages, reporter)
    if objects.count == 0:
        return None
    sums, throats = _sum_up(volume, objects, stages, reporter)
    numbers = objects.numbers if isinstance(objects, Instances) else None
    rows = ObjectRows(sums, volume.shape, volume.annotated_box, volume.start, numbers)
    return FoundObjects(rows, None if throats is None else PoreNetwork(rows, throats), notes)


def neck_depth(volume: MeasuredVolume) -> float:
    """The neck depth in nm."""
    depth = volume.settings.neck_depth
    return max(volume.voxel_size.zyx) if depth is None else depth


def _find(volume: MeasuredVolume, stages: Stages, reporter: Reporter) -> tuple[Objects | Instances, tuple[str, ...]]:
    """The objects, given or separated, and notes on what belongs to none."""
    if volume.instances is None:
        threads = volume.settings.threads
        return separate(_heights(volume), neck_depth(volume), stages, _plan(volume), reporter, threads), ()
    instances, note = find_instances(volume, volume.instances, _heights(volume), stages, _plan(volume), reporter)
    return instances, (note,) if note else ()


def _heights(volume: MeasuredVolume) -> HeightReader:
    edges = np.array(volume.voxel_size.zyx)
    z, y, x = np.round(edges / edges.min(), 12).tolist()  # no unit that was chosen changes a digit
    settings = volume.settings
    code = volume.phases.code(settings.objects)
    return HeightReader(volume.labels, code, (z, y, x), max(settings.memory // 2, 2**27), settings.threads)


def _plan(volume: MeasuredVolume) -> Plan:
    settings = volume.settings
    # Half of the memory is left for distances, which are measured for one block at a time.
    most = min(max(settings.memory // (2 * max(settings.threads, 2)) // _BYTES_PER_VOXEL, 2**12), 2**23)
    # Deep blocks, where there is room: less is read around them for distances.
    deep = (4 * CHUNKS[0], *CHUNKS[1:])
    chunk = deep if np.prod(deep) <= most else CHUNKS
    return plan_blocks(volume.shape, chunk=chunk, halo=HALO, max_voxels=most)


def _sum_up(
    volume: MeasuredVolume, objects: Objects | Instances, stages: Stages, reporter: Reporter
) -> tuple[ObjectSums, ThroatSums | None]:
    empty = ObjectSums(objects.count, volume.voxel_size)

    def sum_block(block: Block) -> _Part:
        box = block.core.grow(HALO).clip(volume.labels.box)
        ids = objects.read(box)
        return ids, box, empty.sum_block(ids, volume.labels.read(box), box, block.core)

    def add(
        sums: tuple[ObjectSums, ThroatSums | None], block: Block, part: _Part
    ) -> tuple[ObjectSums, ThroatSums | None]:
        ids, box, of_block = part
        sums[0].merge(*of_block)
        if sums[1] is not None:
            _add_throats(sums[1], objects, _heights(volume), ids, (box, block.core))
        return sums

    return stages.fold(
        "sums",
        _plan(volume),
        lambda: (ObjectSums(objects.count, volume.voxel_size), ThroatSums(objects.count) if volume.network else None),
        sum_block,
        add,
        threads=volume.settings.threads,
        progress=reporter.progress(f"measure {objects.count:,} objects of {volume.settings.objects}"),
    )


def _add_throats(
    throats: ThroatSums,
    objects: Objects | Instances,
    reader: HeightReader,
    ids: NDArray[np.uint32],
    block: tuple[Box, Box],
) -> None:
    """Add the throats of a block: `ids` in the box that was read, which is given with the core."""
    read, core = block
    heights, inside = objects.heights.read(read), core.relative_to(read).slices
    throats.add(ids, heights, read, core)
    throats.add_peaks(ids[inside], heights[inside], find_own_heights(objects.read, heights[inside], core, reader))


def _write_ids(
    volume: MeasuredVolume, objects: Objects | Instances, path: Path, stages: Stages, reporter: Reporter
) -> None:
    """Write the numbers of objects of the whole volume that was given, 0 where there is none, unless this run did."""
    if not has_written_ids(stages, path):
        stages.forget(_IDS)
        stages.once(_IDS, partial(_write_volume, volume, objects, path, reporter))


def has_written_ids(stages: Stages, path: Path) -> bool:
    """Whether what lies at the path is the volume of objects that an earlier run with these stages wrote there."""
    return path.exists() and bool(stages.find(_IDS) == _mark(path))


def _mark(path: Path) -> tuple[str, int]:
    """The place of a volume of objects, and when its folder was written: another one is put in its place whole."""
    return str(path.resolve()), path.stat().st_mtime_ns


def _write_volume(
    volume: MeasuredVolume, objects: Objects | Instances, path: Path, reporter: Reporter
) -> tuple[str, int]:
    with whole_output(path) as unfinished:
        writer = create_object_ids(unfinished, volume.given_shape, voxel_size=volume.voxel_size)
        own = volume.labels.box
        for block in plan_blocks(volume.given_shape, chunk=CHUNKS, max_voxels=2**22):
            here = block.core.shift([-n for n in volume.start])
            ids = np.zeros(block.core.shape, np.uint32)
            inside = Box(
                triple([max(a, 0) for a in here.start]),
                triple([min(b, n) for b, n in zip(here.stop, own.shape, strict=True)]),
            )
            if all(a < b for a, b in zip(inside.start, inside.stop, strict=True)):
                ids[inside.relative_to(here).slices] = objects.read(inside)
            writer.write(block.core, ids)
        writer.finish(reporter.progress("build the pyramid of the objects"))
    return _mark(path)
