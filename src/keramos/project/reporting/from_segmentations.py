"""The content of a report on segmentations: each with its model, and its scores against a truth."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keramos.core import Finding, LabelVolume, Volume, parse_box
from keramos.core.progress import Progress, Reporter
from keramos.inspection import report_left_out, report_unknown
from keramos.io import open_labels, scores_beside
from keramos.networks import ModelCard
from keramos.project.known_slices import find_trained_slices_of_labels
from keramos.project.label_size import check_size, region_in_file
from keramos.project.label_views import choose_slices, paint_phases, without_slices
from keramos.project.named_labels import open_named_labels
from keramos.project.phase_matching import LabelsWithNames, reconcile
from keramos.project.reporting.findings import findings_of
from keramos.project.reporting.methods_text import describe_labels, describe_methods
from keramos.project.reporting.options import CITATIONS, ReportOptions
from keramos.project.reporting.steps import list_steps
from keramos.project.scores import check_scores, score_labels
from keramos.project.segmentation_facts import card_of, facts_of, images_of, model_of, step_of
from keramos.reports import MethodResult, ReportContent
from keramos.scoring import Evaluation


def read_segmentations(paths: Sequence[Path], options: ReportOptions, reporter: Reporter) -> ReportContent:
    opened = [open_labels(path) for path in paths]
    volume = options.images or images_of(opened[0])
    items = [
        _Segmentation(path, labels, card_of(labels), find_trained_slices_of_labels(labels, volume))
        for path, labels in zip(paths, opened, strict=True)
    ]
    content = _show(items, volume, options, reporter)
    return replace(
        content,
        title=f"Segmentation of {Path(volume.name).name}",
        facts={"Images": volume.name},
        methods_text=describe_methods(volume, items[0].labels, items[0].card),
        steps=list_steps(items[0].labels, items[0].card, options.quantities),
    )


def read_labels_alone(path: Path, options: ReportOptions, reporter: Reporter) -> ReportContent:
    """The content of a report on labels of other software; without images their phases are painted in their place."""
    given = open_named_labels(str(path), options.reading, reporter)
    labels, images = given.labels, options.images
    if labels.voxel_size is None and images is not None:
        labels = replace(labels, voxel_size=images.voxel_size)
    item = _Segmentation(path, labels, None, (), given.names_are_explicit)
    content = _show([item], images or paint_phases(labels), options, reporter)
    return replace(
        content,
        title=f"Labels {Path(labels.name).name}",
        facts={"Labels": labels.name, **({} if images is None else {"Images": images.name})},
        methods_text=describe_labels(labels),
        steps=list_steps(labels, None, options.quantities),
        has_images=images is not None,
    )


def _show(items: Sequence[_Segmentation], volume: Volume, options: ReportOptions, reporter: Reporter) -> ReportContent:
    """The content of a report on segmentations of a volume, scored where there is a truth, without words about them."""
    annotated = tuple(sorted({z for item in items for z in item.trained or ()}))
    truth, methods = None, []
    for item in items:
        evaluation, findings = None, findings_of(item.labels)
        if options.truth is not None:
            cut = _cut_alike(options.truth, item, options.slices, volume)
            labels, truth = reconcile(LabelsWithNames(item.labels, item.is_named), cut, reporter)
            evaluation = _score(labels, truth, annotated, options, reporter.progress(f"score {item.method}"))
            doubts = (*options.truth.labels.findings, *_check_trained_slices(item, annotated, truth))
            findings = (*findings, *doubts, *evaluation.findings)
        methods.append(
            MethodResult(
                _name_method(item, items),
                item.labels,
                evaluation,
                item.card.training.seconds if item.card else None,
                curve=item.card.training.curve if item.card else (),
                scores=scores_beside(item.path),
                findings=findings,
            )
        )
    return ReportContent(
        title="",
        volume=volume,
        truth=truth,
        annotated_slices=annotated,
        methods=tuple(methods),
        citations=CITATIONS,
    )


@dataclass(frozen=True, eq=False)
class _Segmentation:
    """A segmentation of a report; `trained` are the slices, counted from its first, that its model was trained on
    (None: not known); `is_named` unless the names of its phases were guessed."""

    path: Path
    labels: LabelVolume
    card: ModelCard | None
    trained: tuple[int, ...] | None
    is_named: bool = True

    @property
    def step(self) -> Mapping[str, Any]:
        return step_of(self.labels) or {}

    @property
    def method(self) -> str:
        return str(self.step.get("predictor", self.path.name))


def _score(
    labels: LabelVolume, truth: LabelVolume, annotated: Sequence[int], options: ReportOptions, progress: Progress
) -> Evaluation:
    """The scores of labels without the annotated slices, counted from the first, and those that the user leaves out."""
    seen = [truth.origin[0] + z for z in annotated if z < truth.shape[0]]
    scored = without_slices(truth, sorted({*seen, *options.leave_out}))
    evaluation = score_labels(labels, scored, progress=progress)
    return replace(evaluation, findings=tuple(check_scores(evaluation, scored)))


def _check_trained_slices(item: _Segmentation, annotated: Sequence[int], truth: LabelVolume) -> list[Finding]:
    """Findings about the slices that are not scored because a model was trained on them."""
    findings = [report_left_out([truth.origin[0] + z for z in annotated])] if annotated else []
    return (
        findings if item.trained is not None else [*findings, report_unknown(item.labels.name, model_of(item.labels))]
    )


def _name_method(item: _Segmentation, items: Sequence[_Segmentation]) -> str:
    """The name of its method, with that of its file where others have the same method."""
    same = sum(other.method == item.method for other in items)
    return item.method if same == 1 else f"{item.method} ({item.path.name})"


def _cut_alike(
    truth: LabelsWithNames, item: _Segmentation, slices: Sequence[int] | None, images: Volume
) -> LabelsWithNames:
    """The truth of a whole stack, or of one of its slices, cut to the region that was segmented and to `slices`; it has
    the segmentation's voxel size where it states none."""
    depth, facts = item.labels.shape[0], facts_of(item.labels)
    end = depth if facts is None else facts.origin[0] + depth
    box = item.step.get("box")
    whole = [region_in_file(images)[1]] if box else []
    check_size(truth.labels.name, truth.labels.shape, item.labels.name, [item.labels.shape, *whole])
    labels = choose_slices(truth.labels, end if depth > 1 else 1, slices)
    if box and labels.shape != item.labels.shape:
        labels = labels.crop(parse_box(str(box), labels.shape))
    if labels.voxel_size is None and labels.shape == item.labels.shape:
        labels = replace(labels, voxel_size=item.labels.voxel_size)
    return replace(truth, labels=labels)
