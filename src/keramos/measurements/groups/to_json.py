"""A comparison of groups as JSON values: every number that the page shows."""

from __future__ import annotations

from typing import Any

from keramos.measurements.groups.comparison import ComparedQuantity, GroupComparison, GroupDifference
from keramos.measurements.groups.rows import Key
from keramos.measurements.groups.scatter import LEVEL, Bounds, Scatter
from keramos.measurements.groups.trend import Trend


def comparison_to_json(comparison: GroupComparison) -> dict[str, Any]:
    """Groups, and for each compared quantity its scatter, differences and trend; None where nothing can be said."""
    series = {sample.name: sample.x for sample in comparison.samples} if comparison.against else {}
    return {
        "groups": {name: [one.name for one in samples] for name, samples in comparison.groups.items()},
        "reference": next(iter(comparison.groups), ""),
        "level": LEVEL,
        "correction": "Holm",
        "differences_tested": comparison.tested,
        "trends_tested": comparison.trends_tested,
        "series": {"name": comparison.against, "samples": series},
        "quantities": [_row(row) for row in comparison.quantities],
        "mirrored": [_key(key) for key in comparison.mirrored],
        "lacking": [_key(key) for key in comparison.lacking],
    }


def _row(row: ComparedQuantity) -> dict[str, Any]:
    return {
        **_key(row.key),
        "name": row.about.name,
        "unit": row.about.quantity.unit,
        "samples": {name: quantity.value for name, quantity in row.values.items()},
        "groups": {name: _scatter(group) for name, group in row.groups.items()},
        "sampling_share": row.sampling_share,
        "differences": [_difference(one) for one in row.differences],
        "trend": None if row.trend is None else _trend(row.trend, row.trend_p_holm),
    }


def _key(key: Key) -> dict[str, str]:
    return dict(zip(("id", "phase", "axis"), key, strict=True))


def _scatter(group: Scatter) -> dict[str, Any]:
    return {
        "samples": group.count,
        "mean": group.mean,
        "standard_deviation": group.deviation,
        "interval": _bounds(group.interval),
    }


def _difference(one: GroupDifference) -> dict[str, Any]:
    difference, effect, ratio = one.difference, one.effect, one.ratio
    return {
        "group": one.group,
        "value": difference.value,
        "basis": difference.basis,
        "interval": _bounds(difference.interval),
        "standard_error": difference.standard_error,
        "degrees_of_freedom": difference.dof,
        "p": difference.p,
        "p_holm": one.p_holm,
        "hedges_g": None if effect is None else effect.value,
        "hedges_g_interval": None if effect is None else _bounds(effect.interval),
        "ratio": None if ratio is None else ratio.value,
        "ratio_interval": None if ratio is None else _bounds(ratio.interval),
        "detectable": one.detectable,
        "detectable_with_one_more": one.detectable_with_more,
    }


def _trend(trend: Trend, p_holm: float | None) -> dict[str, Any]:
    return {
        "slope": trend.slope,
        "start": trend.start,
        "samples": trend.count,
        "interval": _bounds(trend.interval),
        "standard_error": trend.standard_error,
        "p": trend.p,
        "p_holm": p_holm,
        "detectable": trend.detectable,
        "detectable_with_one_more": trend.detectable_with_more,
    }


def _bounds(bounds: Bounds | None) -> list[float] | None:
    return None if bounds is None else [float(end) for end in bounds]
