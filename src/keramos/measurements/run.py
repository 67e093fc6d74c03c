"""Quantify a segmented volume: all block measurements in one pass, then those of a subvolume in memory."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from keramos.blocks import FoldCheckpoint
from keramos.core import LabelVolume, Volume
from keramos.core.progress import Reporter
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.limits import report_limits
from keramos.measurements.measurement import Measurement
from keramos.measurements.registry import MEASUREMENTS, in_order, quantity_specs
from keramos.measurements.results import Measurements
from keramos.measurements.separation.stages import Stages
from keramos.measurements.subvolume_pass import check_memory, measure_subvolumes
from keramos.measurements.volume import MeasuredVolume, find_measured_volume, fit_workers, plan_for, resume_plan
from keramos.settings.quantify import MeasurementOptions


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
        >>> import numpy as np
        >>> from keramos.core import PhaseTable, VoxelSize
        >>> codes = np.zeros((8, 8, 8), np.uint8)
        >>> codes[:, 2:6] = 1
        >>> labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), VoxelSize(10, 10, 10))
        >>> str(quantify_volume(labels, MeasurementOptions(transport=False)).find("phase-fraction", "solid"))
        '0.5'
    """
    settings, reporter = settings or MeasurementOptions(), reporter or Reporter()
    settings = fit_workers(labels.shape, settings, reporter)
    volume = replace(find_measured_volume(labels, settings, reporter), object_ids=object_ids, network=network)
    volume = replace(volume, instances=instances, object_stages=object_stages)
    check_memory(volume)
    members = [member for member in MEASUREMENTS.values() if member.applies(volume)]
    results = _measure_blocks(volume, members, checkpoint, reporter)
    results += measure_subvolumes(volume, members, reporter)
    for member in members:
        if member.on_volume is not None:
            results += member.on_volume(volume, reporter)
    results = in_order(results)
    findings = report_limits(volume, results, quantity_specs())
    return results + Measurements(notes=_note_flat(volume), findings=findings)


def _measure_blocks(
    volume: MeasuredVolume, members: list[Measurement], checkpoint: FoldCheckpoint | None, reporter: Reporter
) -> Measurements:
    """The results of the pass over the volume."""
    settings, checkpoint = volume.settings, None if checkpoint is None else _identify(checkpoint, members)
    recorded = None if checkpoint is None else checkpoint.read_plan()
    plan, fewer = resume_plan(recorded, volume.shape, settings)
    _note_fewer(settings, fewer, reporter)
    pickled = volume.without_objects()
    return measure_in_blocks(
        volume.labels,
        [member.in_blocks(pickled) for member in members if member.in_blocks is not None],
        plan,
        threads=fewer.threads,
        workers=fewer.workers,
        scheduler=settings.scheduler,
        progress=reporter.progress("measure the volume"),
        checkpoint=checkpoint,
    )


def _note_fewer(settings: MeasurementOptions, fewer: MeasurementOptions, reporter: Reporter) -> None:
    """A note on workers or threads that have no room in a pass that goes on."""
    counts = [(fewer.workers, settings.workers, "workers")]
    if fewer.workers == 1 and settings.scheduler is None:
        counts.append((fewer.threads, settings.threads, "threads"))
    words = [f"{count} of {wanted} {name}" for count, wanted, name in counts if count < wanted]
    if words:
        reporter.note(f"goes on with {' and '.join(words)}: the blocks that it began with take more memory")


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
        >>> import numpy as np
        >>> from keramos.core import PhaseTable, VoxelSize
        >>> codes = np.zeros((8, 8, 8), np.uint8)
        >>> codes[:, 2:6] = 1
        >>> labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), VoxelSize(10, 10, 10))
        >>> quantify_with(["components"], labels).find("largest-component", "void").value
        0.5
    """
    reporter = reporter or Reporter()
    settings = fit_workers(labels.shape, settings or MeasurementOptions(), reporter)
    volume = find_measured_volume(labels, settings, reporter)
    members = [member for member in map(MEASUREMENTS.find, names) if member.applies(volume)]
    bodies = [member.in_blocks(volume) for member in members if member.in_blocks is not None]
    return in_order(
        measure_in_blocks(
            volume.labels,
            bodies,
            plan_for(volume.shape, settings),
            threads=settings.threads,
            workers=settings.workers,
            scheduler=settings.scheduler,
            progress=reporter.progress("measure the volume"),
        )
    )


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
