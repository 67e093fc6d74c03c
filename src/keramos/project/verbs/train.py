"""Train a model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from keramos.core import Finding, LabelVolume, Volume, VoxelSize
from keramos.core.errors import VoxelSizeError
from keramos.core.progress import FindingCollector, Reporter, report_findings
from keramos.inspection import (
    UNPAINTED,
    check_before_work,
    find_outline_offset,
    report_missed_bodies,
    report_outline_offset,
    run_checks,
)
from keramos.learning import (
    AnnotatedSlice,
    AnnotatedSlices,
    TrainResult,
    collect_annotated,
    move_all_outlines,
    shared_voxel_size,
    train_model,
)
from keramos.learning import TrainSettings as Training
from keramos.networks import ARCHITECTURES, BUNDLED, load_checkpoint
from keramos.project.assist.training_slices import TrainingSlices, choose_grid
from keramos.project.image_label_pairs import open_pairs
from keramos.project.initial_weights import (
    InitialWeights,
    LabelFit,
    begin_afresh,
    doubt_unknown_size,
    fit_to_labels,
    resolve_initial_weights,
)
from keramos.project.training_record import TrainingRecord
from keramos.project.verb import verb
from keramos.reports import write_curve
from keramos.segmenters import half_range, planes_of, segmenter_of
from keramos.settings.reading import ReadOptions
from keramos.settings.train import AUTO, TrainSettings

_OF_LABELS = ("inverted-labels", "inverted-display", "misplaced-labels", "other-slice", "noisy-labels")
_LABELS_FIRST = "see to what was said of the labels before the training: no longer training mends them"


@verb(TrainSettings)
def train(settings: TrainSettings, reporter: Reporter) -> TrainResult:
    """Train a network on annotated slices, or choose a threshold's parameters on them, and write the model file.

    A network's learning curve is written beside the model.

    Returns:
        The model file with its card, whether the training was stopped early, and findings about labels and training.

    Raises:
        KeramosError: its members say what does not fit: shapes, phases, voxel sizes, settings, files.
    """
    collector = FindingCollector(reporter)
    reading, slices = ReadOptions.of(settings), settings.slices
    pairs = open_pairs(
        settings.images, settings.labels, slices=slices, options=reading, reporter=collector, channels=True
    )
    volumes = [volume for volume, _ in pairs]
    begin = resolve_initial_weights(settings, volumes)
    unknown = doubt_unknown_size(volumes, begin)
    report_findings([unknown] if unknown else [], collector)
    progress = collector.progress("read the annotated slices", "slice")
    grid, grids = _find_grids(pairs, settings, begin)
    data = collect_annotated(pairs, only=settings.slices, planes=_planes_for(begin.model), grid=grid, progress=progress)
    for volume in (channel for images in volumes for channel in images.channels):
        report_findings(check_before_work(volume, collector.progress("look at the slices", "slice")), collector)
    report_findings(_check_labels(data, volumes, settings), collector)
    drawn = data
    begin, data, moved_px = _prepare_start(pairs, settings, begin, data, grids, collector)
    fitted = train_model(
        data,
        _training_settings(settings, begin),
        settings.out,
        half_range=half_range(pairs[0][0]),
        start=begin.start,
        keep_stopped=settings.keep_stopped,
        rival=begin.rival,
        reporter=collector,
    )
    segmenter = None
    if fitted.card.training.curve:
        write_curve(fitted.card.training.curve, fitted.path)
        segmenter = segmenter_of(load_checkpoint(fitted.path))
    blamed = any(finding.kind in _OF_LABELS for finding in collector.findings)
    learned = data.with_planes(planes_of(fitted.card.architecture))
    for finding in run_checks("training", fitted.card, learned, segmenter):
        collector.finding(replace(finding, advice=_LABELS_FIRST) if blamed and finding.advice else finding)
    card = TrainingRecord(settings, drawn, begin, moved_px).write(fitted, collector.findings)
    return replace(fitted, card=card, findings=collector.findings)


def _planes_for(model: str) -> int:
    """Slices around each annotated one: those that a method reads, and of a network one more on both sides, so that the
    slices beside it can be decided, too."""
    return planes_of(model) + 2 * (model in ARCHITECTURES)


def _check_labels(data: AnnotatedSlices, volumes: Sequence[Volume], settings: TrainSettings) -> Sequence[Finding]:
    """Findings about the labels. Slices that nobody painted end a training for which nobody chose slices."""
    findings = run_checks("labels", data, volumes)
    fatal = [replace(one, severity="fatal") for one in findings if one.kind == UNPAINTED and settings.slices is None]
    return fatal or findings


def _prepare_start(
    pairs: Sequence[tuple[Volume, LabelVolume]],
    settings: TrainSettings,
    begin: InitialWeights,
    data: AnnotatedSlices,
    grids: Sequence[VoxelSize | None],
    reporter: Reporter,
) -> tuple[InitialWeights, AnnotatedSlices, float]:
    """The weights to begin with and the slices to learn, both ready for the training: slices at the voxel size of
    bundled weights; where nothing was asked for, the weights with the phases of the labels, or fresh ones where they do
    not know these phases; and by how many pixels outlines were moved."""
    ready = data
    if any(grids):
        some = "" if all(grids) else f"{sum(map(bool, grids))} of {len(grids)} "
        size = data.voxel_size
        reporter.note(f"{some}images and labels are resampled to {size}, the nearest that the bundled weights take")
        ready = _put_on_grid(data, pairs, grids, _planes_for(begin.model), reporter)
    if settings.from_ != AUTO or begin.start is None:
        return begin, ready, 0.0
    fit = fit_to_labels(begin.start, ready, reporter.progress("look at the labels", "pixel"))
    start = fit.model
    if fit.knows:
        report_findings(report_missed_bodies(ready, fit.scores, fit.bright), reporter)
        reporter.note("the training begins with the bundled weights, which know these phases (--from none: fresh ones)")
        # A phase that several of the labels' phases begin as has to be told apart: that takes larger steps.
        rate = begin.learning_rate if len(start.card.phases) == len(begin.start.card.phases) else None
        begin = replace(begin, start=start, rival=start, learning_rate=rate)
        return begin, *(_place_outlines(ready, fit, reporter) if settings.outlines == "image" else (ready, 0.0))
    reporter.note("the bundled weights do not know these phases: the training begins with fresh ones")
    rival = None if any(grids) or data.channels > 1 else start
    return begin_afresh(settings, rival, begin.origin), replace(data, voxel_size=shared_voxel_size(pairs)), 0.0


def _place_outlines(data: AnnotatedSlices, fit: LabelFit, reporter: Reporter) -> tuple[AnnotatedSlices, float]:
    """The slices with outlines that are all drawn to one side of those in the images moved onto them, and by how many
    pixels they were."""
    offset = find_outline_offset(data, fit.scores, fit.bright)
    if offset is None:
        return data, 0.0
    reporter.finding(report_outline_offset(offset, data.phases, fit.bright))
    return move_all_outlines(data, fit.bright, offset.pixels), offset.pixels


def _find_grids(
    pairs: Sequence[tuple[Volume, LabelVolume]], settings: TrainSettings, begin: InitialWeights
) -> tuple[VoxelSize | None, list[VoxelSize | None]]:
    """The voxel size at which bundled weights are trained further, None where no image has to be resampled to it; and
    for each image that size, or None where it is learnt as it is.

    Raises:
        VoxelSizeError: an image beside resampled ones whose voxels are too far from it.
    """
    is_bundled = begin.start is not None and str(settings.from_) in (*BUNDLED, AUTO)
    size = begin.start.card.voxel_size if begin.start is not None and is_bundled else None
    grids = [choose_grid(volume.voxel_size, size) for volume, _ in pairs]
    if size is None or not any(grids):
        return None, grids
    for (volume, _), grid in zip(pairs, grids, strict=True):
        if grid is None and volume.voxel_size is not None and not volume.voxel_size.agrees_with(size):
            raise VoxelSizeError(
                f"expected images that can be resampled to {size}, as the bundled weights are to take the first, found "
                f"{volume.voxel_size} in {volume.name}; leave it out, or train without --from"
            )
    return size, grids


def _put_on_grid(
    data: AnnotatedSlices,
    pairs: Sequence[tuple[Volume, LabelVolume]],
    grids: Sequence[VoxelSize | None],
    planes: int,
    reporter: Reporter,
) -> AnnotatedSlices:
    """The annotated slices, each image at the voxel size that is given for it, if one is; the reporter hears of those
    that are left out."""
    items: list[AnnotatedSlice] = []
    for number, ((volume, _), grid) in enumerate(zip(pairs, grids, strict=True)):
        own = [one for one in data.slices if one.pair == number]
        if grid is not None:
            drawn = {one.z - volume.origin[0]: one.codes for one in own}
            channels = [TrainingSlices(one, grid, planes).collect(drawn, data.phases).slices for one in volume.channels]
            resampled = zip(*channels, strict=True)
            own = [replace(first, others=tuple(one.seen for one in others)) for first, *others in resampled]
        items += [replace(one, pair=number) for one in own]
    if len(items) < len(data.slices):
        reporter.note(f"{len(items)} of {len(data.slices)} annotated slices are learnt, evenly spread: no more fit in")
    return replace(data, slices=tuple(items))


def _training_settings(settings: TrainSettings, begin: InitialWeights) -> Training:
    """Settings of the training loop. Fine-tuning takes smaller steps, to avoid catastrophic forgetting, and normalises
    each stack by itself if the model does."""
    training = Training.of(settings, model=begin.model, size=settings.size or begin.size)
    if begin.start is None:
        return training
    constants = begin.start.card.normalisation
    adapts = training.adapts or (constants is not None and constants.scope == "stack")
    return training.replace(adapts=adapts, learning_rate=training.learning_rate or begin.learning_rate)
