"""The content of a report on a run folder, as its record states it."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from keramos.core import Finding, LabelVolume, Volume
from keramos.core.progress import Reporter
from keramos.io import open_labels, open_volume, scores_beside
from keramos.networks import ModelCard
from keramos.project.quantities import read_quantities
from keramos.project.record import MethodRecord, RunRecord
from keramos.project.reporting.findings import doubts_of_training
from keramos.project.reporting.methods_text import describe_methods
from keramos.project.reporting.microstructure import add_microstructure
from keramos.project.reporting.steps import list_steps
from keramos.project.segmentation_facts import card_of, facts_of, load_card
from keramos.reports import MethodResult, ReportContent
from keramos.scoring import Evaluation


def read_recorded(folder: Path, record: RunRecord, reporter: Reporter) -> ReportContent:
    content = _content_of_record(folder, record)
    if record.quantities is None or record.measured is None:
        return content
    measurements = read_quantities(folder / record.quantities)
    true = None if record.truth_quantities is None else read_quantities(folder / record.truth_quantities)
    return add_microstructure(content, record.measured, measurements, true, reporter)


def _content_of_record(folder: Path, record: RunRecord) -> ReportContent:
    methods = tuple(_open_method(folder, method) for method in record.methods)
    volume = open_volume(folder / record.images)
    return ReportContent(
        title=record.title,
        volume=volume,
        truth=None if record.truth is None else open_labels(folder / record.truth),
        annotated_slices=record.annotated_slices,
        methods=methods,
        facts=record.facts,
        methods_text="\n\n".join(part for part in (record.methods_text, _describe(folder, record, volume)) if part),
        citations=record.citations,
        steps=_list_steps(folder, record),
        findings=tuple(Finding.from_json(row) for row in record.findings),
    )


def _describe(folder: Path, record: RunRecord, volume: Volume) -> str:
    """Paragraphs on the labels that were measured, or on the last ones."""
    return describe_methods(volume, *_open_measured(folder, record)) if record.methods else ""


def _list_steps(folder: Path, record: RunRecord) -> tuple[Mapping[str, Any], ...]:
    """The steps that made the labels that were measured, or the last ones, and their numbers."""
    if not record.methods:
        return ()
    return list_steps(
        *_open_measured(folder, record), None if record.quantities is None else folder / record.quantities
    )


def _open_measured(folder: Path, record: RunRecord) -> tuple[LabelVolume, ModelCard | None]:
    method = next((m for m in record.methods if m.name == record.measured), record.methods[-1])
    labels = open_labels(folder / method.labels)
    known = card_of(labels)
    return labels, load_card(folder / method.model) if known is None and method.model else known


def _open_method(folder: Path, method: MethodRecord) -> MethodResult:
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
        () if card is None or method.model is None else card.training.curve,
        method.note,
        scores_beside(folder / method.labels),
        (*doubts_of_training(card, said), *said, *(evaluation.findings if evaluation else ())),
    )
