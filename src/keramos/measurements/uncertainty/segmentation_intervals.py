"""Give measured quantities intervals of the segmentation, from annotated slices and stored scores.

annotated slices -> calibrated scores -> the spatial correlation of errors -> realizations of the segmentation
                 -> true over measured, window by window, with its spread  -> their spread
                                                                           -> an interval

A slice cannot tell how much of the surface between slices is real: that part counts as anything between all and nothing
(`roughness.py`). Not in the interval: errors that are of another kind elsewhere than on the annotated slices, and
slices registered or cut a little off their places. A quantity has such an interval only if its specification says how:
none is given to what one slice cannot put right, such as Euler numbers, curvature, components, percolation, intercepts
along Z, and all that is solved for.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Quantity, Triple
from keramos.core.errors import LabelError
from keramos.core.progress import Progress, Reporter, silent
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.registry import MEASUREMENTS, quantity_specs
from keramos.measurements.results import Measured, Measurements
from keramos.measurements.subvolume_pass import read_subvolume
from keramos.measurements.uncertainty.annotated_slices import AnnotatedSlices
from keramos.measurements.uncertainty.error_correlation import MIN_DOUBTFUL, ErrorCorrelation, fit_correlation
from keramos.measurements.uncertainty.realizations import sample_segmentation
from keramos.measurements.uncertainty.recalibration import Recalibration, fit_recalibration
from keramos.measurements.uncertainty.segmentation_uncertainty import SegmentationUncertainty
from keramos.measurements.volume import MeasuredVolume, find_measured_volume, plan_for
from keramos.settings.quantify import MeasurementOptions

_MAX_ANNOTATED = 2**24
"""Annotated slices beyond so many voxels are thinned out evenly."""


class Scores(Protocol):
    """Stored scores of the phases in the order of the labels' codes, 255 where p = 1."""

    def read(self, box: Box) -> NDArray[np.uint8]: ...


@dataclass(frozen=True, eq=False)
class _CroppedScores:
    """Scores of a part of a volume, which begins at `start` (Z Y X)."""

    scores: Scores
    start: Triple

    def read(self, box: Box) -> NDArray[np.uint8]:
        return self.scores.read(box.shift(self.start))


@dataclass(frozen=True, eq=False)
class Evidence:
    """The errors on the annotated slices, how to read scores, and the spatial correlation of errors."""

    slices: AnnotatedSlices
    recalibration: Recalibration
    correlation: ErrorCorrelation


def with_segmentation(
    measured: Measurements,
    labels: LabelVolume,
    scores: Scores,
    truth: LabelVolume,
    settings: MeasurementOptions,
    reporter: Reporter | None = None,
) -> Measurements:
    """Measurements with an interval of the segmentation for those quantities that can have one.

    Args:
        measured: what `quantify_volume` gave of the labels.
        labels: the segmentation.
        scores: its stored scores, read by boxes of the labels.
        truth: of some slices, of the labels' shape and codes, 255 where not annotated.
        settings: those of the measurements; `realizations` and `seed` decide on the samples.
        reporter: told of progress.

    Returns:
        The same quantities; with a note where the annotated slices are too small or too sure to tell.

    Raises:
        LabelError: no annotated voxel in the truth.
    """
    settings = settings.replace(workers=1, scheduler=None)
    reporter, volume = reporter or Reporter(), find_measured_volume(labels, settings)
    labels, scores = volume.labels, _CroppedScores(scores, volume.start)
    truth = truth.crop(labels.box.shift(volume.start))
    evidence = collect_evidence(labels, scores, truth, progress=reporter.progress("read the annotated slices", "slice"))
    if evidence is None:
        return measured + Measurements(
            notes=(
                f"no interval of the segmentation: fewer than {MIN_DOUBTFUL} annotated voxels have a score in doubt, "
                f"too "
                "few to see how errors are correlated; annotate more slices",
            )
        )
    subvolume = read_subvolume(volume)
    if subvolume is None:
        note = "no interval of the segmentation: no box of annotated voxels is large enough"
        return measured + Measurements(notes=(note,))
    calibrated = evidence.recalibration.apply(scores.read(subvolume.box))
    progress = reporter.progress("sample segmentations", "realization")
    realizations = measure_realizations(calibrated, evidence.correlation, labels, settings, progress=progress)
    uncertainty = SegmentationUncertainty(
        evidence.slices, subvolume.codes, calibrated, realizations, labels.require_voxel_size()
    )
    rows = tuple(replace(row, quantity=_with_interval(row, uncertainty, labels)) for row in measured.quantities)
    notes = measured.notes
    if not any(row.quantity.segmentation for row in rows):
        notes += (
            "no interval of the segmentation: the annotated slices are too small to say how sure their errors are; "
            "annotate more",
        )
    return replace(measured, quantities=rows, notes=notes)


def collect_evidence(
    labels: LabelVolume, scores: Scores, truth: LabelVolume, *, progress: Progress = silent
) -> Evidence | None:
    """The evidence of the annotated slices of a truth (of the labels' shape and codes); None where too few voxels are
    doubtful.

    Raises:
        LabelError: no annotated voxel in the truth.
    """
    places = _choose_annotated_slices(truth, progress)
    if not places:
        raise LabelError(f"expected annotated voxels in {truth.name}, found none; check --ignore and --slices")
    boxes = [Box((z, 0, 0), (z + 1, *truth.shape[1:])) for z in places]
    true, codes = (np.concatenate([each.read(box) for box in boxes]) for each in (truth, labels))
    stored = np.concatenate([scores.read(box) for box in boxes], axis=1)
    true = np.where(codes == NOT_ANNOTATED, np.uint8(NOT_ANNOTATED), true)
    annotated = true != NOT_ANNOTATED
    recalibration = fit_recalibration(stored[:, annotated], true[annotated])
    slices = AnnotatedSlices(recalibration.apply(stored), codes, true, labels.require_voxel_size())
    doubt = [float(np.sum(np.where(annotated, p * (1 - p), 0))) for p in slices.scores]
    phase = int(np.argmax(doubt))
    correlation = fit_correlation(slices.scores[phase], true, slices.voxel_size, phase=phase)
    return None if correlation is None else Evidence(slices, recalibration, correlation)


def measure_realizations(
    scores: NDArray[np.float32],
    correlation: ErrorCorrelation,
    labels: LabelVolume,
    settings: MeasurementOptions,
    *,
    measure: Callable[[LabelVolume], Measurements] | None = None,
    progress: Progress = silent,
) -> list[Measurements]:
    """The measurements of `settings.realizations` segmentations sampled from recalibrated scores (phases, Z Y X).

    `measure` makes them; without it, all block measurements that can have an interval of the segmentation.
    """
    size, measured = labels.require_voxel_size(), []
    measure = measure or partial(measure_uncertain_quantities, settings=settings)
    for number in range(settings.realizations):
        codes = sample_segmentation(scores, correlation, size, np.random.default_rng([settings.seed, number]))
        measured.append(measure(LabelVolume.from_array(codes, labels.phases, size, f"realization {number}")))
        progress(number + 1, settings.realizations)
    return measured


def measure_uncertain_quantities(labels: LabelVolume, settings: MeasurementOptions) -> Measurements:
    """The block measurements of wholly annotated labels of which some quantity can have an interval of the
    segmentation."""
    volume = MeasuredVolume.of_annotated(labels, settings)
    bodies = [
        member.in_blocks(volume)
        for member in MEASUREMENTS.values()
        if member.in_blocks is not None
        and member.applies(volume)
        and any(spec.segmentation_interval is not None for spec in member.quantities)
    ]
    return measure_in_blocks(labels, bodies, plan_for(labels.shape, settings), threads=settings.threads)


def _with_interval(row: Measured, uncertainty: SegmentationUncertainty, labels: LabelVolume) -> Quantity:
    """The row's quantity, with an interval of the segmentation where there can be one."""
    spec = quantity_specs().get(row.id)
    if spec is None or spec.segmentation_interval is None or not row.phase or not np.isfinite(row.quantity.value):
        return row.quantity
    interval = spec.segmentation_interval(uncertainty, row, labels.phases.code(row.phase))
    return replace(row.quantity, segmentation=interval)


def _choose_annotated_slices(truth: LabelVolume, progress: Progress) -> list[int]:
    """The slices with annotated voxels; evenly spread ones if they are too many to hold at once."""
    depth, height, width = truth.shape
    annotated = []
    for z in range(depth):
        if np.any(truth.read(Box((z, 0, 0), (z + 1, height, width))) != NOT_ANNOTATED):
            annotated.append(z)
        progress(z + 1, depth)
    most = max(1, _MAX_ANNOTATED // (height * width))
    picked = np.linspace(0, len(annotated) - 1, min(len(annotated), most)).round().astype(int)
    return [annotated[i] for i in picked]
