"""Table 2 and Fig. 6: the fraction of the positive phase, slice by slice."""

from __future__ import annotations

from typing import Any

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.figures import show_chart
from keramos.reports.comparison.tables import TABLE_2, table_2
from keramos.reports.picture import WIDE_FROM_INCHES
from keramos.reports.section import Section, fill
from keramos.reports.theme import Theme, dress, label

_TEMPLATE = """
{% from "parts.html.j2" import table %}
{{ table(columns, rows) }}
<p class="quiet">Fraction of {{ c.positive }} in the slices of the stack. <b>Change between slices</b>: mean absolute
difference of the fractions of neighbouring slices. <b>IoU of neighbours</b>: IoU of {{ c.positive }} in neighbouring
slices; noise lowers it. The fraction of an annotated slice is that of its annotated pixels. {% for name, marks in
c.annotated.items() %}{{ name | capitalize }} slice{{ "s" if marks | length > 1 }}, annotated: {% for z, share in
marks %}z = {{ z }}, {{ "%.4f" | format(share) }}{{ "; " if not loop.last else ". " }}{% endfor %} {% endfor %}</p>
{{ chart }}
"""


def draw_fractions(content: ComparisonContent, figure: Figure, theme: Theme) -> None:
    """A line for each method that segmented the stack, and a mark for each annotated slice."""
    axes = figure.subplots()
    dress(axes, theme)
    for index, method in enumerate(content.methods):
        if len(method.fractions) < 2:
            continue
        style: dict[str, Any] = {"color": theme.method(index), "linewidth": 1.4}
        z = content.first_z + np.arange(len(method.fractions))
        axes.plot(z, 100 * np.asarray(method.fractions), label=label(method.title), **style)
    for (name, rows), marker in zip(content.annotated.items(), "os", strict=False):
        places, fractions = zip(*rows, strict=True)
        style = {"color": theme.ink, "markersize": 6, "zorder": 3, "linestyle": "none"}
        axes.plot(places, 100 * np.asarray(fractions), marker=marker, label=label(f"{name} slice, annotated"), **style)
    size = content.voxel_size if content.stack is None else content.stack.voxel_size
    axes.set_xlabel("slice z" if size is None else f"slice z ({size.z_nm:g} nm apart)")
    axes.set_ylabel(label(f"{content.positive}, % of the slice"))
    axes.margins(x=0.01)
    columns = 4 if figure.get_figwidth() > WIDE_FROM_INCHES else 2
    figure.legend(loc="outside upper left", ncols=columns, frameon=False, fontsize=9, labelcolor=theme.ink)


def _render(content: ComparisonContent) -> Markup | None:
    rows, chart = table_2(content), Markup("")
    if not rows:
        return None
    if any(len(m.fractions) > 1 for m in content.methods):
        chart = show_chart(
            content,
            "fig6-fraction",
            lambda figure, theme: draw_fractions(content, figure, theme),
            f"Share of {content.positive} in each slice, by method",
            f"Fig. 6. Share of {content.positive} in each slice of the stack.",
        )
    return fill(_TEMPLATE, c=content, columns=TABLE_2, rows=rows, chart=chart)


ALONG_STACK: Section[ComparisonContent] = Section(
    "along-stack", lambda content: f"Table 2 and Fig. 6. Fraction of {content.positive}, slice by slice", 190, _render
)
