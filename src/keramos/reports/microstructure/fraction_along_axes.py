"""Phase fraction of the slices across z, y and x."""

from __future__ import annotations

from keramos.measurements.measured import AXES, Measurements
from keramos.reports.microstructure.panels import Line, Panel, curves_named, panels_chart, phases_of
from keramos.reports.picture import Chart


def fraction_along_axes(measurements: Measurements) -> Chart | None:
    """One panel for each axis, one line for each phase; of two phases the second only: the first is the rest."""
    curves = curves_named(measurements, "phase fraction of slices")
    phases = phases_of(curves)
    shown = phases[1:] if len(phases) == 2 else phases
    panels = []
    for axis in AXES:
        lines = tuple(
            Line(
                c.phase,
                phases.index(c.phase),
                [p / 1e3 for p in c.columns["position"]],
                [100 * f for f in c.columns["fraction"]],
            )
            for c in curves
            if c.axis == axis and c.phase in shown
        )
        panels.append(Panel(f"along {axis}", f"{axis} in µm", "% of the slice", lines, share_y=True))
    return panels_chart(panels, "Phase fraction of slices along z, y and x")
