"""Quantify a segmented volume: all block measurements in one pass, then those of a subvolume in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from keramos.blocks import FoldCheckpoint
from keramos.core import Box, LabelVolume, Volume
from keramos.core.errors import MemoryShortageError
from keramos.core.progress import Reporter
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.limits import report_limits
from keramos.measurements.measurement import Measurement
from keramos.measurements.phase_flow import fraction_of
from keramos.measurements.registry import MEASUREMENTS, curve_specs, quantity_specs
from keramos.measurements.results import Measurements
from keramos.measurements.separation.stages import Stages
from keramos.measurements.several_subvolumes import average, report_part, spread_boxes
from keramos.measurements.subvolume import Subvolume, middle_box
from keramos.measurements.volume import MeasuredVolume, find_measured_volume, plan_for, resume_plan
from keramos.settings.quantify import MeasurementOptions

_BYTES_PER_VOXEL = 80
"""What distances and solvers take of memory for each voxel of their box."""
_TAKEN_ANYWAY = 2**28
"""Bytes that a run may take however little is allowed: Python and its libraries take as much."""


def quantify_volume(
    labels: LabelVolume,
    settings: MeasurementOptions | None = None,
    reporter: Reporter | None = None,
    checkpoint: FoldCheckpoint | None = None,
    *,
    object_ids: Path | None = None,
    network: bool = False,
    instances: Volume | None = None,
    object_stages: Stages | None = None,
) -> Measurements:
    """All quantities and curves of the phases of a segmented volume.

    Args:
        labels: phase codes with a voxel size (nm); voxels of code 255 are not annotated and count for nothing.
        settings: what is measured, and how.
        reporter: shows progress.
        checkpoint: resumes a pass over the volume that was killed.
        object_ids: where the numbers of objects are kept as a volume, if the settings name their phase.
        network: whether to measure the network of the objects, too: tables of pores and throats.
        instances: ids of the objects, of the shape of the labels, instead of separating them.
        object_stages: resumes the passes for objects that were killed.

    Raises:
        VoxelSizeError: the voxel size is not known.
        LabelError: a phase that the labels do not have, or labels without any phase.
        MemoryShortageError: the box for transport, thickness and paths takes more memory than allowed.

    Example:
        >>> from keramos.core import PhaseTable, VoxelSize
        >>> codes = np.zeros((8, 8, 8), np.uint8)
        >>> codes[:, 2:6] = 1
        >>> labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), VoxelSize(10, 10, 10))
        >>> str(quantify_volume(labels, MeasurementOptions(transport=False)).find("phase-fraction", "solid"))
        '0.5'
    """
    settings, reporter = settings or MeasurementOptions(), reporter or Reporter()
    volume = replace(find_measured_volume(labels, settings, reporter), object_ids=object_ids, network=network)
    volume = replace(volume, instances=instances, object_stages=object_stages)
    _check_memory(volume)
    members = [member for member in MEASUREMENTS.values() if member.applies(volume)]
    results = _measure_blocks(volume, members, checkpoint, reporter)
    results += _measure_subvolumes(volume, members, reporter)
    for member in members:
        if member.on_volume is not None:
            results += member.on_volume(volume, reporter)
    results = _in_order(results)
    findings = report_limits(volume, results, quantity_specs())
    return results + Measurements(notes=_note_flat(volume), findings=findings)


def _measure_blocks(
    volume: MeasuredVolume, members: list[Measurement], checkpoint: FoldCheckpoint | None, reporter: Reporter
) -> Measurements:
    """The results of the pass over the volume."""
    settings, recorded = volume.settings, None if checkpoint is None else checkpoint.read_plan()
    plan, workers = resume_plan(recorded, volume.shape, settings)
    if workers < settings.workers:
        reporter.note(
            f"goes on with {workers} of {settings.workers} workers: the blocks that it began with take more memory"
        )
    pickled = replace(volume, object_stages=None)
    return measure_in_blocks(
        volume.labels,
        [member.in_blocks(pickled) for member in members if member.in_blocks is not None],
        plan,
        threads=settings.threads,
        workers=workers,
        scheduler=settings.scheduler,
        progress=reporter.progress("measure the volume"),
        checkpoint=None if checkpoint is None else _identify(checkpoint, members),
    )


def _identify(checkpoint: FoldCheckpoint, members: Sequence[Measurement]) -> FoldCheckpoint:
    """The checkpoint of a pass for these members: a package that is installed or removed meanwhile changes them."""
    measured = [member.name for member in members if member.in_blocks is not None]
    return replace(checkpoint, identity={**checkpoint.identity, "measurements": measured})


def quantify_with(
    names: Sequence[str],
    labels: LabelVolume,
    settings: MeasurementOptions | None = None,
    reporter: Reporter | None = None,
) -> Measurements:
    """The quantities and curves of some measurements only, by their names in `MEASUREMENTS`; those that are measured in
    blocks. SettingsError for a name that there is not; others as `quantify_volume`.

    Example:
        >>> from keramos.core import PhaseTable, VoxelSize
        >>> codes = np.zeros((8, 8, 8), np.uint8)
        >>> codes[:, 2:6] = 1
        >>> labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), VoxelSize(10, 10, 10))
        >>> quantify_with(["components"], labels).find("largest-component", "void").value
        0.5
    """
    settings, reporter = settings or MeasurementOptions(), reporter or Reporter()
    volume = find_measured_volume(labels, settings, reporter)
    members = [member for member in map(MEASUREMENTS.find, names) if member.applies(volume)]
    bodies = [member.in_blocks(volume) for member in members if member.in_blocks is not None]
    plan, progress = plan_for(volume.shape, settings), reporter.progress("measure the volume")
    return _in_order(measure_in_blocks(volume.labels, bodies, plan, threads=settings.threads, progress=progress))


def _note_flat(volume: MeasuredVolume) -> tuple[str, ...]:
    """A note on what was asked for by name and a single slice does not have."""
    settings = volume.settings
    wanted = {
        "sizes": settings.thickness,
        "shortest paths": settings.paths,
        "permeability": settings.permeability,
        "effective conductivity": bool(settings.conductivity),
    }
    names = [name for name, is_wanted in wanted.items() if is_wanted]
    return (f"no {', '.join(names)}: they take more than a single slice",) if names and volume.is_flat else ()


def _check_memory(volume: MeasuredVolume) -> None:
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


def _measure_subvolumes(volume: MeasuredVolume, members: list[Measurement], reporter: Reporter) -> Measurements:
    """The results of measurements in memory: those of the middle of the volume, or means over several subvolumes."""
    by_boxes: dict[tuple[Box, ...], list[Measurement]] = {}
    for member in members:
        if member.on_subvolume is not None:
            boxes = _subvolume_boxes(volume, volume.settings.subvolumes or member.subvolumes)
            by_boxes.setdefault(boxes, []).append(member)
    results = Measurements()
    for boxes, group in by_boxes.items():
        if not boxes:
            what = ", ".join(member.name.replace("-", " ") for member in group)
            return Measurements(notes=(f"no {what}: no box of annotated voxels is large enough",))
        parts, fractions = [], []
        for box in boxes:
            subvolume = _read_box(volume, box)
            parts.append(_measure_box(subvolume, group, reporter))
            fractions.append({subvolume.phase(code): fraction_of(subvolume, code) for code in volume.measured_codes})
        measured = average(parts, fractions)
        names = list(dict.fromkeys(row.name for row in _in_order(measured).quantities))
        results += measured + Measurements(findings=report_part(volume, boxes, names))
    return results


def _measure_box(subvolume: Subvolume, members: list[Measurement], reporter: Reporter) -> Measurements:
    results = Measurements()
    for member in members:
        if member.on_subvolume is not None:
            results += member.on_subvolume(subvolume, reporter)
    return results


def _in_order(results: Measurements) -> Measurements:
    """Quantities and curves in the order of their specifications, so that no member's file name decides it."""
    ranks, places = list(quantity_specs()), list(curve_specs())
    return Measurements(
        tuple(sorted(results.quantities, key=lambda row: ranks.index(row.id))),
        tuple(sorted(results.curves, key=lambda curve: places.index(curve.id))),
        results.notes,
        results.findings,
        results.tables,
    )
