"""Covariance of a phase at two places, against their distance, along z, y and x."""

from __future__ import annotations

from keramos.measurements.measured import AXES, Measurements
from keramos.reports.microstructure.panels import Line, Panel, curves_named, panels_chart, phases_of
from keramos.reports.picture import Chart


def two_point_correlation(measurements: Measurements) -> Chart | None:
    """One panel for each phase (of two the second only: theirs are the same), a line for each axis; 1 at distance 0."""
    curves = curves_named(measurements, "two-point correlation")
    phases = phases_of(curves)
    panels = []
    for phase in phases[1:] if len(phases) == 2 else phases:
        lines = tuple(
            Line(
                f"along {axis}",
                AXES.index(axis),
                [d / 1e3 for d in c.columns["distance"]],
                [v / c.columns["covariance"][0] for v in c.columns["covariance"]],
            )
            for axis in AXES
            for c in curves
            if c.phase == phase and c.axis == axis and c.columns["covariance"][0] > 0
        )
        panels.append(Panel(phase, "distance in µm", "correlation", lines, zero=True))
    return panels_chart(panels, "Correlation of each phase over distance along z, y and x")
