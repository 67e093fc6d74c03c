"""Spread of the phase fraction between windows, against their edge."""

from __future__ import annotations

from keramos.measurements.measured import Curve, Measurements
from keramos.reports.microstructure.panels import Line, Panel, curves_named, panels_chart, phases_of
from keramos.reports.picture import Chart


def spread_over_windows(measurements: Measurements) -> Chart | None:
    """Log-log; of two phases the second only, as both spread alike. Windows that do not differ have no logarithm."""
    curves = curves_named(measurements, "spread of the phase fraction between windows")
    phases = phases_of(curves)
    shown = phases[1:] if len(phases) == 2 else phases
    lines = [line for c in curves if c.phase in shown for line in _lines(c, phases.index(c.phase))]
    panel = Panel("", "edge of the windows in µm", "spread in % of the volume", tuple(lines), log_x=True, log_y=True)
    return panels_chart((panel,), "Spread of the phase fraction between windows against their edge, log-log")


def _lines(curve: Curve, colour: int) -> list[Line]:
    rows = [
        (e, 100 * s) for e, s in zip(curve.columns["edge"], curve.columns["standard deviation"], strict=True) if s > 0
    ]
    if len(rows) < 2:
        return []
    edges, spreads = [e for e, _ in rows], [s for _, s in rows]
    last, end = edges[-1], spreads[-1]
    slope = [end * (edge / last) ** -1.5 for edge in (edges[0], last)]
    return [
        Line(curve.phase, colour, edges, spreads, marked=True),
        Line("slope −3/2 (independent places)", -1, [edges[0], last], slope),
    ]
