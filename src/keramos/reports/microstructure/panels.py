"""Several small axes beside each other (below each other on a phone), with lines of named colours."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

from keramos.reports.picture import WIDE_FROM_INCHES, Chart, chart
from keramos.reports.robust_axes import leave_outliers_out
from keramos.reports.theme import Theme, dress, label


@dataclass(frozen=True, slots=True)
class StyledLine:
    """A line, its name in the legend, the place of its colour (-1: faint and dashed), and whether points are marked."""

    name: str
    colour: int
    x: Sequence[float]
    y: Sequence[float]
    marked: bool = False


@dataclass(frozen=True, slots=True)
class Panel:
    """Lines in one pair of axes."""

    title: str
    x_label: str
    y_label: str
    lines: tuple[StyledLine, ...]
    log_x: bool = False
    log_y: bool = False
    share_y: bool = False
    """Whether all panels of a chart have the same y axis (the first says so)."""

    zero: bool = False
    """Whether a faint line marks zero."""


def panels_chart(panels: Sequence[Panel], alt: str) -> Chart | None:
    """The chart, or None where no panel has a line."""
    drawn = [panel for panel in panels if panel.lines]
    if not drawn:
        return None

    def draw(figure: Figure, theme: Theme) -> None:
        wide = figure.get_figwidth() > WIDE_FROM_INCHES
        grid = figure.subplots(
            1 if wide else len(drawn), len(drawn) if wide else 1, squeeze=False, sharey=drawn[0].share_y
        )
        for axes, panel in zip(grid.flat, drawn, strict=True):
            _draw(axes, panel, theme)
            axes.set_ylabel(axes.get_ylabel() if not wide or axes is grid.flat[0] else "")
        named = {line.name: line.colour for panel in drawn for line in panel.lines}
        if len(named) > 1 or next(iter(named)):
            figure.legend(
                [Line2D([], [], **_style(theme, colour)) for colour in named.values()],
                [label(name) for name in named],
                loc="outside upper left",
                ncols=4 if wide else 2,
                frameon=False,
                fontsize=9,
                labelcolor=theme.ink,
            )

    return chart(draw, alt, narrow_height=0.6 + 2.4 * len(drawn))


def _draw(axes: Axes, panel: Panel, theme: Theme) -> None:
    dress(axes, theme)
    if panel.zero:
        axes.axhline(0, color=theme.faint, linewidth=0.8)
    for line in panel.lines:
        marker = "o" if line.marked else ""
        axes.plot(line.x, line.y, marker=marker, markersize=3.5, label=label(line.name), **_style(theme, line.colour))
    if not panel.log_y:
        leave_outliers_out(axes)
    axes.set(xlabel=panel.x_label, ylabel=label(panel.y_label))
    if panel.title:
        axes.set_title(label(panel.title), fontsize=10, color=theme.ink)
    if panel.log_x:
        axes.set_xscale("log")
        _plain_numbers(axes.xaxis)
    if panel.log_y:
        axes.set_yscale("log")
        _plain_numbers(axes.yaxis)
    axes.tick_params(which="minor", colors=theme.faint, length=2, labelsize=8)
    axes.margins(x=0.02)


def _plain_numbers(axis: Axis) -> None:
    """`0.5` and `20` on a logarithmic axis, not powers of ten; few enough to be read."""
    axis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,g}" if value < 1e6 else f"{value:.0e}"))
    axis.set_minor_formatter(NullFormatter())


def _style(theme: Theme, colour: int) -> dict[str, Any]:
    if colour < 0:
        return {"color": theme.faint, "linewidth": 1.2, "linestyle": (0, (4, 3))}
    return {"color": theme.method(colour), "linewidth": 1.5}
