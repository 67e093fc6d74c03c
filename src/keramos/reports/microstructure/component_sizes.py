"""How many components of each phase are at least how large."""

from __future__ import annotations

import numpy as np

from keramos.measurements.measured import Curve, Measurements
from keramos.reports.microstructure.panels import Line, Panel, curves_named, panels_chart, phases_of
from keramos.reports.picture import Chart


def component_sizes(measurements: Measurements) -> Chart | None:
    """One line for each phase, log-log, against the diameter of the ball of a component's volume."""
    curves = curves_named(measurements, "component sizes")
    phases = phases_of(curves)
    lines = tuple(_line(curve, phases.index(curve.phase)) for curve in curves)
    panel = Panel("", "diameter of the ball of that volume in µm", "components as large or larger", lines, True, True)
    return panels_chart((panel,), "Number of components of each phase against their size, log-log")


def _line(curve: Curve, colour: int) -> Line:
    volumes, counts = (np.asarray(curve.columns[name], float) for name in ("volume", "components"))
    order = np.argsort(volumes)
    at_least = np.cumsum(counts[order][::-1])[::-1]
    diameters = np.cbrt(6 * volumes[order] / np.pi) / 1e3
    return Line(curve.phase, colour, diameters.tolist(), at_least.tolist(), marked=len(volumes) < 40)
