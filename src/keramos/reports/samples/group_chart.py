"""Charts of a comparison of groups: a point for each sample with its interval, and the mean of each group."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from keramos.measurements import quantity_specs
from keramos.measurements.groups import ComparedQuantity, GroupComparison
from keramos.reports.microstructure.figures import scale_of
from keramos.reports.picture import WIDE_FROM_INCHES, Chart, chart
from keramos.reports.samples.group_text import unit_of, where_text
from keramos.reports.theme import Theme, dress, label

_A_ROW = 3
_SPREAD = 0.3
"""Width over which the samples of a group are laid out, of the distance of two groups."""


def main_quantities(comparison: GroupComparison) -> tuple[ComparedQuantity, ...]:
    """The quantities that are told in sentences; all of them where none is."""
    specs = quantity_specs()
    told = [row for row in comparison.quantities if row.about.id in specs and specs[row.about.id].comparison == "told"]
    return tuple(told or comparison.quantities)


def group_charts(comparison: GroupComparison, rows: Sequence[ComparedQuantity]) -> list[Chart]:
    """Charts of these quantities, up to three beside each other."""
    return [_chart(comparison, three) for three in _batch(rows)]


def _batch(rows: Sequence[ComparedQuantity]) -> Iterator[tuple[ComparedQuantity, ...]]:
    every = iter(rows)
    while some := tuple(islice(every, _A_ROW)):
        yield some


def _chart(comparison: GroupComparison, rows: Sequence[ComparedQuantity]) -> Chart:
    def draw(figure: Figure, theme: Theme) -> None:
        wide = figure.get_figwidth() > WIDE_FROM_INCHES
        grid = figure.subplots(1 if wide else len(rows), _A_ROW if wide else 1, squeeze=False)
        for axes in grid.flat[len(rows) :]:
            axes.set_axis_off()
        for axes, row in zip(grid.flat, rows, strict=False):
            _draw(axes, row, comparison, theme)

    names = "; ".join(f"{row.about.name} {where_text(row.about)}".strip() for row in rows)
    return chart(draw, f"Samples of {', '.join(comparison.groups)}: {names}", narrow_height=0.3 + 2.6 * len(rows))


def _draw(axes: Axes, row: ComparedQuantity, comparison: GroupComparison, theme: Theme) -> None:
    dress(axes, theme)
    title = "\n".join(part for part in (row.about.name, where_text(row.about)) if part)
    axes.set_title(label(title), fontsize=10, color=theme.ink)
    axes.set_ylabel(label(unit_of(row.about)))
    if row.trend is not None:
        _draw_series(axes, row, comparison, theme)
    else:
        _draw_groups(axes, row, comparison, theme)


def _draw_groups(axes: Axes, row: ComparedQuantity, comparison: GroupComparison, theme: Theme) -> None:
    factor, _ = scale_of(row.about.id, row.about.quantity.unit)
    groups = comparison.groups
    for place, (name, samples) in enumerate(groups.items()):
        offsets = np.linspace(-_SPREAD / 2, _SPREAD / 2, len(samples)) if len(samples) > 1 else np.zeros(1)
        for offset, sample in zip(offsets, samples, strict=True):
            left = 0.0 if comparison.is_single else 0.1  # room for the mean
            _point(axes, row, sample.name, place - left + offset, factor, theme.method(place))
        group = row.groups.get(name)
        if group is not None and group.interval is not None:
            half = factor * (group.interval[1] - group.mean)
            axes.errorbar(
                place + 0.3,
                factor * group.mean,
                half,
                fmt="_",
                color=theme.ink,
                markersize=13,
                markeredgewidth=2,
                elinewidth=1.2,
                capsize=3,
                label=label(f"mean of {name}"),
            )
    axes.set_xticks(range(len(groups)), [label(_shorten(name)) for name in groups], color=theme.ink)
    axes.set_xlim(-0.6, len(groups) - 0.4)
    axes.grid(visible=False, axis="x")


def _draw_series(axes: Axes, row: ComparedQuantity, comparison: GroupComparison, theme: Theme) -> None:
    factor, _ = scale_of(row.about.id, row.about.quantity.unit)
    places = {sample.name: sample.x for sample in comparison.samples if sample.x is not None}
    colours = {name: theme.method(n) for n, name in enumerate(comparison.groups)}
    single = comparison.is_single
    for sample in comparison.samples:
        if sample.name in places:
            colour = theme.method(0) if single else colours[sample.group]
            _point(axes, row, sample.name, places[sample.name], factor, colour)
    if row.trend is not None:
        ends = np.array([min(places.values()), max(places.values())])
        axes.plot(
            ends, factor * (row.trend.start + row.trend.slope * ends), color=theme.ink, linewidth=1.3, label="trend"
        )
    axes.set_xlabel(label(comparison.against))
    axes.margins(x=0.08)


def _point(axes: Axes, row: ComparedQuantity, name: str, x: float, factor: float, colour: str) -> None:
    quantity = row.values.get(name)
    if quantity is None:
        return
    value = factor * quantity.value
    bounds = quantity.interval
    error = None
    if bounds is not None:
        error = [[max(0.0, value - factor * bounds[0])], [max(0.0, factor * bounds[1] - value)]]
    axes.errorbar(x, value, error, fmt="o", color=colour, markersize=5, elinewidth=1, alpha=0.9, label=label(name))


def _shorten(name: str) -> str:
    return name if len(name) <= 14 else f"{name[:13]}…"
