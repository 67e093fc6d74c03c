"""Segment a volume block by block into an OME-Zarr of labels, resumable.

plan <- signature and chunks;  per block: read -> scores -> decide -> write -> ledger;  then the pyramid
with specks or holes to be removed, what is decided is written aside, and the labels from it
"""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Plan, open_ledger, pinned, run_plan
from keramos.core import Provenance, Step, Volume
from keramos.core.errors import StorageError
from keramos.core.files import translate_os_errors
from keramos.core.progress import Reporter
from keramos.io import ZarrWriter, create_labels, create_scores, create_uncertainty, file_fingerprint, remove_store
from keramos.segmenters.backend_choice import chosen_backend
from keramos.segmenters.backends import BACKENDS, checked_backend
from keramos.segmenters.checks import check_grey, check_uncertainty, check_voxel_size
from keramos.segmenters.component_filter import discard, remove_small
from keramos.segmenters.decision import Decision, decision_for
from keramos.segmenters.memory import CHUNK, plan_for, removal_plan, slabs
from keramos.segmenters.network import NetworkSegmenter
from keramos.segmenters.resampled import Resampled
from keramos.segmenters.segmenter import Segmenter
from keramos.segmenters.settings import SegmentSettings
from keramos.segmenters.uncertainty import stored_uncertainty

_LEDGER = "keramos-ledger.jsonl"
_REMOVAL = "keramos-removal"
"""A folder in the output with the labels as decided and what is to be removed of them, while that is not finished."""
_PYRAMIDS = ("build the pyramid", "build the pyramid of scores", "build the pyramid of the uncertainty")


@dataclass(frozen=True, slots=True)
class SegmentRun:
    """What a run did: blocks in all, those made in this run, and the seconds that it took."""

    blocks: int
    made: int
    seconds: float


@dataclass(frozen=True, eq=False)
class SegmentedBlock:
    """What is written of a block, all uint8: codes (Z Y X), scores (phases, Z Y X) and uncertainty (Z Y X)."""

    codes: NDArray[np.uint8]
    scores: NDArray[np.uint8] | None
    uncertainty: NDArray[np.uint8] | None


@dataclass
class SegmentBlock:
    """The task of one block; it is pickled to the workers."""

    volume: Volume
    predictor: Segmenter
    labels: ZarrWriter
    score_store: ZarrWriter | None
    uncertainty_store: ZarrWriter | None = None
    decision: Decision = field(default_factory=Decision)

    def __call__(self, block: Block) -> None:
        self.write(block, self.compute(block, self.read(block)))

    def read(self, block: Block) -> NDArray[Any]:
        return self.volume.read(block.read)

    def compute(self, block: Block, pixels: NDArray[Any]) -> SegmentedBlock:
        """Slice by slice, or a few at a time: the floats of a block would not fit into what it may take."""
        signature, shape = self.predictor.signature, block.core.shape
        codes = np.empty(shape, np.uint8)
        kept = None if self.score_store is None else np.empty((signature.classes, *shape), np.uint8)
        unsure = None if self.uncertainty_store is None else np.empty(shape, np.uint8)
        for slab in slabs(block, signature, self.volume.shape[0]):
            seen, place = slab.read.relative_to(block.read), slab.core.relative_to(block.core).slices
            scores = self.predictor.scores(pixels[seen.slices], slab)
            codes[place] = self.decision.codes(scores)
            if kept is not None:
                kept[(slice(None), *place)] = np.rint(scores * 255)
            if unsure is not None:
                unsure[place] = stored_uncertainty(scores)
        return SegmentedBlock(codes, kept, unsure)

    def write(self, block: Block, result: SegmentedBlock) -> None:
        if self.score_store is not None and result.scores is not None:
            self.score_store.write(block.core, result.scores)
        if self.uncertainty_store is not None and result.uncertainty is not None:
            self.uncertainty_store.write(block.core, result.uncertainty)
        self.labels.write(block.core, result.codes)

    def limit_threads(self, threads: int) -> None:
        limit = getattr(self.predictor, "limit_threads", None)
        if limit is not None:
            limit(threads)


def segment_volume(
    volume: Volume,
    predictor: Segmenter,
    out: Path,
    *,
    settings: SegmentSettings | None = None,
    provenance: Provenance | None = None,
    reporter: Reporter | None = None,
) -> SegmentRun:
    """Write the labels of `volume` to the OME-Zarr `out`; an unfinished `out` of the same run is resumed.

    Raises:
        SettingsError: an uncertainty asked of a threshold; a threshold of scores, or a size of specks or holes, that
            makes no sense.
        VoxelSizeError: the model was made for another voxel size (more than 20 % apart), or the volume's is unknown.
        PixelError: the model was made for another type of grey values.
        LedgerError: `out` was begun with another volume, model, plan or decision.
        StorageError: `out` holds something else, or cannot be written.
    """
    settings, reporter, began = settings or SegmentSettings(), reporter or Reporter(), time.monotonic()
    if settings.uncertainty:
        check_uncertainty(predictor)
    decision = decision_for(predictor, volume, settings)
    check_voxel_size(volume, predictor)
    check_grey(volume, predictor, reporter)
    ready = predictor.fit_to(volume, reporter.progress(f"survey for {predictor.name}", "slice"))
    ready = _with_backend(ready, volume, out, settings, reporter)
    plan = plan_for(
        volume.shape,
        predictor.signature,
        memory_bytes=settings.memory_bytes,
        workers=settings.workers,
        kept_scores=settings.scores,
    )
    if settings.fresh:
        _remove_segmentation(out)
    identity = _identity(volume, ready, plan, settings, decision)
    made = provenance or Provenance()
    if not _resumable(out):
        _begin(out, volume, ready, settings, made, identity, decision)
    ledger = open_ledger(out / _LEDGER, identity)  # another run's output is refused before it is touched
    if ledger.finished:
        discard(out / _REMOVAL)
        reporter.note(f"{out} is finished already; nothing to do (--fresh starts again)")
        return SegmentRun(len(plan), 0, time.monotonic() - began)
    _tidy(out)
    made_before = len(ledger.done)
    if ledger.done:
        reporter.note(f"resuming {out}: {len(ledger.done)} of {len(plan)} blocks are finished")
    stores = _stores(out, volume, ready, settings, made, reopen=True)
    decided = _as_decided(out, volume, ready, reopen=True) if decision.removals else stores[0]
    task = SegmentBlock(volume, ready, decided, *stores[1:], decision)
    progress = reporter.progress(f"segment with {predictor.name}")
    run_plan(plan, task, ledger=ledger, workers=settings.workers, scheduler=settings.scheduler, progress=progress)
    if decision.removals:
        _remove(decided, stores[0], decision, settings, reporter)
    _build_pyramids(stores, reporter)
    ledger.finish()
    discard(out / _REMOVAL)
    return SegmentRun(len(plan), len(plan) - made_before, time.monotonic() - began)


def _build_pyramids(stores: tuple[ZarrWriter | None, ...], reporter: Reporter) -> None:
    for name, store in zip(_PYRAMIDS, stores, strict=True):
        if store is not None:
            store.finish(reporter.progress(name))


def _with_backend(
    predictor: Segmenter, volume: Volume, out: Path, settings: SegmentSettings, reporter: Reporter
) -> Segmenter:
    """A network with its backend: the one named, that of the run which is gone on with, or the fastest."""
    if settings.backend != "auto":
        checked_backend(settings.backend, getattr(predictor, "device", "cpu"))
    network = predictor.inner if isinstance(predictor, Resampled) else predictor
    if not isinstance(network, NetworkSegmenter):
        return predictor
    name = settings.backend
    if name == "auto":
        begun = None if settings.fresh else pinned(out / _LEDGER, "backend")
        # A threshold's run has none: that it is another run is said when its ledger is opened.
        name = begun if begun in BACKENDS else chosen_backend(network, volume, reporter)
    ready = replace(network, backend=checked_backend(name, network.device))
    return replace(predictor, inner=ready) if isinstance(predictor, Resampled) else ready


def _remove_segmentation(out: Path) -> None:
    """Delete an earlier run's output; anything else is left alone and refused."""
    if (out / _LEDGER).is_file():
        remove_store(out)


def _resumable(out: Path) -> bool:
    if not out.exists():
        return False
    if (out / _LEDGER).is_file():
        return True
    raise StorageError(
        f"expected {out} to be new or a segmentation by Keramos, found something else there; write to another --out"
    )


def _tidy(out: Path) -> None:
    """Remove the files that a killed run had begun and not yet named: the blocks they are of are written again."""
    with translate_os_errors(out):
        for begun in out.rglob("*.partial"):
            begun.unlink(missing_ok=True)


def _begin(
    out: Path,
    volume: Volume,
    predictor: Segmenter,
    settings: SegmentSettings,
    provenance: Provenance,
    identity: dict[str, str],
    decision: Decision,
) -> None:
    """Empty stores with their ledger. `out` appears whole, so that a run killed at any moment can be resumed."""
    begun = out.with_name(f"{out.name}.begun")
    remove_store(begun)
    _stores(begun, volume, predictor, settings, provenance, reopen=False)
    if decision.removals:
        _as_decided(begun, volume, predictor, reopen=False)
    open_ledger(begun / _LEDGER, identity)
    with translate_os_errors(out):
        begun.rename(out)


def _stores(
    out: Path, volume: Volume, predictor: Segmenter, settings: SegmentSettings, provenance: Provenance, *, reopen: bool
) -> tuple[ZarrWriter, ZarrWriter | None, ZarrWriter | None]:
    """Writers of the labels, their scores and their uncertainty."""
    phases, voxel_size = predictor.phases, volume.voxel_size
    labels = create_labels(
        out, volume.shape, phases=phases, voxel_size=voxel_size, chunks=CHUNK, provenance=provenance, reopen=reopen
    )
    scores, uncertainty = None, None
    if settings.scores:
        scores = create_scores(
            out, volume.shape, len(phases), voxel_size=voxel_size, phases=phases, chunks=CHUNK, reopen=reopen
        )
    if settings.uncertainty:
        uncertainty = create_uncertainty(out, volume.shape, voxel_size=voxel_size, chunks=CHUNK, reopen=reopen)
    return labels, scores, uncertainty


def _as_decided(out: Path, volume: Volume, predictor: Segmenter, *, reopen: bool) -> ZarrWriter:
    """The writer of the labels before anything is removed of them. StorageError if those of a begun run are gone: an
    empty store would stand for blocks that are finished."""
    path, phases = out / _REMOVAL / "as-decided.ome.zarr", predictor.phases
    if reopen and not path.is_dir():
        raise StorageError(f"expected the labels of an unfinished run in {path}, found none; start again with --fresh")
    return create_labels(path, volume.shape, phases=phases, voxel_size=volume.voxel_size, chunks=CHUNK, reopen=reopen)


def _remove(
    decided: ZarrWriter, labels: ZarrWriter, decision: Decision, settings: SegmentSettings, reporter: Reporter
) -> None:
    """Write the labels without small components, and what was removed into their provenance."""
    removed = remove_small(
        decided,
        labels,
        decision.removals,
        folder=decided.path.parent,
        plan=removal_plan(labels.shape),
        workers=settings.workers,
        scheduler=settings.scheduler,
        reporter=reporter,
    )
    for what, found in zip(decision.removals, removed, strict=True):
        reporter.note(
            f"{what.verb}: {found.components:,} of fewer than {found.fewer:,} voxels, {found.voxels:,} voxels in all"
        )
    told = {what.name: asdict(found) for what, found in zip(decision.removals, removed, strict=True)}
    provenance = labels.metadata.provenance.then(Step("remove", told, {}, {}))
    labels.metadata = replace(labels.metadata, provenance=provenance)


def _identity(
    volume: Volume, predictor: Segmenter, plan: Plan, settings: SegmentSettings, decision: Decision
) -> dict[str, str]:
    def digest(text: str) -> str:
        return hashlib.sha256(text.encode()).hexdigest()

    wanted = {"labels": True, "scores": settings.scores, "uncertainty": settings.uncertainty}
    return {
        "input": file_fingerprint(volume),
        "model": digest(predictor.identity()),
        "backend": getattr(predictor, "backend", "none"),
        "plan": digest(json.dumps([plan.shape, plan.core_shape, plan.halo, plan.stride])),
        "outputs": " and ".join(name for name, is_wanted in wanted.items() if is_wanted),
        **({"decision": decision.identity()} if decision.identity() else {}),
    }
