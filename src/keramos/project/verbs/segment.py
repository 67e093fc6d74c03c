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
from keramos.io import attach_facts, file_fingerprint, open_labels
from keramos.learning import TrainResult, pick_device
from keramos.project.inputs import read_images, versions
from keramos.project.scores import phase_fractions
from keramos.project.segmentation_facts import collect_facts, leave_out_said
from keramos.project.verb import verb
from keramos.segmenters import Segmenter, load_segmenter, plan_segmentation, resample_to_model, segment_volume
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
    volume = read_images(settings.images, settings, collector)
    voxels = prod(volume.shape)
    refuse_beyond_disk(settings.out, voxels // _LEAST_COMPRESSED, f"a segmentation of {voxels:.3g} voxels")
    source = settings.model.path if isinstance(settings.model, TrainResult) else settings.model
    segmenter, local = _load(settings, source, volume), SegmentationOptions.of(settings)
    plan_segmentation(volume, segmenter, local)  # too little memory is refused before any slice is read
    report_findings(check_before_work(volume, collector.progress("look at the slices", "slice")), collector)
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
    facts = collect_facts(volume, source)
    # Thresholds by name and bundled models have not learnt from this material: their amounts are not compared.
    if facts.card is not None and Path(source).is_file():
        for finding in run_checks("segmentation", facts.card, volume, fractions):
            collector.finding(finding)
    doubts = run_checks("result", open_labels(settings.out))
    report_findings(leave_out_said(doubts, collector.findings, volume.origin[0]), collector)
    attach_facts(settings.out, replace(facts, findings=collector.findings).to_json())
    made = {**vars(open_labels(settings.out)), "findings": collector.findings}
    return Segmentation(**made, phase_fractions=fractions)


def _load(settings: SegmentSettings, source: str | Path, volume: Volume) -> Segmenter:
    """The segmenter of the model, with its own options, on the grid of the volume if asked for."""
    segmenter = load_segmenter(source, volume, device=pick_device(settings.device), **settings.options)
    return resample_to_model(segmenter, volume) if settings.resample else segmenter


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
