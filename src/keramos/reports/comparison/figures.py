"""Figures in the page, each also written as a PNG file for a paper."""

from __future__ import annotations

from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.picture import WIDE_FROM_INCHES, WIDE_INCHES, Draw, chart, data_uri, write_png
from keramos.reports.section import fill
from keramos.reports.theme import LIGHT

_DOTS_PER_INCH = {"page": 120, "file": 220}
_PLATE = """
<div class="plate{{ " tight" if tight else "" }}"><img src="{{ uri }}" alt="{{ alt }}"></div>
"""
_CHART = """
{% from "parts.html.j2" import chart_figure %}
{% call chart_figure(chart) %}{{ caption }}{% endcall %}
"""


def show_plate(content: ComparisonContent, name: str, figure: Figure, alt: str, *, tight: bool = False) -> Markup:
    """The HTML of a figure of pictures, on white as in a paper; written to `content.figures` as `name`.png."""
    _write(content, name, figure)
    return fill(_PLATE, uri=data_uri(figure, _DOTS_PER_INCH["page"]), alt=alt, tight=tight)


def show_chart(content: ComparisonContent, name: str, draw: Draw, alt: str, caption: str, *, panels: int = 1) -> Markup:
    """The HTML of a chart with its caption; written to `content.figures` as `name`.png, on white."""
    figure = Figure(figsize=WIDE_INCHES, layout="constrained", facecolor="white")
    draw(figure, LIGHT)
    _write(content, name, figure)
    return fill(_CHART, chart=chart(draw, alt, narrow_height=3.4 * panels), caption=caption)


def two_panels(figure: Figure) -> tuple[Axes, Axes]:
    """Two panels beside each other, or below each other on a narrow page."""
    wide = figure.get_figwidth() > WIDE_FROM_INCHES
    left, right = figure.subplots(1 if wide else 2, 2 if wide else 1, squeeze=False).flat
    return left, right


def _write(content: ComparisonContent, name: str, figure: Figure) -> None:
    if content.figures is not None:
        write_png(figure, content.figures / f"{name}.png", _DOTS_PER_INCH["file"])
