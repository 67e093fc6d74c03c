"""The tables of scores and of confusions, as rows of text."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.reports.content import MethodResult, ReportContent
from keramos.reports.plain_words import MISSING, duration, interval, percent, score
from keramos.scoring import Evaluation


@dataclass(frozen=True, slots=True)
class Cell:
    """A number as text, its interval (empty without one), and whether it is the best of its column."""

    text: str
    interval: str = ""
    best: bool = False


@dataclass(frozen=True, slots=True)
class ScoreRow:
    """A method, one cell for each of `COLUMNS`, its two times, and whether its intervals are only indicative."""

    name: str
    cells: tuple[Cell, ...]
    train: str
    segment: str
    indicative: bool


@dataclass(frozen=True, slots=True)
class ConfusionTable:
    """Shares of the scored voxels: rows truth, columns prediction; each cell is (text, share of its true phase)."""

    name: str
    phases: tuple[str, ...]
    rows: tuple[tuple[str, tuple[tuple[str, float], ...]], ...]


COLUMNS = ("IoU", "IoU off the boundary", "Dice", "Precision", "Recall", "Accuracy")


def score_rows(content: ReportContent, phase: str | None = None) -> tuple[ScoreRow, ...]:
    """One row for each method, in the report's order, for one phase (the positive one of each without a name)."""
    values = [_values(m.evaluation, phase) for m in content.methods]
    best = [max((v for v in column if v is not None), default=None) for column in zip(*values, strict=True)]
    if len(content.scored) < 2:
        best = [None] * len(COLUMNS)  # the only one is not the best of anything
    return tuple(_row(m, v, best, phase) for m, v in zip(content.methods, values, strict=True))


def confusion_tables(content: ReportContent) -> tuple[ConfusionTable, ...]:
    return tuple(_confusion(m.name, m.evaluation) for m in content.methods if m.evaluation and m.evaluation.voxels)


def boundary_shares(content: ReportContent) -> tuple[tuple[str, str], ...]:
    """For each scored method, the share of its errors within a pixel of the true boundary."""
    return tuple(
        (m.name, percent(m.evaluation.boundary_band.share_of_errors))
        for m in content.methods
        if m.evaluation is not None and m.evaluation.boundary_band.share_of_errors is not None
    )


def _values(evaluation: Evaluation | None, phase: str | None) -> list[float | None]:
    if evaluation is None:
        return [None] * len(COLUMNS)
    s = evaluation.positive_scores if phase is None else evaluation.phase(phase)
    return [s.iou, s.iou_without_boundary, s.dice, s.precision, s.recall, evaluation.accuracy]


def _row(method: MethodResult, values: list[float | None], best: list[float | None], phase: str | None) -> ScoreRow:
    bounds: dict[str, str] = {}
    if method.evaluation is not None:
        s = method.evaluation.positive_scores if phase is None else method.evaluation.phase(phase)
        bounds = {"IoU": interval(s.interval.get("iou"))}
    cells = tuple(
        # What a reader sees as equal is equally good.
        Cell(score(value), bounds.get(column, ""), value is not None and score(value) == score(top))
        for column, value, top in zip(COLUMNS, values, best, strict=True)
    )
    indicative = method.evaluation is not None and method.evaluation.bootstrap.indicative and bool(bounds["IoU"])
    return ScoreRow(method.name, cells, duration(method.seconds_train), duration(method.seconds_segment), indicative)


def _confusion(name: str, evaluation: Evaluation) -> ConfusionTable:
    names = tuple(s.name for s in evaluation.phases)
    rows = []
    for phase, row in zip(names, evaluation.confusion, strict=True):
        true = sum(row)
        cells = tuple((f"{100 * n / evaluation.voxels:.1f}", n / true if true else 0.0) for n in row)
        rows.append((phase, cells if true else tuple((MISSING, 0.0) for _ in row)))
    return ConfusionTable(name, names, tuple(rows))
