"""The comparison of groups as rows of text: a table for each group against the first, and one of trends."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.measurements.groups import ComparedQuantity, GroupComparison, GroupDifference, Trend
from keramos.measurements.groups.effect_size import EffectSize
from keramos.measurements.groups.scatter import Bounds
from keramos.reports.microstructure.figures import bound_number, bounds_text, number, scale_of
from keramos.reports.plain_words import MISSING, count
from keramos.reports.samples.group_text import (
    difference_unit,
    interval_or_half,
    mean_text,
    p_text,
    plus_minus,
    round_off,
    where_text,
    with_unit,
)

SURE = 0.05
_BASIS = {"shared-scatter": "scatter of one group", "within-sample": "within the samples alone", "none": "no scatter"}


@dataclass(frozen=True, slots=True)
class GroupCell:
    """A text, further small lines below it, and whether the groups differ for sure."""

    text: str
    small: tuple[str, ...] = ()
    apart: bool = False


@dataclass(frozen=True, slots=True)
class GroupRow:
    """A quantity and its cells."""

    name: str
    where: str
    cells: tuple[GroupCell, ...]


@dataclass(frozen=True, slots=True)
class GroupTable:
    """A table with a heading of its own."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[GroupRow, ...]


def group_tables(comparison: GroupComparison) -> tuple[GroupTable, ...]:
    """One table for each further group; the table of trends where there is a series."""
    first, *others = comparison.groups
    tables = [_against_first(comparison, first, other) for other in others]
    return tuple(table for table in (*tables, _trends(comparison)) if table.rows)


def _against_first(comparison: GroupComparison, first: str, other: str) -> GroupTable:
    rows = [
        GroupRow(row.about.name, where_text(row.about), _cells(comparison, row, first, one))
        for row in comparison.quantities
        for one in row.differences
        if one.group == other
    ]
    tested = ("p",) if comparison.is_single else ("Hedges’ g", "p", "detectable")
    columns = (first, other, f"{other} − {first}", *tested)
    return GroupTable(f"{other} against {first}", columns, tuple(rows))


def _cells(
    comparison: GroupComparison, row: ComparedQuantity, first: str, one: GroupDifference
) -> tuple[GroupCell, ...]:
    means = [_mean(comparison, row, name) for name in (first, one.group)]
    difference = _difference(row, one)
    p = GroupCell(p_text(one.difference.p), () if one.p_holm is None else (f"Holm: {p_text(one.p_holm)}",))
    if comparison.is_single:
        return (*means, difference, p)
    effect, _, bounds = (MISSING if one.effect is None else effect_text(one.effect)).partition(" ")
    found = GroupCell(effect, (bounds,) if bounds else ())
    return (*means, difference, found, p, _detectable(row, one))


def effect_text(effect: EffectSize) -> str:
    """Hedges' g, and its interval in brackets."""
    if effect.interval is None:
        return number(effect.value, digits=3)
    half = (effect.interval[1] - effect.interval[0]) / 2
    return f"{round_off(effect.value, half)} {_bounds(effect.interval)}"


def _mean(comparison: GroupComparison, row: ComparedQuantity, name: str) -> GroupCell:
    group, (factor, unit) = row.groups[name], scale_of(row.about.id, row.about.quantity.unit)
    if group.deviation is None:
        return GroupCell(with_unit(_single_value(comparison, row, name), unit), ("n = 1",))
    return GroupCell(
        mean_text(row.about, group), (f"n = {group.count}, SD {number(factor * group.deviation, digits=2)}",)
    )


def _difference(row: ComparedQuantity, one: GroupDifference) -> GroupCell:
    factor, _ = scale_of(row.about.id, row.about.quantity.unit)
    difference = one.difference
    half = None if difference.interval is None else factor * (difference.interval[1] - difference.value)
    small = [_bounds(difference.interval, factor)] if difference.interval else []
    small += [f"× {_ratio(one)}"] if one.ratio is not None and row.about.quantity.unit != "degree" else []
    small += [_BASIS[difference.basis]] if difference.basis in _BASIS else []
    text = round_off(factor * difference.value, half, sign=True)
    apart = one.p_holm is not None and one.p_holm < SURE and difference.basis != "within-sample"
    return GroupCell(with_unit(text, difference_unit(row.about)), tuple(small), apart)


def _ratio(one: GroupDifference) -> str:
    if one.ratio is None:
        return ""
    bounds = one.ratio.interval
    if bounds is None:
        return number(one.ratio.value, digits=3)
    # More than three decimals of a ratio near one are of no use.
    return f"{round_off(one.ratio.value, max((bounds[1] - bounds[0]) / 2, 0.01))} [{bounds[0]:.3g}–{bounds[1]:.3g}]"


def _bounds(bounds: Bounds, factor: float = 1.0) -> str:
    return f"[{bounds_text(factor * bounds[0], factor * bounds[1])}]"


def _detectable(row: ComparedQuantity, one: GroupDifference) -> GroupCell:
    if one.detectable is None:
        return GroupCell(MISSING)
    factor, _ = scale_of(row.about.id, row.about.quantity.unit)
    unit = difference_unit(row.about)
    small = [] if one.detectable_with_more is None else [f"one more each: {_two(factor * one.detectable_with_more)}"]
    if row.sampling_share is not None:
        small.append(f"{100 * row.sampling_share:.0f} % from small volumes")
    return GroupCell(with_unit(_two(factor * one.detectable), unit), tuple(small))


def _two(value: float) -> str:
    return number(value, digits=2)


def _trends(comparison: GroupComparison) -> GroupTable:
    rows = [
        GroupRow(row.about.name, where_text(row.about), _trend_cells(row, row.trend))
        for row in comparison.quantities
        if row.trend is not None
    ]
    columns = ("samples", f"slope per unit of {comparison.against}", "p", "detectable")
    return GroupTable(f"Trend with {comparison.against}", columns, tuple(rows))


def _trend_cells(row: ComparedQuantity, trend: Trend) -> tuple[GroupCell, ...]:
    factor, _ = scale_of(row.about.id, row.about.quantity.unit)
    unit = difference_unit(row.about)
    bounds = trend.interval
    half = None if bounds is None else factor * (bounds[1] - trend.slope)
    slope = with_unit(rounded_slope(factor * trend.slope, half), unit)
    apart = row.trend_p_holm is not None and row.trend_p_holm < SURE
    small = ("no sample is off the line",) if bounds is None else (_bounds(bounds, factor),)
    more = trend.detectable_with_more
    detectable = MISSING if trend.detectable is None else with_unit(_two(factor * trend.detectable), unit)
    later = () if more is None else (f"one more each: {_two(factor * more)}",)
    return (
        GroupCell(str(trend.count)),
        GroupCell(slope, small, apart),
        GroupCell(p_text(trend.p), () if row.trend_p_holm is None else (f"Holm: {p_text(row.trend_p_holm)}",)),
        GroupCell(detectable, later),
    )


def rounded_slope(value: float, half: float | None) -> str:
    """A slope with its sign; three digits where its uncertainty would need too many decimals."""
    return round_off(value, half, sign=True) if half is None or half > 1e-5 else number(value, digits=3, sign=True)


def describe_groups(comparison: GroupComparison) -> str:
    """The groups with their samples, in a sentence.

    Example: `fresh: fresh1, fresh2; aged: aged1, aged2.`
    """
    parts = [
        f"{name} ({count(len(samples), 'sample')}): {', '.join(one.name for one in samples)}"
        if len(samples) > 1 or samples[0].name != name
        else name
        for name, samples in comparison.groups.items()
    ]
    return f"{'; '.join(parts)}."


def sample_value(row: ComparedQuantity, name: str) -> str:
    """A sample's value with its own interval, without its unit; a dash where it has none."""
    quantity = row.values.get(name)
    if quantity is None:
        return MISSING
    factor, unit = scale_of(row.about.id, quantity.unit)
    bounds, value = quantity.interval, factor * quantity.value
    text = interval_or_half(value, None if bounds is None else (factor * bounds[0], factor * bounds[1]))
    return bound_number(text, value, unit)


def group_value(comparison: GroupComparison, row: ComparedQuantity, name: str) -> str:
    """A group's mean with its interval and the number of samples, without its unit."""
    group = row.groups.get(name)
    if group is None:
        return MISSING
    factor, _ = scale_of(row.about.id, row.about.quantity.unit)
    if group.deviation is None:
        return f"{_single_value(comparison, row, name)} (n = 1)"
    half = None if group.interval is None else factor * (group.interval[1] - group.mean)
    return f"{plus_minus(factor * group.mean, half)} (n = {group.count})"


def _single_value(comparison: GroupComparison, row: ComparedQuantity, group: str) -> str:
    """The value of the only sample of a group that has one, with the sample's own interval."""
    return sample_value(row, next(one.name for one in comparison.groups[group] if one.name in row.values))
