"""Distribution of chord lengths along z, y and x."""

from __future__ import annotations

import numpy as np

from keramos.measurements.measured import AXES, Curve, Measurements
from keramos.reports.microstructure.panels import Line, Panel, curves_named, panels_chart, phases_of
from keramos.reports.picture import Chart

_BINS = 36
_SHOWN = 0.995
"""The share of chords within the panel; the few longest would leave the others no room."""


def chord_lengths(measurements: Measurements) -> Chart | None:
    """One panel for each phase, one line for each axis: chords per length, together 1."""
    curves = curves_named(measurements, "chord length distribution")
    panels = []
    for phase in phases_of(curves):
        lines = tuple(_line(c) for axis in AXES for c in curves if c.phase == phase and c.axis == axis)
        panels.append(Panel(phase, "length in µm", "chords per µm (share)", lines))
    return panels_chart(panels, "Distribution of chord lengths in each phase along z, y and x")


def _line(curve: Curve) -> Line:
    lengths, chords = np.asarray(curve.columns["length"], float), np.asarray(curve.columns["chords"], float)
    # Lengths are whole voxels: bins of a whole number of voxels hold the same number of them.
    step = float(lengths[0] if len(lengths) < 2 else np.diff(lengths).min())
    longest = lengths[min(len(lengths) - 1, int(np.searchsorted(np.cumsum(chords), _SHOWN * chords.sum())))]
    width = step * max(1, round(longest / step / _BINS))
    bins = np.arange(step / 2, longest + width + step, width)
    counts, _ = np.histogram(lengths, bins, weights=chords)
    middles, share = (bins[:-1] + bins[1:]) / 2, counts / chords.sum() / (width / 1e3)
    return Line(f"along {curve.axis}", AXES.index(curve.axis), (middles / 1e3).tolist(), share.tolist())
