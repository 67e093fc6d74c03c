"""The charts of what was measured, in the order of the page."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from keramos.measurements.measured import Measurements
from keramos.reports.microstructure.chord_lengths import chord_lengths
from keramos.reports.microstructure.component_sizes import component_sizes
from keramos.reports.microstructure.fraction_along_axes import fraction_along_axes
from keramos.reports.microstructure.spread_over_windows import spread_over_windows
from keramos.reports.microstructure.thickness_spread import thickness_spread
from keramos.reports.microstructure.two_point_correlation import two_point_correlation
from keramos.reports.picture import Chart


@dataclass(frozen=True, slots=True)
class Titled:
    """A chart, its title, and how to read it."""

    title: str
    chart: Chart
    caption: str


_CHARTS: tuple[tuple[str, Callable[[Measurements], Chart | None], str], ...] = (
    (
        "Phase fraction of slices along each axis",
        fraction_along_axes,
        "A flat line means that the material is the same throughout; a slope or steps mean a gradient, layers, or a "
        "segmentation that drifts.",
    ),
    (
        "Spread of the phase fraction against window size",
        spread_over_windows,
        "How much the fraction differs from window to window (standard deviation). Once windows are larger than the "
        "structure, the points follow the dashed slope −3/2, and the volume can stand for the material.",
    ),
    (
        "Chord lengths",
        chord_lengths,
        "How often a straight line along an axis runs that far in the phase; chords cut by the volume's border are "
        "left out. Lines that fall apart by axis show a directed structure, or streaks along the ion beam.",
    ),
    (
        "Correlation along each axis",
        two_point_correlation,
        "How alike the phase is at two places, over their distance: 1 at the same place, 0 where they know nothing of "
        "each other. A dip below zero shows a regular spacing.",
    ),
    (
        "Local thickness",
        thickness_spread,
        "How much of the phase is at least so wide. Where a line falls steeply, most of the phase has that width.",
    ),
    (
        "Component sizes",
        component_sizes,
        "How many separate pieces are at least so large. A long line of small pieces far from a single large one is "
        "often noise of the segmentation.",
    ),
)


def charts(measurements: Measurements) -> tuple[Titled, ...]:
    """Those for which there are curves."""
    drawn = ((title, draw(measurements), caption) for title, draw, caption in _CHARTS)
    return tuple(Titled(title, chart, caption) for title, chart, caption in drawn if chart is not None)
