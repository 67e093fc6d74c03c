"""The comparison of groups on a page and in tables for a paper: whose interval, which digits, which points."""

from __future__ import annotations

from keramos.core import Quantity
from keramos.measurements import Measured, Measurements
from keramos.measurements.groups import GroupComparison, GroupedSample, compare_samples
from keramos.reports.samples.group_table import group_tables, group_value


def compared() -> GroupComparison:
    """Samples a1, a2 and b1, of which a2 and b1 have one value with other intervals."""
    rows = {"a1": (0.30, 0.01), "a2": (0.40, 0.02), "b1": (0.40, 0.09)}
    return compare_samples(
        [GroupedSample(name, name[0], Measurements((fraction(value, half),))) for name, (value, half) in rows.items()]
    )


def fraction(value: float, half: float) -> Measured:
    return Measured(
        "phase-fraction", "phase fraction", Quantity(value, "1", "counted", (value - half, value + half)), "pore"
    )


def test_a_single_sample_has_its_own_interval() -> None:
    comparison = compared()
    (table,) = group_tables(comparison)
    assert table.columns[1] == "b"
    assert table.rows[0].cells[1].text.split("\u00a0")[0] == "40.0 ± 9.0"
    assert group_value(comparison, comparison.quantities[0], "b") == "40.0 ± 9.0 (n = 1)"
