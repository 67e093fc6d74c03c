"""The differences between the samples, in sentences."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from keramos.measurements.groups import ComparedQuantity, GroupComparison
from keramos.reports.microstructure.figures import bounds_text, scale_of
from keramos.reports.microstructure.samples_table import SampleRow
from keramos.reports.plain_words import SPACE, count
from keramos.reports.samples.group_chart import main_quantities
from keramos.reports.samples.group_table import rounded_slope
from keramos.reports.samples.group_text import difference_unit, mean_text, p_text, round_off, where_text, with_unit

T = TypeVar("T")
SINGLE = (
    "There is one sample of each: how much samples of one material differ is not known. Intervals and p-values are "
    "from the scatter within each volume alone; they are too narrow for a claim on the material. Two or three "
    "samples of each would tell."
)


def lead(rows: Sequence[SampleRow], names: Sequence[str]) -> str:
    """Sentences on the first further sample against the first: the quantities whose specification wants them told, of
    the last of two phases, and of several of those that differ by more than chance."""
    told = [row for row in rows if row.comparison == "told"]
    apart = [bool(row.differences and row.differences[0].apart) for row in told]
    chosen = _choose(told, [row.id for row in told], apart)
    return " ".join(_sentence(row, names) for row in chosen) or (
        f"{' and '.join(names)} have no quantity in common that has an interval."
    )


def _choose(rows: Sequence[T], ids: Sequence[str], apart: Sequence[bool]) -> list[T]:
    """The last row of each quantity; where there are more than two, all that stand apart, if any does."""
    chosen: list[T] = []
    for one in dict.fromkeys(ids):
        own = [number for number, id in enumerate(ids) if id == one]
        differing = [number for number in own if apart[number]] if len(own) > 2 else []
        chosen += [rows[number] for number in differing or own[-1:]]
    return chosen


def _sentence(row: SampleRow, names: Sequence[str]) -> str:
    (first, other), difference = row.samples[:2], row.differences[0]
    text = f"The {row.name} of {row.where} is {first.value} in {names[0]} and {other.value} in {names[1]}"
    if not difference.interval:
        return f"{text}."
    sure = f"{'more' if difference.apart else 'no more'} than chance within the two volumes would give"
    return f"{text}: a difference of {difference.value} [{difference.interval}], {sure}."


def lead_groups(comparison: GroupComparison) -> str:
    """Sentences on the main quantities, the first further group against the first one, or the trend: of the last of two
    phases, and of several of those that differ by more than chance."""
    main = list(main_quantities(comparison))
    chosen = _choose(main, [row.about.id for row in main], [_stands_apart(row) for row in main])
    sentences = [_trend_sentence(row, comparison) or _group_sentence(row, comparison) for row in chosen]
    tested, what = comparison.tested, "differences"
    if comparison.trends_tested:
        tested, what = comparison.trends_tested, "trends"
    is_said = tested > 1 and not (comparison.is_single and what == "differences")
    corrected = f"Corrected p-values are Holm’s, for {tested} {what}." if is_said else ""
    return " ".join(sentence for sentence in (*sentences, corrected) if sentence)


def _stands_apart(row: ComparedQuantity) -> bool:
    """Whether the interval of the trend, or of the first difference, excludes zero."""
    difference = row.differences[0].difference if row.differences else None
    bounds = row.trend.interval if row.trend is not None else None if difference is None else difference.interval
    return bounds is not None and not bounds[0] <= 0 <= bounds[1]


def _group_sentence(row: ComparedQuantity, comparison: GroupComparison) -> str:
    if not row.differences:
        return ""
    one, first = row.differences[0], next(iter(comparison.groups))
    means = [
        f"{mean_text(row.about, row.groups[name])} in {name} ({count(row.groups[name].count, 'sample')})"
        for name in (first, one.group)
    ]
    factor, _ = scale_of(row.about.id, row.about.quantity.unit)
    bounds = one.difference.interval
    half = None if bounds is None else factor * (bounds[1] - one.difference.value)
    value = with_unit(round_off(factor * one.difference.value, half, sign=True), difference_unit(row.about))
    text = f"The {_name(row)} is {means[0]} and {means[1]}: a difference of {value}"
    if bounds is None:
        return f"{text}, without any scatter to judge it by."
    between = f"[{bounds_text(factor * bounds[0], factor * bounds[1])}]"
    if one.difference.basis == "within-sample":
        return f"{text} {between} by the scatter within the two volumes alone."
    return f"{text} {between}, {_p_sentence(one.difference.p, one.p_holm)}."


def _trend_sentence(row: ComparedQuantity, comparison: GroupComparison) -> str:
    trend = row.trend
    if trend is None:
        return ""
    factor, _ = scale_of(row.about.id, row.about.quantity.unit)
    half = None if trend.interval is None else factor * (trend.interval[1] - trend.slope)
    slope = with_unit(rounded_slope(factor * trend.slope, half), difference_unit(row.about))
    text = f"Per unit of {comparison.against} the {_name(row)} changes by {slope}"
    if trend.interval is None:
        return f"{text}, without any scatter to judge it by."
    between = f"[{bounds_text(*(factor * end for end in trend.interval))}]"
    return f"{text} {between}, {_p_sentence(trend.p, row.trend_p_holm)}."


def _name(row: ComparedQuantity) -> str:
    where = where_text(row.about)
    return f"{row.about.name} of {where}" if where else row.about.name


def _p_sentence(p: float | None, p_holm: float | None) -> str:
    corrected = f" (corrected {p_text(p_holm)})" if p_holm != p else ""
    return f"p{SPACE}{_equals(p_text(p))}{corrected}"


def _equals(text: str) -> str:
    return (text if text.startswith("<") else f"= {text}").replace(" ", SPACE)
