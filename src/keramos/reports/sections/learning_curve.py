"""Loss and IoU while a network learns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup
from matplotlib.figure import Figure

from keramos.reports.content import ReportContent
from keramos.reports.picture import WIDE_FROM_INCHES, Chart, chart
from keramos.reports.plain_words import join_words
from keramos.reports.robust_axes import leave_outliers_out
from keramos.reports.section import Section, fill
from keramos.reports.theme import Theme, dress, label

PANELS = {"loss": "loss", "iou": "IoU"}


def learning_curve(content: ReportContent) -> Chart | None:
    """Loss and IoU beside each other (below each other on a phone); None where no method has a curve to draw.

    Against seconds where every row that is drawn has them, else against steps.
    """
    curves = [(index, m.name, m.curve) for index, m in enumerate(content.methods) if m.curve]
    rows = [row for _, _, curve in curves for row in curve]
    time = "seconds" if rows and all(row.get("seconds") is not None for row in rows) else "step"
    panels = [key for key in PANELS if any(points(curve, time, key)[0] for _, _, curve in curves)]
    if not panels:
        return None

    def draw(figure: Figure, theme: Theme) -> None:
        wide = figure.get_figwidth() > WIDE_FROM_INCHES
        grid = figure.subplots(1 if wide else len(panels), len(panels) if wide else 1, squeeze=False)
        for axes, key in zip(grid.flat, panels, strict=True):
            dress(axes, theme)
            for index, name, curve in curves:
                x, y = points(curve, time, key)
                marker = "o" if len(x) < 30 else ""
                style: dict[str, Any] = {"marker": marker, "markersize": 3, "linewidth": 1.5}
                axes.plot(x, y, color=theme.method(index), label=label(name), **style)
            axes.set(xlabel="training time in s" if time == "seconds" else "training step", ylabel=PANELS[key])
            axes.set_xlim(left=0)
            leave_outliers_out(axes)
        grid.flat[0].legend(frameon=False, fontsize=9, labelcolor=theme.ink)

    return chart(draw, "Loss and IoU during training", narrow_height=2.4 * len(panels))


def points(curve: Sequence[Mapping[str, Any]], time: str, key: str) -> tuple[list[float], list[float]]:
    """Times and values of the rows that have both."""
    known = [(row[time], row[key]) for row in curve if row.get(time) is not None and row.get(key) is not None]
    return [float(t) for t, _ in known], [float(v) for _, v in known]


_TEMPLATE = """
{% from "parts.html.j2" import chart_figure %}
{% call chart_figure(chart) %}Loss (the error that training minimises) and IoU of {{ methods }} on the training crops.
They show whether training had converged, not how good the result is.{% endcall %}
"""


def _render(content: ReportContent) -> Markup | None:
    chart = learning_curve(content)
    if chart is None:
        return None
    return fill(_TEMPLATE, chart=chart, methods=join_words([m.name for m in content.methods if m.curve]))


def _list_figures(content: ReportContent) -> list[Chart]:
    chart = learning_curve(content)
    return [] if chart is None else [chart]


LEARNING_CURVE = Section("learning-curve", "Learning curve", 800, _render, folded=True, figures=_list_figures)
