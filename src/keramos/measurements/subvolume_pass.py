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
from keramos.measurements.measurement import Measurement
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
_BYTES_PER_VOXEL = 80
"""What distances and solvers take of memory for each voxel of their box."""
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
    needed = _BYTES_PER_VOXEL * int(np.prod(shape))
    if needed > max(settings.memory, _TAKEN_ANYWAY):
        edge = int((max(settings.memory, _TAKEN_ANYWAY) / _BYTES_PER_VOXEL) ** (1 / 3))
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
    if len(boxes) < 2 or not volume.settings.permeability:
        return {}
    codes = volume.measured_codes
    shares = [[fraction_of(subvolume, code) for code in codes] for subvolume in (_read_box(volume, b) for b in boxes)]
    return dict(zip(codes, np.max(shares, axis=0).tolist(), strict=True))


def _measure_all(volume: MeasuredVolume, tasks: Sequence[_Task], reporter: Reporter) -> Iterator[_Part]:
    """The results of each box, in their order."""
    if not _is_shared(volume, tasks, reporter):
        yield from (_measure_box(volume, task, reporter) for task in tasks)
        return
    settings, progress = volume.settings, reporter.progress("measure subvolumes", "subvolume")
    measure = _MeasureBox(replace(volume, object_stages=None), tasks)
    blocks = [Block(number, box, box) for number, (box, *_) in enumerate(tasks)]
    parts = measure_in_order(blocks, measure, workers=settings.workers, scheduler=settings.scheduler)
    for done, part in enumerate(parts, 1):
        progress(done, len(tasks))
        yield part


def _is_shared(volume: MeasuredVolume, tasks: Sequence[_Task], reporter: Reporter) -> bool:
    """Whether boxes are shared out: there are several, and workers that have room for one each."""
    settings = volume.settings
    if len(tasks) < 2 or (settings.workers == 1 and settings.scheduler is None):
        return False
    if settings.workers == 1:  # of a cluster, each with the memory that was checked
        return True
    one = _BYTES_PER_VOXEL * max(box.voxels for box, *_ in tasks) + PROCESS_BYTES
    needed = settings.workers * one + PROCESS_BYTES
    if needed > settings.memory:
        reporter.note(
            f"subvolumes are measured one after the other: for {settings.workers} workers they take about "
            f"{size_in_words(needed)} of --memory"
        )
    return needed <= settings.memory


class _MeasureBox:
    """The task of one box; it is pickled to workers."""

    def __init__(self, volume: MeasuredVolume, tasks: Sequence[_Task]) -> None:
        self.volume, self.tasks = volume, tasks

    def __call__(self, block: Block) -> _Part:
        return _measure_box(self.volume, self.tasks[block.index], Reporter())

    def limit_threads(self, threads: int) -> None:
        limit_cores(threads)


def _measure_box(volume: MeasuredVolume, task: _Task, reporter: Reporter) -> _Part:
    box, members, largest = task
    subvolume, results = replace(_read_box(volume, box), largest=largest), Measurements()
    for member in members:
        if member.on_subvolume is not None:
            results += member.on_subvolume(subvolume, reporter)
    return results, {subvolume.phase(code): fraction_of(subvolume, code) for code in volume.measured_codes}
