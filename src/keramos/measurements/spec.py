"""Specifications: the facts that a measurement states once about each of its quantities and curves.

Tables, charts, the methods paragraph, CSV files and the documentation read them; no other file repeats a name.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from keramos.core import Quantity
from keramos.measurements.pooling import Columns
from keramos.measurements.printed import Printed
from keramos.measurements.results import Curve, Measured

WHOLE_VOLUME = "whole volume"
"""The domain of a quantity that is measured of all annotated voxels."""
Interval = tuple[float, float]
Means = Mapping[str, float]
"""Means over subvolumes by the ids of quantities, and of the phase's `fraction`."""
Display = Literal["number", "fraction", "count"]


@dataclass(frozen=True, kw_only=True)
class QuantitySpec:
    """A quantity that a measurement gives.

    Attributes:
        id: stable, in lower case with hyphens.
        name: for readers.
        unit: `1` for a pure number.
        length_power: voxels twice as long along every axis multiply the value by two to this power.
        meaning: one sentence for a materials scientist; `{phase}` stands for the phase's name.
        method: how it is measured, in a few words.
        caveat: its bias, and what else to know.
        sources: publications to cite for the method.
        rank: its place in tables; smaller is higher.
        headline: whether it is in the table at the top of a report.
        comparison: between samples, `told` in the first sentences, `shown` in the table, or `folded` away.
        display: a fraction is shown in per cent, a count without decimals.
        low, high: what its value can be at least and at most.
        of_means: gives it from the means over several subvolumes, where the mean of its own values would contradict
            them; KeyError where one is missing. None: the mean of its own values.
        weighted: whether it is a mean over the phase, so that subvolumes count by how much of it they hold.
        has_interval: whether the spread between windows of the volume can give it an interval.
        segmentation_interval: gives its interval of the segmentation, from the uncertainty of the segmentation
            (`uncertainty.segmentation_intervals.SegmentationUncertainty`), the measured row and the phase's code.
        seen_on_slice: whether one slice estimates it.
        printed: the other programs that print it; those of its estimators (`keramos.estimators`) stand there.
    """

    id: str
    name: str
    unit: str
    length_power: int
    meaning: str
    method: str
    rank: int
    caveat: str = ""
    sources: tuple[str, ...] = ()
    headline: bool = True
    comparison: Literal["told", "shown", "folded"] = "folded"
    display: Display = "number"
    low: float = -math.inf
    high: float = math.inf
    of_means: Callable[[Means], float] | None = None
    weighted: bool = False
    has_interval: bool = False
    segmentation_interval: Callable[[Any, Measured, int], Interval | None] | None = None
    seen_on_slice: bool = False
    printed: tuple[Printed, ...] = ()

    def row(
        self,
        value: float,
        phase: str = "",
        axis: str = "",
        *,
        method: str = "",
        interval: Interval | None = None,
        domain: str = WHOLE_VOLUME,
    ) -> Measured:
        """A value of this quantity; `method` where it is told in more detail than the specification's."""
        quantity = Quantity(value, self.unit, method or self.method, interval, domain=domain)
        return Measured(self.id, self.name, quantity, phase, axis)


@dataclass(frozen=True, slots=True)
class Line:
    """One line of a chart. Without a `name` it is called by its phase or axis; a `reference` line is faint."""

    x: Sequence[float]
    y: Sequence[float]
    name: str = ""
    marked: bool = False
    reference: bool = False


@dataclass(frozen=True, kw_only=True)
class ChartSpec:
    """A chart of all curves of one kind.

    Attributes:
        title, caption, alt: its heading, how to read it, and what it shows for those who do not see it.
        x_label, y_label: with units.
        lines: gives what is drawn of one curve.
        panels: a panel for each `axis` (a line for each phase), for each `phase` (a line for each axis), or `one`.
        rank: its place on the page.
        log: whether both axes are logarithmic.
        zero: whether a faint line marks zero.
        share_y: whether all panels have the same y axis.
        second_of_two: whether of two phases only the second is drawn, because the first says the same.
    """

    title: str
    caption: str
    alt: str
    x_label: str
    y_label: str
    lines: Callable[[Curve], Sequence[Line]]
    rank: int
    panels: Literal["axis", "phase", "one"] = "one"
    log: bool = False
    zero: bool = False
    share_y: bool = False
    second_of_two: bool = False


@dataclass(frozen=True, kw_only=True)
class CurveSpec:
    """A curve that a measurement gives.

    Attributes:
        id, name, method, sources, printed: as of a quantity.
        units: of each column, in the order of the columns.
        chart: how it is drawn; None for one that is only written to files.
        pool: the columns of several subvolumes as those of one; None: there is no curve of several.
    """

    id: str
    name: str
    units: Mapping[str, str]
    method: str
    sources: tuple[str, ...] = ()
    chart: ChartSpec | None = None
    pool: Callable[[Sequence[Columns], Sequence[float]], dict[str, list[float]]] | None = None
    printed: tuple[Printed, ...] = ()

    def curve(
        self, columns: Mapping[str, Sequence[float]], phase: str = "", axis: str = "", *, method: str = ""
    ) -> Curve:
        """A curve with these columns; `method` where it is told in more detail than the specification's."""
        ordered = {name: columns[name] for name in self.units}
        return Curve(self.id, self.name, ordered, dict(self.units), method or self.method, phase, axis)
