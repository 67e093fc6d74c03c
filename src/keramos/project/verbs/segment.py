"""Segment images."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from math import prod
from pathlib import Path
from typing import Any

from keramos.blocks import keep_freed_memory
from keramos.core import BoxSource, LabelVolume, Step, Volume
from keramos.core.disk import refuse_beyond_disk
from keramos.core.progress import FindingCollector, Reporter, report_findings
from keramos.inspection import check_before_work, run_checks
from keramos.io import attach_facts, file_fingerprint, open_labels, source_fingerprint
from keramos.learning import TrainResult, pick_device
from keramos.networks import BUNDLED
from keramos.project.assist.training_slices import choose_grid
from keramos.project.inputs import read_images, versions
from keramos.project.scores import phase_fractions
from keramos.project.segmentation_facts import collect_facts, leave_out_said, report_of_stack
from keramos.project.verb import verb
from keramos.segmenters import (
    SEGMENTERS,
    Segmenter,
    check_channels,
    is_onnx,
    load_segmenter,
    plan_segmentation,
    resample_to_model,
    segment_volume,
)
from keramos.settings.segment import SegmentationOptions, SegmentSettings

_LEAST_COMPRESSED = 1000
"""Labels of a material compress to a tenth or a thirtieth; to less than a thousandth only those of nothing."""


@dataclass(frozen=True)
class Segmentation(LabelVolume):
    """Labels that were just made, with the fraction of each phase; `findings` say what is probably wrong with them."""

    phase_fractions: Mapping[str, float] = field(default_factory=dict)


@verb(SegmentSettings)
def segment(settings: SegmentSettings, reporter: Reporter) -> Segmentation:
    """Segment images with a model file, a bundled model or a threshold into an OME-Zarr, and open the labels.

    A run that was killed resumes when it is called again.

    Raises:
        KeramosError: its members say what does not fit: model, voxel size, memory, an `out` of another run.
    """
    collector = FindingCollector(reporter)
    if settings.workers == 1 and settings.scheduler is None:
        keep_freed_memory()
    volume = read_images(settings.images, settings, collector, channels=True)
    voxels = prod(volume.shape)
    refuse_beyond_disk(settings.out, voxels // _LEAST_COMPRESSED, f"a segmentation of {voxels:.3g} voxels")
    source = settings.model.path if isinstance(settings.model, TrainResult) else settings.model
    segmenter, local = _load(settings, source, volume, collector), SegmentationOptions.of(settings)
    check_channels(volume, segmenter)
    plan_segmentation(volume, segmenter, local)  # too little memory is refused before any slice is read
    facts = collect_facts(volume, source)
    for channel in volume.channels:
        found = check_before_work(channel, collector.progress("look at the slices", "slice"))
        report_of_stack(found, volume, facts.card, collector)
    inputs = {"images": file_fingerprint(volume), "model": sha256(segmenter.identity().encode()).hexdigest()}
    step = Step("segment", _parameters(settings, volume, segmenter, source), inputs, versions())
    segment_volume(
        volume,
        segmenter,
        settings.out,
        settings=local,
        provenance=volume.provenance.then(step),
        reporter=collector,
    )
    fractions = phase_fractions(open_labels(settings.out), progress=collector.progress("count the phases"))
    # Thresholds by name and bundled models have not learnt from this material: their amounts are not compared.
    if facts.card is not None and Path(source).is_file():
        for finding in run_checks("segmentation", facts.card, volume, fractions):
            collector.finding(finding)
    doubts = run_checks("result", open_labels(settings.out))
    report_findings(leave_out_said(doubts, collector.findings, volume.origin[0]), collector)
    attach_facts(settings.out, replace(facts, findings=collector.findings).to_json())
    made = {**vars(open_labels(settings.out)), "findings": collector.findings}
    return Segmentation(**made, phase_fractions=fractions)


def _load(settings: SegmentSettings, source: str | Path, volume: Volume, reporter: Reporter) -> Segmenter:
    """The segmenter of the model, with its own options, on the grid of the volume if asked for. Bundled weights, and a
    model that was trained on this stack at another voxel size, as those are, need not be asked for it."""
    # What runs an ONNX file does not ask PyTorch for the devices of this machine.
    device = "cpu" if is_onnx(source) or str(source) in SEGMENTERS else pick_device(settings.device)
    segmenter = load_segmenter(source, volume, device=device, **settings.options)
    if settings.resample:
        return resample_to_model(segmenter, volume)
    grid = choose_grid(volume.voxel_size, segmenter.signature.voxel_size)
    if grid is None or not (str(source) in BUNDLED or _has_learnt(segmenter, volume)):
        return segmenter
    reporter.note(f"{volume.name} is resampled to {grid}, the nearest that {source} takes, and the labels back")
    return resample_to_model(segmenter, volume)


def _has_learnt(segmenter: Segmenter, volume: Volume) -> bool:
    """Whether a model was trained on the stack that a volume is of."""
    return segmenter.card is not None and source_fingerprint(volume) in segmenter.card.training.sources


def _parameters(settings: SegmentSettings, volume: Volume, segmenter: Segmenter, model: str | Path) -> dict[str, Any]:
    """The step's parameters as JSON values: what it takes to run it again."""
    box = volume.source.box if isinstance(volume.source, BoxSource) else None
    return {
        "images": volume.name,
        **settings.identity(),
        "box": None if box is None else str(box),
        "voxel_size_nm": list(volume.voxel_size.zyx) if volume.voxel_size else None,
        "model": str(model),
        "predictor": segmenter.name,
        **segmenter.facts(),
    }
