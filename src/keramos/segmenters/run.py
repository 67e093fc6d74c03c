"""Segment a volume block by block into an OME-Zarr of labels, resumable.

plan from signature and chunks;  per block: read, compute scores, decide, write, record;  then the pyramid
where flicker, specks or holes are removed, the labels before that are written aside, and the labels from them
"""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass, replace
from hashlib import sha256
from pathlib import Path
from typing import Any

from keramos.blocks import (
    Checkpoint,
    computing_versions,
    lock_output,
    open_checkpoint,
    plan_identity,
    read_setting,
    run_plan,
)
from keramos.core import Provenance, Step, Volume
from keramos.core.errors import StorageError
from keramos.core.files import PARTIAL, translate_os_errors
from keramos.core.object_path import ObjectPath
from keramos.core.options import result_identity
from keramos.core.progress import Reporter
from keramos.io import SEGMENTATION_CHECKPOINT, count_files, file_fingerprint, is_begun, remove_store, whole_store
from keramos.segmenters.backends import BACKENDS, check_backend
from keramos.segmenters.checks import check_channels, check_grey, check_uncertainty, check_voxel_size
from keramos.segmenters.component_filter import discard, remove_small
from keramos.segmenters.decision import Decision, decision_for
from keramos.segmenters.flicker import UNSURE, remove_flicker
from keramos.segmenters.layout import SHAPE_OF_SHARDS, Layout, choose_layout
from keramos.segmenters.memory import CHUNK, removal_plan
from keramos.segmenters.segment_block import SegmentBlock
from keramos.segmenters.segmenter import NO_BACKEND, Segmenter
from keramos.segmenters.stores import FILTER_FOLDER, SegmentStores, open_stores
from keramos.settings.segment import SegmentationOptions

_MANY_FILES = 100_000


@dataclass(frozen=True, slots=True)
class SegmentRun:
    """The number of blocks in all, of those made in this run, and the seconds that it took."""

    blocks: int
    made: int
    seconds: float


@dataclass(frozen=True, eq=False)
class _Job:
    """Everything that decides a segmentation, resolved: the segmenter is fit to the volume and knows its backend."""

    volume: Volume
    predictor: Segmenter
    out: Path
    settings: SegmentationOptions
    decision: Decision
    layout: Layout
    provenance: Provenance
    reporter: Reporter

    def identity(self) -> dict[str, Any]:
        """Everything that a run must share with an unfinished one to go on with it."""
        return {
            **result_identity(self.settings),
            **self.decision.resolved,
            "backend": self.predictor.backend,
            "images": file_fingerprint(self.volume),
            "model": sha256(self.predictor.identity().encode()).hexdigest(),
            SHAPE_OF_SHARDS: self.layout.shards,
            **plan_identity(self.layout.plan),
            **computing_versions(),
        }

    def open_stores(self, out: Path, *, reopen: bool) -> SegmentStores:
        return open_stores(
            out,
            self.volume,
            self.predictor,
            self.settings,
            self.provenance,
            decision=self.decision,
            shards=self.layout.shards,
            reopen=reopen,
        )


def segment_volume(
    volume: Volume,
    predictor: Segmenter,
    out: Path,
    *,
    settings: SegmentationOptions | None = None,
    provenance: Provenance | None = None,
    reporter: Reporter | None = None,
) -> SegmentRun:
    """Write the labels of `volume` to the OME-Zarr `out`; an unfinished `out` of the same run is resumed.

    Raises:
        SettingsError: an uncertainty asked of a threshold; more or fewer channels than the model reads; a threshold of
            scores, flicker to be removed, or a size of specks or holes, that makes no sense.
        VoxelSizeError: the model was made for another voxel size (more than 20 % apart), or the volume's is unknown.
        PixelError: the model was made for another type of grey values.
        ResumeError: `out` belongs to a run with another volume, model, plan or settings.
        StorageError: `out` holds something else, another run is writing to it, or it cannot be written.
    """
    settings, reporter, began = settings or SegmentationOptions(), reporter or Reporter(), time.monotonic()
    if settings.uncertainty:
        check_uncertainty(predictor)
    check_channels(volume, predictor)
    decision = decision_for(predictor, volume, settings)
    check_voxel_size(volume, predictor)
    check_grey(volume, predictor, reporter)
    with lock_output(out):
        ready = predictor.fit_to(volume, reporter.progress(f"survey for {predictor.name}", "slice"))
        ready = _choose_backend(ready, volume, out, settings, reporter)
        layout = choose_layout(volume, predictor, settings, out, reporter)
        job = _Job(volume, ready, out, settings, decision, layout, provenance or Provenance(), reporter)
        _note_files(job)
        made = _start_or_resume(job)
    return SegmentRun(len(layout.plan), made, time.monotonic() - began)


def _note_files(job: _Job) -> None:
    """Say that the output will be more files than file systems like, where shards would make them fewer."""
    files = count_files(job.volume.shape, CHUNK, job.volume.voxel_size)
    if job.layout.shards is None and files > _MANY_FILES:
        job.reporter.note(f"the labels will be {files:,} files; --shards puts about sixteen chunks into each")


def _start_or_resume(job: _Job) -> int:
    """Do what is left of a job; the number of blocks made."""
    out, reporter = job.out, job.reporter
    if job.settings.fresh:
        _remove_segmentation(out)
    identity = job.identity()
    if not _is_resumable(out):
        _create(job, identity)
    # Before anything in it is touched.
    checkpoint = open_checkpoint(out / SEGMENTATION_CHECKPOINT, identity, output=out)
    if checkpoint.is_finished:
        discard(out / FILTER_FOLDER)
        reporter.note(f"{out} is finished already; nothing to do (a fresh run replaces it)")
        return 0
    _remove_partial_files(out)
    done = len(checkpoint.done)
    if done:
        reporter.note(f"resuming {out}: {done} of {len(job.layout.plan)} blocks are finished")
    _segment(job, checkpoint)
    return len(job.layout.plan) - done


def _segment(job: _Job, checkpoint: Checkpoint) -> None:
    """Segment the blocks that are left, remove flicker and small components, and build the pyramids."""
    stores, settings, reporter = job.open_stores(job.out, reopen=True), job.settings, job.reporter
    task = SegmentBlock(job.volume, job.predictor, stores.first, stores.scores, stores.uncertainty, job.decision)
    run_plan(
        job.layout.plan,
        task,
        checkpoint=checkpoint,
        workers=job.layout.workers,
        scheduler=settings.scheduler,
        progress=reporter.progress(f"segment with {job.predictor.name}"),
    )
    if job.decision.removes_flicker:
        _remove_flicker(job, stores)
    if job.decision.removals:
        _filter_components(job, stores)
    stores.build_pyramids(reporter.progress)
    checkpoint.finish()
    discard(job.out / FILTER_FOLDER)


def _choose_backend(
    segmenter: Segmenter, volume: Volume, out: Path, settings: SegmentationOptions, reporter: Reporter
) -> Segmenter:
    """The segmenter run by the backend that was named, that of the run being resumed, or the fastest."""
    if settings.backend != "auto":
        check_backend(settings.backend, segmenter.device)
    if segmenter.backend == NO_BACKEND:
        return segmenter
    name = settings.backend
    if name == "auto":
        recorded = None if settings.fresh else read_setting(out / SEGMENTATION_CHECKPOINT, "backend")
        # A threshold's run records none: that it is another run is said when its checkpoint is opened.
        name = recorded if recorded in BACKENDS else segmenter.choose_backend(volume, reporter)
    return segmenter.with_backend(check_backend(name, segmenter.device))


def _remove_segmentation(out: Path) -> None:
    """Delete an earlier run's output; anything else is left alone and refused."""
    if (out / SEGMENTATION_CHECKPOINT).is_file():
        remove_store(out)


def _is_resumable(out: Path) -> bool:
    if is_begun(out) or not out.exists():
        return False
    if (out / SEGMENTATION_CHECKPOINT).is_file():
        return True
    raise StorageError(f"{out} is something else than a segmentation by Keramos; write elsewhere")


def _remove_partial_files(out: Path) -> None:
    """Remove the files that a killed run had not finished: their blocks are written again."""
    if isinstance(out, ObjectPath):  # objects are written whole
        return
    with translate_os_errors(out):
        for partial in out.rglob(f"*{PARTIAL}"):
            partial.unlink(missing_ok=True)


def _create(job: _Job, identity: dict[str, Any]) -> None:
    """Create empty stores with their checkpoint. `out` appears whole, so that a run killed at any moment is resumed."""
    with whole_store(job.out) as partial:
        job.open_stores(partial, reopen=False)
        open_checkpoint(partial / SEGMENTATION_CHECKPOINT, identity, output=job.out).start()


def _remove_flicker(job: _Job, stores: SegmentStores) -> None:
    """Write the labels without flicker, and that they are so into the provenance."""
    settings, labels = job.settings, stores.labels
    remove_flicker(
        stores.first,
        stores.raw,
        folder=stores.first.path.parent,
        workers=job.layout.workers,
        scheduler=settings.scheduler,
        reporter=job.reporter,
    )
    step = Step("remove flicker", {"unsure_below": UNSURE}, {}, {})
    labels.metadata = replace(labels.metadata, provenance=labels.metadata.provenance.then(step))


def _filter_components(job: _Job, stores: SegmentStores) -> None:
    """Write the labels without small components, and what was removed into their provenance."""
    settings, removals, labels = job.settings, job.decision.removals, stores.labels
    removed = remove_small(
        stores.raw,
        labels,
        removals,
        folder=stores.raw.path.parent,
        plan=removal_plan(labels.shape, labels.shards or CHUNK),
        workers=job.layout.workers,
        scheduler=settings.scheduler,
        reporter=job.reporter,
    )
    for removal, counts in zip(removals, removed, strict=True):
        job.reporter.note(
            f"{removal.verb}: {counts.components:,} of fewer than {counts.fewer:,} voxels, {counts.voxels:,} voxels in "
            "all"
        )
    parameters = {removal.name: asdict(counts) for removal, counts in zip(removals, removed, strict=True)}
    provenance = labels.metadata.provenance.then(Step("remove", parameters, {}, {}))
    labels.metadata = replace(labels.metadata, provenance=provenance)
