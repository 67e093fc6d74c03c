"""The measurements that are made of boxes in memory: of the middle of the volume, or of several subvolumes, one after
the other or shared out over worker processes, one box each.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from keramos.blocks import Block, limit_cores, measure_in_order
from keramos.core import Box, size_in_words
from keramos.core.errors import MemoryShortageError
from keramos.core.progress import Reporter
from keramos.measurements.measurement import BYTES_PER_VOXEL, Measurement
from keramos.measurements.phase_flow import fraction_of
from keramos.measurements.registry import in_order
from keramos.measurements.results import Measurements
from keramos.measurements.several_subvolumes import MeasuredPart, average, report_parts, spread_boxes
from keramos.measurements.subvolume import Subvolume, middle_box
from keramos.measurements.volume import PROCESS_BYTES, MeasuredVolume

_Part = tuple[Measurements, Mapping[str, float]]
"""What was measured in a box, and the fraction of each measured phase in it."""
_Task = tuple[Box, Sequence[Measurement], Mapping[int, float]]
"""A box, what is measured in it, and the largest share of each phase in any box where that is measured."""
_TAKEN_ANYWAY = 2**28
"""Bytes that a run may take however little is allowed: Python and its libraries take as much."""


def check_memory(volume: MeasuredVolume) -> None:
    """MemoryShortageError, before any work, where the box for transport or sizes takes more memory than allowed."""
    settings = volume.settings
    if volume.annotated_box is None or not (
        settings.transport or settings.thickness or settings.paths or settings.conductivity
    ):
        return
    shape = middle_box(volume.annotated_box.shape, settings.domain_voxels).shape
    needed = BYTES_PER_VOXEL * int(np.prod(shape))
    if needed > max(settings.memory, _TAKEN_ANYWAY):
        edge = int((max(settings.memory, _TAKEN_ANYWAY) / BYTES_PER_VOXEL) ** (1 / 3))
        raise MemoryShortageError(
            f"transport, thickness and paths of a box of {' x '.join(map(str, shape))} voxels take about "
            f"{needed / 2**30:.1f} GiB, more than the memory of {settings.memory / 2**30:.2g} GiB that is allowed; "
            f"allow more memory, or use a domain of {edge} voxels"
        )


def read_subvolume(volume: MeasuredVolume) -> Subvolume | None:
    """The middle of the largest annotated box, of at most `domain_voxels` of the settings; None without such a box."""
    boxes = _subvolume_boxes(volume, 1)
    return _read_box(volume, boxes[0]) if boxes else None


def _subvolume_boxes(volume: MeasuredVolume, along: int) -> tuple[Box, ...]:
    """So many boxes along each axis, spread over the largest annotated box; none without such a box."""
    largest = volume.annotated_box
    return () if largest is None else spread_boxes(largest, volume.settings.domain_voxels, along)


def _read_box(volume: MeasuredVolume, box: Box) -> Subvolume:
    return Subvolume(volume.labels.read(box), volume.name_of(box), box, volume)


def measure_subvolumes(volume: MeasuredVolume, members: Sequence[Measurement], reporter: Reporter) -> Measurements:
    """The results of measurements in memory: those of the middle of the volume, or means over several subvolumes."""
    by_boxes: dict[tuple[Box, ...], list[Measurement]] = {}
    for member in members:
        if member.on_subvolume is not None:
            boxes = _subvolume_boxes(volume, volume.settings.subvolumes or member.subvolumes)
            by_boxes.setdefault(boxes, []).append(member)
    if () in by_boxes:
        what = ", ".join(member.name.replace("-", " ") for member in by_boxes[()])
        return Measurements(notes=(f"no {what}: no box of annotated voxels is large enough",))
    shares = {boxes: _find_largest_shares(volume, boxes) for boxes in by_boxes}
    tasks = [(box, group, shares[boxes]) for boxes, group in by_boxes.items() for box in boxes]
    measured, results, measured_parts = _measure_all(volume, tasks, reporter), Measurements(), list[MeasuredPart]()
    for boxes in by_boxes:
        parts, fractions = zip(*islice(measured, len(boxes)), strict=True)
        means = average(parts, fractions)
        names = list(dict.fromkeys(row.name for row in in_order(means).quantities))
        results += means
        measured_parts.append(MeasuredPart(boxes, names))
    return results + Measurements(findings=report_parts(volume, measured_parts))


def _find_largest_shares(volume: MeasuredVolume, boxes: Sequence[Box]) -> Mapping[int, float]:
    """The largest share of each measured phase, by its code, in any of several boxes; none where nothing asks for it:
    they are read for it once more."""
    if not volume.settings.permeability:
        return {}
    codes = volume.measured_codes
    shares = [[fraction_of(subvolume, code) for code in codes] for subvolume in (_read_box(volume, b) for b in boxes)]
    return dict(zip(codes, np.max(shares, axis=0).tolist(), strict=True))


def _measure_all(volume: MeasuredVolume, tasks: Sequence[_Task], reporter: Reporter) -> Iterator[_Part]:
    """The results of each box, in their order."""
    scheduler, workers = volume.settings.scheduler, _fit_workers(volume, tasks, reporter)
    if len(tasks) < 2 or (workers == 1 and scheduler is None):
        yield from (_measure_box(volume, task, reporter) for task in tasks)
        return
    progress = reporter.progress("measure subvolumes", "subvolume")
    measure = _MeasureBox(volume.without_objects(), tasks)
    blocks = [Block(number, box, box) for number, (box, *_) in enumerate(tasks)]
    parts = measure_in_order(blocks, measure, workers=workers, scheduler=scheduler)
    for done, part in enumerate(parts, 1):
        progress(done, len(tasks))
        yield part


def _fit_workers(volume: MeasuredVolume, tasks: Sequence[_Task], reporter: Reporter) -> int:
    """As many of the workers of this machine as have room at a time, whichever boxes they measure; those of a cluster
    have the memory that was checked."""
    settings, wanted = volume.settings, min(volume.settings.workers, len(tasks))
    taken = sorted((_bytes_of(volume, task) for task in tasks), reverse=True)
    needed = [sum(taken[:count]) + PROCESS_BYTES * (count + 1) for count in range(2, wanted + 1)]
    workers = 1 + sum(size <= settings.memory for size in needed)
    if workers < wanted:
        how = "one after the other" if workers == 1 else f"by {workers} workers"
        size = size_in_words(round(needed[-1]))
        reporter.note(f"subvolumes are measured {how}: for {wanted} workers they take about {size} of --memory")
    return workers


def _bytes_of(volume: MeasuredVolume, task: _Task) -> float:
    """The memory that a box takes: its measurements are made one after the other."""
    box, members, largest = task
    return max(member.bytes_taken(volume, box.voxels, largest) for member in members)


class _MeasureBox:
    """The task of one box; it is pickled to workers."""

    one_at_a_time = True

    def __init__(self, volume: MeasuredVolume, tasks: Sequence[_Task]) -> None:
        self.volume, self.tasks = volume, tasks
        self.cores: int | None = None

    def __call__(self, block: Block) -> _Part:
        with limit_cores(self.cores):
            return _measure_box(self.volume, self.tasks[block.index], Reporter())

    def limit_threads(self, threads: int) -> None:
        self.cores = threads


def _measure_box(volume: MeasuredVolume, task: _Task, reporter: Reporter) -> _Part:
    box, members, largest = task
    subvolume, results = replace(_read_box(volume, box), largest=largest), Measurements()
    for member in members:
        if member.on_subvolume is not None:
            results += member.on_subvolume(subvolume, reporter)
    return results, {subvolume.phase(code): fraction_of(subvolume, code) for code in volume.measured_codes}
