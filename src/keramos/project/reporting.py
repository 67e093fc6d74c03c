"""Gather what a report shows: from a run's record, or from segmentations and what they say of themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from keramos.core import Finding, LabelVolume, Volume, parse_box
from keramos.core.citation import DOI, PAPER
from keramos.core.errors import FormatError, MissingFileError
from keramos.core.progress import Progress, Reporter
from keramos.inspection import report_left_out, report_unknown, run_checks
from keramos.io import open_labels, open_volume, scores_beside
from keramos.measurements import Measurements
from keramos.networks import ModelCard
from keramos.project.known_slices import find_trained_slices_of_labels
from keramos.project.label_size import check_size, region_in_file
from keramos.project.label_views import choose_slices, without_slices
from keramos.project.measure import measured_now, measured_on_one_slice, measurements_for
from keramos.project.phase_matching import LabelsWithNames, reconcile
from keramos.project.quantities import read_quantities
from keramos.project.record import RECORD, MethodRecord, RunRecord, read_record
from keramos.project.scores import check_scores, score_labels
from keramos.project.segmentation_facts import (
    card_of,
    facts_of,
    images_of,
    is_segmentation,
    leave_out_said,
    load_card,
    step_of,
)
from keramos.reports import Comparison, MethodResult, ReportContent, one_slice_comparison
from keramos.scoring import Evaluation

_SAME_VOLUME = (
    "Both were measured in the same way on the same volume: what differs is the segmentation's error, which the "
    "intervals in brackets do not hold."
)

_TRUTH_OF_A_PART = "the truth was not measured beside it: it is not known in every voxel of most slices"

CITATIONS = (f"{PAPER}, doi:{DOI}",)


@dataclass(frozen=True)
class ReportResult:
    """The page that was written, its scores and times as JSON values, by method, and the findings on it."""

    path: Path
    numbers: dict[str, Any]
    findings: tuple[Finding, ...] = ()


def numbers_of(content: ReportContent) -> dict[str, Any]:
    """Scores (as `evaluate` has them; None where nothing was scored) and times of each method."""
    return {
        method.name: {
            "evaluation": None if method.evaluation is None else method.evaluation.to_json(),
            "seconds_train": method.seconds_train,
            "seconds_segment": method.seconds_segment,
        }
        for method in content.methods
    }


@dataclass(frozen=True)
class ReportOptions:
    """Further content of a report beside the segmentation: images, if they have moved; a truth, and slices (z as in its
    file) to score, if not all, and not to score; quantities that were measured before; whether to measure the
    microstructure if it was not."""

    images: Volume | None = None
    truth: LabelsWithNames | None = None
    slices: Sequence[int] | None = None
    leave_out: Sequence[int] = ()
    quantities: Path | None = None
    measure: bool = True


def gather(run: Path, options: ReportOptions, reporter: Reporter) -> ReportContent:
    """The content of a report on a run folder with a record, a segmentation, or a folder of segmentations.

    Without a record, images are found through the segmentation's provenance unless given. Slices that a model was
    trained on are not scored. Of several segmentations the best one's microstructure is measured.

    Raises:
        MissingFileError, FormatError: nothing there, or nothing to report on.
    """
    if not run.exists():
        raise MissingFileError(f"expected a run folder or a segmentation, found nothing at {run}; check the path")
    if (run / RECORD).is_file():
        return _from_record(run, read_record(run), reporter)
    stores = [path for path in (run, *sorted(run.glob("*.zarr"))) if is_segmentation(path)]
    if not stores:
        raise FormatError(
            f"expected a folder with {RECORD}, or a segmentation by Keramos, found neither in {run}; "
            "give the --out of `keramos demo` or `keramos segment`"
        )
    return _with_measurements(_from_segmentations(stores, options, reporter), stores, options, reporter)


def _from_record(folder: Path, record: RunRecord, reporter: Reporter) -> ReportContent:
    content = _content_of_record(folder, record)
    if record.quantities is None or record.measured is None:
        return content
    found = read_quantities(folder / record.quantities)
    true = None if record.truth_quantities is None else read_quantities(folder / record.truth_quantities)
    return _microstructure(content, record.measured, found, true, reporter)


def _content_of_record(folder: Path, record: RunRecord) -> ReportContent:
    methods = tuple(_recorded_method(folder, method) for method in record.methods)
    return ReportContent(
        title=record.title,
        volume=open_volume(folder / record.images),
        truth=None if record.truth is None else open_labels(folder / record.truth),
        annotated_slices=record.annotated_slices,
        methods=methods,
        facts=record.facts,
        methods_text=record.methods_text,
        citations=record.citations,
        steps=tuple(methods[-1].labels.provenance.to_json()) if methods else (),
        findings=tuple(Finding.from_json(row) for row in record.findings),
    )


def _recorded_method(folder: Path, method: MethodRecord) -> MethodResult:
    labels = open_labels(folder / method.labels)
    evaluation = None if method.evaluation is None else Evaluation.from_json(method.evaluation)
    facts = facts_of(labels)
    card = load_card(folder / method.model) if facts is None and method.model is not None else card_of(labels)
    said = facts.findings if facts else ()
    return MethodResult(
        method.name,
        labels,
        evaluation,
        method.seconds_train,
        method.seconds_segment,
        _curve(card if method.model is not None else None),
        method.note,
        scores_beside(folder / method.labels),
        (*_doubts_of_training(card, said), *said, *(evaluation.findings if evaluation else ())),
    )


@dataclass(frozen=True, eq=False)
class _Segmentation:
    """A segmentation of a report; `trained` are the slices, counted from its first, that its model was trained on
    (None: not known)."""

    path: Path
    labels: LabelVolume
    card: ModelCard | None
    trained: tuple[int, ...] | None

    @property
    def step(self) -> Mapping[str, Any]:
        return step_of(self.labels) or {}

    @property
    def method(self) -> str:
        return str(self.step["predictor"])


def _from_segmentations(paths: Sequence[Path], options: ReportOptions, reporter: Reporter) -> ReportContent:
    opened = [open_labels(path) for path in paths]
    volume = options.images or images_of(opened[0])
    items = [
        _Segmentation(path, labels, card_of(labels), find_trained_slices_of_labels(labels, volume))
        for path, labels in zip(paths, opened, strict=True)
    ]
    annotated = tuple(sorted({z for item in items for z in item.trained or ()}))
    truth, methods = None, []
    for item in items:
        evaluation, findings = None, findings_of(item.labels)
        if options.truth is not None:
            cut = _cut_alike(options.truth, item, options.slices, volume)
            labels, truth = reconcile(LabelsWithNames(item.labels, True), cut, reporter)
            evaluation = _score(labels, truth, annotated, options, reporter.progress(f"score {item.method}"))
            doubts = (*options.truth.labels.findings, *_check_trained_slices(item, annotated, truth))
            findings = (*findings, *doubts, *evaluation.findings)
        methods.append(
            MethodResult(
                _name_method(item, items),
                item.labels,
                evaluation,
                item.card.training.seconds if item.card else None,
                curve=_curve(item.card),
                scores=scores_beside(item.path),
                findings=findings,
            )
        )
    return ReportContent(
        title=f"Segmentation of {Path(volume.name).name}",
        volume=volume,
        truth=truth,
        annotated_slices=annotated,
        methods=tuple(methods),
        facts={"Images": volume.name},
        citations=CITATIONS,
        steps=tuple(opened[0].provenance.to_json()),
    )


def findings_of(labels: LabelVolume) -> tuple[Finding, ...]:
    """Doubts about labels: those of when their model was trained and of when they were segmented, and those that they
    show now."""
    facts = facts_of(labels)
    kept = () if facts is None else (*_doubts_of_training(facts.card, facts.findings), *facts.findings)
    first = 0 if facts is None else facts.origin[0]
    now = leave_out_said(run_checks("result", labels), () if facts is None else facts.findings, first)
    return tuple(dict.fromkeys((*kept, *labels.findings, *now)))


def _doubts_of_training(card: ModelCard | None, said: Sequence[Finding]) -> list[Finding]:
    """The findings of the training, without those that were said again of the images that were segmented."""
    rows = () if card is None else card.training.findings
    try:
        made = [Finding.from_json(row) for row in rows]
    except (KeyError, TypeError, ValueError):  # of another version
        return []
    again = {one.message for one in said}
    return [
        replace(one, message=f"in the training, {one.message}", slices=()) for one in made if one.message not in again
    ]


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
    return findings if item.trained is not None else [*findings, report_unknown(item.labels.name, item.step["model"])]


def _name_method(item: _Segmentation, items: Sequence[_Segmentation]) -> str:
    """The name of its method, with that of its file where others have the same method."""
    same = sum(other.method == item.method for other in items)
    return item.method if same == 1 else f"{item.method} ({item.path.name})"


def _with_measurements(
    content: ReportContent, paths: Sequence[Path], options: ReportOptions, reporter: Reporter
) -> ReportContent:
    """Measured is the best method, without scores the last; the truth, too, where it is known everywhere."""
    if not options.measure and options.quantities is None:
        return content
    best = content.scored[0] if content.scored else content.methods[-1]
    path = paths[content.methods.index(best)]
    found = measurements_for(best.labels, path, options.quantities, reporter)
    if found is None:
        return content
    if not options.measure or content.truth is None:
        return _microstructure(content, best.name, found, None, reporter)
    if not _known_everywhere(best, content):
        return _microstructure(content, best.name, found + Measurements(notes=(_TRUTH_OF_A_PART,)), None, reporter)
    return _microstructure(content, best.name, found, measured_now(content.truth, reporter, "the truth"), reporter)


def _known_everywhere(method: MethodResult, content: ReportContent) -> bool:
    """Whether every voxel of the scored slices was annotated, and there is more than one."""
    rows = [] if method.evaluation is None else [row for row in method.evaluation.per_slice if row.annotated_voxels]
    area = content.volume.shape[1] * content.volume.shape[2]
    return len(rows) > content.volume.shape[0] // 2 and all(row.annotated_voxels == area for row in rows)


def _microstructure(
    content: ReportContent, name: str, found: Measurements, true: Measurements | None, reporter: Reporter
) -> ReportContent:
    """Measurements of the method of that name, beside those of the truth, and of one slice."""
    comparisons = []
    if true is not None:
        comparisons.append(
            Comparison("Against the truth", (("Truth", true), (name, found)), False, explanation=_SAME_VOLUME)
        )
    labels = next((method.labels for method in content.methods if method.name == name), None)
    one_slice = None if labels is None else measured_on_one_slice(labels, reporter)
    if one_slice is not None:
        comparisons.append(one_slice_comparison(found, one_slice))
    return replace(content, measurements=found, measured=name, comparisons=tuple(comparisons))


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


def _curve(card: ModelCard | None) -> tuple[Mapping[str, Any], ...]:
    return () if card is None else card.training.curve
