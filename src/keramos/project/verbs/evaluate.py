"""Score a prediction against truth."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from keramos.core import Box, Finding, LabelVolume, Triple, parse_box
from keramos.core.progress import FindingCollector, Reporter
from keramos.inspection import report_scored, report_unknown
from keramos.io import RegionMap, open_regions
from keramos.project.calibration import calibrate
from keramos.project.inputs import name_of, read_images, shape_of
from keramos.project.known_slices import find_trained_slices_of_labels
from keramos.project.label_size import check_size
from keramos.project.label_views import only_slices, place_in_stack, without_slices
from keramos.project.microstructure import score_microstructure, score_within
from keramos.project.named_labels import open_named_labels
from keramos.project.phase_matching import reconcile
from keramos.project.scores import RELIABILITY, check_scores, score_labels, score_regions, write_overlays
from keramos.project.second_annotation import score_second
from keramos.project.segmentation_facts import step_of
from keramos.project.verb import verb
from keramos.reports import write_reliability
from keramos.scoring import Evaluation
from keramos.settings.evaluate import EvaluateSettings
from keramos.settings.reading import ReadOptions


@verb(EvaluateSettings)
def evaluate(settings: EvaluateSettings, reporter: Reporter) -> Evaluation:
    """Score a prediction against truth, over all annotated voxels but those of the slices to leave out.

    Only `slices` are scored, if given; a truth of a single slice is that of the slice `slices[0]`.
    Each of the `regions` (a map of hard regions, as `phantom` writes it) is scored separately, too. Scores that
    `segment` saved beside the prediction are compared with how often it is right (`Calibration`).

    With a voxel size the microstructure of both is compared, too, and what lies within a tolerance of the outline is
    forgiven. A `second` annotation is scored in the same way: as well as that agrees a prediction can agree at most.

    Raises:
        KeramosError: its members say what does not fit: shapes, phases, an unreadable file.
    """
    collector = FindingCollector(reporter)
    prediction, truth, regions, second = _open(settings, collector)
    evaluation = _score(prediction, truth, settings, collector)
    if second is not None:
        agreement = score_second(second, truth, partial(_score, settings=settings, reporter=collector))
        evaluation = replace(evaluation, second=agreement)
    calibration = calibrate(prediction, truth, progress=collector.progress("see how the scores are calibrated"))
    evaluation = replace(evaluation, calibration=calibration)
    if regions is not None:
        progress = collector.progress("score the regions", "slice")
        evaluation = replace(evaluation, regions=score_regions(prediction, truth, regions, progress=progress))
    if settings.overlay is not None:
        _draw(settings, prediction, truth, evaluation, collector)
    for finding in (*check_scores(evaluation, truth), *_check_trained_slices(prediction, truth, evaluation)):
        collector.finding(finding)
    return replace(evaluation, findings=collector.findings)


def _score(prediction: LabelVolume, truth: LabelVolume, settings: EvaluateSettings, reporter: Reporter) -> Evaluation:
    """Overlap, scores inside the tolerance, and the microstructure unless it is not asked for."""
    evaluation = score_labels(prediction, truth, progress=reporter.progress("score"))
    progress = reporter.progress("score the outlines", "slice")
    evaluation = replace(
        evaluation, tolerance=score_within(prediction, truth, evaluation, settings.tolerance, progress)
    )
    if not settings.microstructure:
        return evaluation
    progress = reporter.progress("compare the microstructure")
    return replace(evaluation, microstructure=score_microstructure(prediction, truth, evaluation, progress=progress))


def _check_trained_slices(prediction: LabelVolume, truth: LabelVolume, evaluation: Evaluation) -> list[Finding]:
    """A finding where slices are scored that the model of the prediction was trained on, or may have been."""
    trained = find_trained_slices_of_labels(prediction)
    if trained is None:
        return [report_unknown(prediction.name, str((step_of(prediction) or {}).get("model")))]
    scored = {row.z for row in evaluation.per_slice if row.annotated_voxels}
    slices = [truth.origin[0] + z for z in trained if z in scored]
    return [report_scored(slices)] if slices else []


def _open(
    settings: EvaluateSettings, reporter: Reporter
) -> tuple[LabelVolume, LabelVolume, RegionMap | None, LabelVolume | None]:
    """Prediction, truth, regions and second annotation, cut to the same region of the stack. A prediction or a map of
    regions that has the truth's shape already is of that region."""
    options = ReadOptions.of(settings)
    everywhere = open_named_labels(settings.prediction, options.replace(ignore=None, box=None), reporter)
    depth, shape = everywhere.labels.shape[0], shape_of(settings.truth)
    single = shape[0] == 1 < depth
    _check_sizes(settings, everywhere.labels, shape)
    options = options.replace(box=None) if single else options
    given = open_named_labels(settings.truth, options, reporter)
    prediction, truth = reconcile(everywhere, given, reporter)
    second = None
    if settings.second is not None:
        check_size(name_of(settings.truth), shape, name_of(settings.second), [shape_of(settings.second)])
        second, _ = reconcile(
            open_named_labels(settings.second, options, reporter), replace(given, labels=truth), reporter
        )
        second = _place(second, settings, depth if single else None)
    truth = _place(truth, settings, depth if single else None)
    regions = None if settings.regions is None else open_regions(settings.regions)
    if settings.box is not None and prediction.shape != truth.shape:
        prediction = prediction.crop(_box(settings.box, prediction.shape))
    if settings.box is not None and regions is not None and regions.shape != truth.shape:
        regions = regions.crop(_box(settings.box, regions.shape))
    return prediction, truth, regions, second


def _place(truth: LabelVolume, settings: EvaluateSettings, depth: int | None) -> LabelVolume:
    """True labels as they are scored: some of their slices or, if `depth` is given, the one in a stack so deep."""
    if depth is not None:
        truth = place_in_stack(truth, depth, settings.slices)
    elif settings.slices is not None:
        truth = only_slices(truth, settings.slices)
    truth = without_slices(truth, settings.leave_out)
    return truth if depth is None or settings.box is None else truth.crop(_box(settings.box, truth.shape))


def _check_sizes(settings: EvaluateSettings, prediction: LabelVolume, truth: Triple) -> None:
    """FindingError unless the prediction is of all that the truth is of, or of the region to score."""
    whole = (prediction.shape[0], *truth[1:]) if truth[0] == 1 else truth
    if settings.box is None or prediction.shape != _box(settings.box, whole).shape:
        check_size(name_of(settings.truth), truth, prediction.name, [prediction.shape])


def _draw(
    settings: EvaluateSettings, prediction: LabelVolume, truth: LabelVolume, evaluation: Evaluation, reporter: Reporter
) -> None:
    """Write pictures of hits and errors, and of the calibration."""
    if settings.overlay is None:
        return
    grey = None if settings.images is None else read_images(settings.images, settings, reporter, channels=True)
    progress = reporter.progress("draw the overlays", "slice")
    write_overlays(prediction, truth, evaluation, settings.overlay, images=grey, progress=progress)
    if evaluation.calibration is not None:
        write_reliability(evaluation.calibration, settings.overlay / RELIABILITY)


def _box(box: Box | str, shape: Triple) -> Box:
    return parse_box(box, shape) if isinstance(box, str) else box
