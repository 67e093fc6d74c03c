"""The fraction of the positive phase that each method finds, against the truth, and slice by slice."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup

from keramos.reports.content import MethodResult, ReportContent
from keramos.reports.fraction_over_z import fraction_over_z, predict_profile
from keramos.reports.picture import Chart
from keramos.reports.plain_words import MISSING, percent, points
from keramos.reports.section import Section, fill
from keramos.reports.table import Cell, Row
from keramos.scoring import Evaluation

COLUMNS = ("All slices", "Scored voxels", "Truth there", "Difference")


def fraction_rows(content: ReportContent) -> tuple[Row, ...]:
    """Each method's fraction of the positive phase in all slices; where something was scored, also among the scored
    voxels, with the true fraction there and the difference."""
    return tuple(Row(m.name, _cells(m)[: len(COLUMNS) if content.scored else 1]) for m in content.methods)


def _cells(method: MethodResult) -> tuple[Cell, ...]:
    profile = predict_profile(method)
    # The mean over some of the slices would not be that of the volume.
    everywhere = percent(None if np.isnan(profile).any() else float(profile.mean()))
    scored = None if method.evaluation is None else _measure_scored(method.evaluation)
    if scored is None:
        return tuple(map(Cell, (everywhere, MISSING, MISSING, MISSING)))
    truth, predicted = scored
    return tuple(map(Cell, (everywhere, percent(predicted), percent(truth), points(predicted - truth))))


def _measure_scored(evaluation: Evaluation) -> tuple[float, float] | None:
    """The positive phase's true and predicted fraction of the scored voxels."""
    if not evaluation.voxels:
        return None
    code = [scores.name for scores in evaluation.phases].index(evaluation.positive)
    true, predicted = sum(evaluation.confusion[code]), sum(row[code] for row in evaluation.confusion)
    return true / evaluation.voxels, predicted / evaluation.voxels


_TEMPLATE = """
{% from "parts.html.j2" import chart_figure, table %}
{{ table(columns, rows, class="short") }}
<p class="quiet">Share of the voxels that are {{ phase }}.</p>
{% if chart %}
{% call chart_figure(chart) %}Share of {{ phase }} in each slice, by area.{% if has_truth %} A line that follows the
truth means the right fraction in every slice; one that runs parallel to it, a constant bias; one that drifts away
from the truth far from an annotated slice, a method that does not hold along the stack.{% endif %}{% endcall %}
{% endif %}
"""


def _render(content: ReportContent) -> Markup | None:
    if not content.methods:
        return None
    rows = fraction_rows(content)
    return fill(
        _TEMPLATE,
        phase=content.positive,
        columns=COLUMNS[: len(rows[0].cells)],
        rows=rows,
        chart=fraction_over_z(content),
        has_truth=content.truth is not None,
    )


def _list_figures(content: ReportContent) -> list[Chart]:
    chart = fraction_over_z(content)
    return [] if chart is None else [chart]


PHASE_FRACTION = Section(
    "phase-fraction", lambda content: f"Fraction of {content.positive}", 500, _render, figures=_list_figures
)
