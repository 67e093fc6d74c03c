"""Scores of each method against the truth, or the methods' times where there is no truth."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.content import MethodResult, ReportContent
from keramos.reports.first_screen import answer
from keramos.reports.headline import explanation, headline
from keramos.reports.plain_words import MISSING, duration, interval, percent, score
from keramos.reports.section import Section, fill
from keramos.reports.table import Cell, Row
from keramos.scoring import Evaluation

COLUMNS = ("IoU", "IoU excl. boundary", "Dice", "Precision", "Recall", "Accuracy")
TIMES = ("Training", "Segmenting")


def score_rows(content: ReportContent, phase: str | None = None) -> tuple[Row, ...]:
    """One row for each method, in the report's order, with a cell for each of `COLUMNS`, for one phase (without a name:
    the positive one). An interval that rests on few blocks ends in a dagger."""
    values = [_values(m.evaluation, phase) for m in content.methods]
    best = [max((v for v in column if v is not None), default=None) for column in zip(*values, strict=True)]
    if len(content.scored) < 2:
        best = [None] * len(COLUMNS)  # the only one is not the best of anything
    return tuple(_row(m, v, best, phase) for m, v in zip(content.methods, values, strict=True))


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


def _row(method: MethodResult, values: list[float | None], best: list[float | None], phase: str | None) -> Row:
    iou_interval = ""
    if method.evaluation is not None:
        scores = method.evaluation.positive_scores if phase is None else method.evaluation.phase(phase)
        iou_interval = interval(scores.interval.get("iou"))
        if iou_interval and method.evaluation.bootstrap.indicative:
            iou_interval += " †"
    cells = tuple(
        # What a reader sees as equal is equally good.
        Cell(score(value), iou_interval if column == "IoU" else "", score(value) == score(top) != MISSING)
        for column, value, top in zip(COLUMNS, values, best, strict=True)
    )
    return Row(method.name, cells)


def _times(method: MethodResult) -> tuple[Cell, ...]:
    return tuple(Cell(duration(s), style="time") for s in (method.seconds_train, method.seconds_segment))


def _interval_method(content: ReportContent) -> str:
    """The method by which the intervals were estimated, from the best method that has one; empty where none has."""
    for method in content.scored:
        if method.evaluation is not None and method.evaluation.positive_scores.interval.get("iou") is not None:
            return method.evaluation.bootstrap.method
    return ""


_SCORED = """
{% from "parts.html.j2" import table %}
<p>{{ sentences | join(" ") }}</p>
<p class="quiet">Scores of {{ phase }}.{% if scores | length > 1 %} The best of each column is marked.{% endif %}</p>
{{ table(columns + times, scores, small="95 % interval") }}
{% for name, rows in others %}
<p class="quiet">Scores of {{ name }}.</p>
{{ table(columns[:-1], rows, small="95 % interval") }}
{% endfor %}
<p class="quiet"><b>IoU</b> (intersection over union): of all voxels that the method or the truth assigns to {{ phase
}}, the share that both do. <b>Precision</b>: share of the voxels assigned to {{ phase }} that truly are {{ phase }}.
<b>Recall</b>: share of the true {{ phase }} that the method finds. <b>Dice</b>: harmonic mean of precision and
recall. <b>Accuracy</b>: share of all voxels with the right phase. 1 is perfect.</p>
{% if boundary %}
<p class="quiet"><b>IoU excl. boundary</b> leaves out a band of one pixel on both sides of the true boundary, where
hand-drawn labels are themselves uncertain. Share of all errors in that band: {% for name, share in boundary %}{{ name
}} {{ share }}{{ "; " if not loop.last else "." }}{% endfor %}</p>
{% endif %}
{% if intervals %}
<p class="quiet"><b>95&nbsp;% interval</b>: {{ intervals }}.{% if indicative %} † Indicative only: it is based on few
blocks.{% endif %}</p>
{% endif %}
"""
_UNSCORED = """
{% from "parts.html.j2" import table %}
<p class="quiet">No truth was given, so there are no scores.</p>
{{ table(times, rows, class="short") }}
"""
_NOTES = """
{% for method in methods if method.note %}
<p class="quiet"><b>{{ method.name }}:</b> {{ method.note }}</p>
{% endfor %}
"""


def _sentences(content: ReportContent) -> list[str]:
    """The best method's IoU, unless the head of the page says it, and what it rests on."""
    first = headline(content)
    return [*([] if answer(content) == first else [first]), *explanation(content)]


def _render(content: ReportContent) -> Markup | None:
    if not content.methods:
        return None
    notes = fill(_NOTES, methods=content.methods)
    if not content.scored or content.phases is None:
        timed = [method for method in content.methods if method.seconds_train or method.seconds_segment]
        times = [Row(method.name, _times(method)) for method in timed]
        if not times:
            return notes if any(method.note for method in content.methods) else None
        return fill(_UNSCORED, times=TIMES, rows=times) + notes
    names, positive = content.phases.names, content.phases.positive
    rows = score_rows(content)
    others = [name for code, name in enumerate(names) if len(names) > 2 and code != positive]
    scored = fill(
        _SCORED,
        sentences=_sentences(content),
        phase=names[positive],
        columns=COLUMNS,
        times=TIMES,
        scores=[Row(row.name, row.cells + _times(m)) for row, m in zip(rows, content.methods, strict=True)],
        # Accuracy and times are those of all phases: only the first table has them.
        others=[(name, [Row(r.name, r.cells[:-1]) for r in score_rows(content, name)]) for name in others],
        boundary=boundary_shares(content),
        intervals=_interval_method(content),
        indicative=any("†" in row.cells[0].interval for row in rows),
    )
    return scored + notes


SCORES = Section("scores", lambda content: "Scores" if content.scored else "Time taken", 100, _render)
