"""The measured volume: which voxels count, and which box of them has free faces.

Labels may hold voxels that nobody annotated (255): the borders of an aligned stack, slices left out, a masked region.
They belong to no phase and to no denominator. The measured volume is the smallest box around all annotated voxels; what
needs flat faces on all sides, such as percolation and transport, is measured of the largest box without any other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from math import prod
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Plan, fold_blocks, plan_blocks
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, PhaseTable, Triple, Volume, VoxelSize, triple
from keramos.core.errors import LabelError
from keramos.core.progress import Reporter
from keramos.measurements.annotated_box import Profiles, find_annotated_box
from keramos.measurements.counting.phase_voxels import count_slices
from keramos.measurements.counting.windows import Windows
from keramos.measurements.separation.stages import Stages
from keramos.measurements.spec import WHOLE_VOLUME
from keramos.settings.quantify import MeasurementOptions

_BYTES_PER_VOXEL, _WITH_FABRIC = 40, 110
"""What measuring a voxel of a block takes, measured: 11 to 29 bytes of two or three phases in blocks that are measured
at once, 60 with fabric and heterogeneity (110 in slabs of 16 slices, with what is read around them), and 6 to 9 in
tiles of larger blocks; more of structures of two voxels."""
PROCESS_BYTES = 3 * 2**26
"""The interpreter, the libraries and the reader's cache in each of several processes; measured."""
_CHUNK: Triple = (16, 256, 256)
_FEW = 8
"""Phases that are counted one after the other."""


@dataclass(frozen=True, eq=False)
class MeasuredVolume:
    """The labels of the box around all annotated voxels, and what of it is measured.

    Attributes:
        labels: of that box only.
        settings: what is measured, and how.
        annotated_box: the largest box (in voxels of `labels`) in which every voxel is annotated, as far as one was
            found.
        start: where `labels` begin (Z Y X) in the volume that was given, and
        given_shape: the shape of that volume.
        annotated_voxels: how many there are.
        object_ids: where the numbers of objects are kept as a volume; None to keep none.
        network: whether the network of the objects is wanted.
        instances: the ids of objects, of the shape that was given; None to separate them.
        object_stages: saves the stages of finding and measuring objects; None to save none.
    """

    labels: LabelVolume
    settings: MeasurementOptions
    annotated_box: Box | None
    start: Triple
    given_shape: Triple
    annotated_voxels: int
    object_ids: Path | None = None
    network: bool = False
    instances: Volume | None = None
    object_stages: Stages | None = None

    @classmethod
    def of_annotated(cls, labels: LabelVolume, settings: MeasurementOptions) -> MeasuredVolume:
        """The measured volume of labels that are known to be annotated throughout."""
        return cls(labels, settings, labels.box, (0, 0, 0), labels.shape, labels.box.voxels)

    @property
    def shape(self) -> Triple:
        return self.labels.shape

    @property
    def voxel_size(self) -> VoxelSize:
        return self.labels.require_voxel_size()

    @property
    def phases(self) -> PhaseTable:
        return self.labels.phases

    @property
    def measured_codes(self) -> tuple[int, ...]:
        """The codes of the phases that are asked for, in their order; LabelError for a phase that there is not."""
        return tuple(sorted({self.phases.code(name) for name in self.settings.phase or self.phases.names}))

    @property
    def windows(self) -> Windows:
        """The windows between which a quantity's spread tells how sure it is."""
        return Windows.over(self.shape, self.voxel_size)

    @property
    def is_box(self) -> bool:
        """Whether every voxel of it is annotated."""
        return self.annotated_box == Box.whole(self.shape)

    @property
    def is_flat(self) -> bool:
        """Whether it is a single slice, or holds no deeper box of annotated voxels."""
        return self.shape[0] == 1 or (self.annotated_box is not None and self.annotated_box.shape[0] == 1)

    def select_windows(self, amounts: NDArray[np.floating] | NDArray[np.integer]) -> NDArray[np.bool_]:
        """The windows (Z Y X) that count for a spread, from what each of them holds: those without any annotated voxel
        do not."""
        return np.ones(amounts.shape, bool) if self.is_box else np.asarray(amounts > 0)

    def place_along(self, places: NDArray[np.floating], axis: int) -> NDArray[np.float64]:
        """Places along an axis, in voxels from where its labels begin, in nm from the corner of the volume that was
        given; the middle of voxel n lies at n + 0.5."""
        return np.asarray((places + self.start[axis]) * self.voxel_size.zyx[axis], np.float64)

    def without_objects(self) -> MeasuredVolume:
        """The volume for workers, which find no objects: what is of them is not pickled."""
        return replace(self, object_ids=None, instances=None, object_stages=None)

    def name_of(self, box: Box) -> str:
        """The domain of what is measured of a box of it, in voxels of the volume that was given."""
        placed = box.shift(self.start)
        if placed == Box.whole(self.given_shape):
            return WHOLE_VOLUME
        largest = box == self.annotated_box and not self.is_box
        return f"largest annotated box {placed}" if largest else f"box {placed}"


def find_measured_volume(
    labels: LabelVolume, settings: MeasurementOptions, reporter: Reporter | None = None
) -> MeasuredVolume:
    """The measured volume of labels, from one pass over them; from a second one where the annotated voxels are no box.

    Raises:
        VoxelSizeError: the voxel size is not known.
        LabelError: labels without any of the phases asked for, or a phase that they do not have.
    """
    codes = [labels.phases.code(name) for name in settings.phase or labels.phases.names]
    for name in (*settings.conductivity, *settings.electrodes, *filter(None, [settings.objects])):
        labels.phases.code(name)
    labels.require_voxel_size()
    progress = (reporter or Reporter()).progress("find the annotated voxels")
    plan = plan_for(labels.shape, settings)
    # Processes on this machine would start for longer than its threads take to read.
    threads, scheduler = max(settings.threads, settings.workers), settings.scheduler
    census = fold_blocks(plan, partial(_count, labels), _add, threads=threads, scheduler=scheduler, progress=progress)
    if not census.voxels[codes].any():
        raise LabelError(
            f"expected labels with {' or '.join(settings.phase or labels.phases.names)} somewhere, found none"
        )
    extent = _extent(census.profiles)
    cropped = labels if extent == labels.box else labels.crop(extent)
    annotated = int(census.voxels[:NOT_ANNOTATED].sum())
    if annotated == extent.voxels:
        box: Box | None = Box.whole(cropped.shape)
    else:
        within = [profile[part] for profile, part in zip(census.profiles, extent.slices, strict=True)]
        box = find_annotated_box(cropped, within, plan_for(cropped.shape, settings), threads, scheduler)
    return MeasuredVolume(cropped, settings, box, extent.start, labels.shape, annotated)


def fit_workers(shape: Triple, settings: MeasurementOptions, reporter: Reporter) -> MeasurementOptions:
    """The settings with as many workers as have room for the smallest block each, which a note says if there are
    fewer."""
    workers = _count_workers(shape, settings)
    if workers < settings.workers:
        needed = _least_bytes(shape, settings) * (settings.workers + 1)
        reporter.note(
            f"measures with {workers} of {settings.workers} workers: all of them take at least {-(-needed // 2**20)} "
            "MiB of --memory"
        )
    return settings.replace(workers=workers)


def plan_for(shape: Triple, settings: MeasurementOptions) -> Plan:
    """Whole slices or tiles: as many voxels at a time as the memory allows all threads together, or all workers that
    have room."""
    workers = _count_workers(shape, settings)
    room = settings.memory - PROCESS_BYTES * (workers + 1 if workers > 1 else 1)
    if workers == 1:  # one process is never refused: it measures in small blocks
        room = max(room, settings.memory // 4)
    several = max(settings.threads, workers) + 1
    return plan_blocks(shape, chunk=_CHUNK, max_voxels=min(room // (_bytes_per_voxel(settings) * several), 2**24))


def _count_workers(shape: Triple, settings: MeasurementOptions) -> int:
    """As many workers as have room: each process, this one too, takes the smallest block beside what it takes anyway;
    this one alone always has."""
    return max(1, min(settings.workers, settings.memory // _least_bytes(shape, settings) - 1))


def _least_bytes(shape: Triple, settings: MeasurementOptions) -> int:
    return PROCESS_BYTES + _bytes_per_voxel(settings) * prod(map(min, _CHUNK, shape))


def _bytes_per_voxel(settings: MeasurementOptions) -> int:
    return _WITH_FABRIC if settings.fabric or settings.heterogeneity else _BYTES_PER_VOXEL


def resume_plan(recorded: Plan | None, shape: Triple, settings: MeasurementOptions) -> tuple[Plan, MeasurementOptions]:
    """The blocks of an unfinished pass, whatever memory, threads and workers that had, and the settings with as many
    of both as have room for them at a time; a new plan, for all of them, where that is none of this shape or one
    thread has no room."""
    chosen = plan_for(shape, settings)
    if recorded is None or recorded.shape != shape or recorded == chosen:
        return chosen, settings
    voxels, most = prod(recorded.core_shape), max(settings.threads, settings.workers)
    together = [(min(settings.workers, n), min(settings.threads, n)) for n in range(most, 1, -1)]
    for workers, threads in [*together, *((1, n) for n in range(settings.threads, 0, -1))]:
        fewer = settings.replace(workers=workers, threads=threads)
        if prod(plan_for(shape, fewer).core_shape) >= voxels:
            return recorded, fewer
    return chosen, settings


@dataclass(frozen=True, eq=False)
class _Census:
    """Voxels of each code (256), and annotated voxels of each slice across Z, Y and X."""

    voxels: NDArray[np.int64]
    profiles: Profiles


def _count(labels: LabelVolume, block: Block) -> _Census:
    codes, profiles = labels.read(block.core), [np.zeros(n, np.int64) for n in labels.shape]
    voxels = _count_codes(codes, len(labels.phases))
    if voxels[NOT_ANNOTATED]:
        counts = count_slices(codes != NOT_ANNOTATED)
    else:
        z, y, x = (np.full(n, codes.size // n, np.int64) for n in codes.shape)
        counts = (z, y, x)
    for profile, part, count in zip(profiles, block.core.slices, counts, strict=True):
        profile[part] = count
    return _Census(voxels, profiles)


def _count_codes(codes: NDArray[np.uint8], phases: int) -> NDArray[np.int64]:
    """The voxels of each code (256); one phase after the other, which is faster, unless there are others."""
    voxels = np.zeros(256, np.int64)
    for code in (*range(min(phases, _FEW)), NOT_ANNOTATED):
        voxels[code] = np.count_nonzero(codes == code)
    return voxels if voxels.sum() == codes.size else np.bincount(codes.ravel(), minlength=256)


def _add(first: _Census, second: _Census) -> _Census:
    profiles = [a + b for a, b in zip(first.profiles, second.profiles, strict=True)]
    return _Census(first.voxels + second.voxels, profiles)


def _extent(profiles: Profiles) -> Box:
    """The box around all annotated voxels."""
    used = [np.flatnonzero(profile) for profile in profiles]
    return Box(triple([int(at[0]) for at in used]), triple([int(at[-1]) + 1 for at in used]))
