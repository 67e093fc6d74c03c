"""Distribution of local thickness."""

from __future__ import annotations

import numpy as np

from keramos.measurements.measured import Curve, Measurements
from keramos.reports.microstructure.panels import Line, Panel, curves_named, panels_chart, phases_of
from keramos.reports.picture import Chart


def thickness_spread(measurements: Measurements) -> Chart | None:
    """One line for each phase: per cent of it that is at least so wide.

    Added up, because diameters come in steps, and classes of other widths would make a comb of them.
    """
    curves = curves_named(measurements, "local thickness")
    phases = phases_of(curves)
    lines = tuple(_line(curve, phases.index(curve.phase)) for curve in curves)
    panel = Panel("", "diameter in µm", "% of the phase", lines)
    return panels_chart((panel,), "Distribution of local thickness in each phase")


def _line(curve: Curve, colour: int) -> Line:
    diameters, shares = (np.asarray(curve.columns[name], float) for name in ("diameter", "share"))
    order = np.argsort(diameters)
    at_least = 100 * np.cumsum(shares[order][::-1])[::-1]
    x, y = np.append(0.0, diameters[order] / 1e3), np.append(at_least[0], at_least)
    return Line(curve.phase, colour, x.tolist(), y.tolist())
