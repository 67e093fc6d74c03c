"""Charts of measured curves, drawn as the curves' specifications say, in the order of the page."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from keramos.measurements import AXES, ChartSpec, Curve, Measurements, curve_specs
from keramos.reports.microstructure.panels import Panel, StyledLine, panels_chart
from keramos.reports.picture import Chart


@dataclass(frozen=True, slots=True)
class Titled:
    """A chart, its title, and how to read it."""

    title: str
    chart: Chart
    caption: str


def charts(measurements: Measurements) -> tuple[Titled, ...]:
    """The charts for which there are curves of at least two points."""
    drawn = []
    for id, spec in curve_specs().items():
        if spec.chart is None:
            continue
        curves = [c for c in measurements.curves if c.id == id and len(next(iter(c.columns.values()), ())) > 1]
        chart = panels_chart(list(chart_panels(spec.chart, curves)), spec.chart.alt)
        if chart is not None:
            drawn.append(Titled(spec.chart.title, chart, spec.chart.caption))
    return tuple(drawn)


def chart_panels(spec: ChartSpec, curves: Sequence[Curve]) -> Iterator[Panel]:
    """The panels of a chart of these curves; without any line where there is nothing to draw."""
    phases = list(dict.fromkeys(curve.phase for curve in curves))
    shown = phases[1:] if spec.second_of_two and len(phases) == 2 else phases
    if spec.panels == "axis":
        groups = [(axis, f"along {axis}", [c for c in curves if c.axis == axis]) for axis in AXES]
    elif spec.panels == "phase":
        groups = [("", phase, sorted((c for c in curves if c.phase == phase), key=_place)) for phase in shown]
    else:
        groups = [("", "", list(curves))]
    for axis, title, group in groups:
        lines = tuple(
            line for curve in group if curve.phase in shown for line in _style(spec, curve, phases.index(curve.phase))
        )
        x_label = spec.x_label.replace("{axis}", axis)
        yield Panel(title, x_label, spec.y_label, lines, spec.log, spec.log, spec.share_y, spec.zero)


def _style(spec: ChartSpec, curve: Curve, phase: int) -> Iterator[StyledLine]:
    """The lines of a curve: coloured by phase, or by axis where each phase has a panel; references are faint."""
    by_axis = spec.panels == "phase"
    name, colour = (f"along {curve.axis}", _place(curve)) if by_axis else (curve.phase, phase)
    for line in spec.lines(curve):
        yield StyledLine(line.name or name, -1 if line.reference else colour, line.x, line.y, line.marked)


def _place(curve: Curve) -> int:
    return AXES.index(curve.axis) if curve.axis else 0
