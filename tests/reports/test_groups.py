"""The comparison of groups on a page and in tables for a paper: whose interval, which digits, which points."""

from __future__ import annotations

import csv
import html
import io
import re
from pathlib import Path

import pytest

from keramos.core import Quantity
from keramos.measurements import Measured, Measurements
from keramos.measurements.groups import GroupComparison, GroupedSample, compare_samples
from keramos.reports.samples.content import Sample, SamplesContent
from keramos.reports.samples.group_chart import group_charts
from keramos.reports.samples.group_table import group_tables, group_value
from keramos.reports.samples.group_text import interval_or_half, plus_minus, round_off
from keramos.reports.samples.page import write_samples


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


def test_the_points_of_a_chart_have_names_and_intervals() -> None:
    """Two samples of a and their mean; one of b."""
    comparison = compared()
    (chart,) = group_charts(comparison, comparison.quantities)
    rows = {row["line"]: row for row in csv.DictReader(io.StringIO(chart.table))}
    assert chart.table.count("\n") == 1 + len(rows), "a line for each"
    assert list(rows) == ["a1", "a2", "mean of a", "b1"]
    ends = {name: [float(row[key]) for key in ("low", "y", "high")] for name, row in rows.items()}
    assert ends["a1"] == pytest.approx([29, 30, 31])
    assert ends["b1"] == pytest.approx([31, 40, 49])
    half = 12.706 * 10 / 2  # t of one degree of freedom; the standard error of 30 and 40 is 5
    assert ends["mean of a"] == pytest.approx([35 - half, 35, 35 + half], rel=1e-3)


def test_figures_of_a_page_can_be_saved_and_tables_be_reached_by_keys(tmp_path: Path) -> None:
    comparison = compared()
    samples = tuple(Sample(one.name, one.measurements) for one in comparison.samples)
    write_samples(SamplesContent("a and b", samples, comparison=comparison, grouped=True), tmp_path / "page.html")
    page = html.unescape((tmp_path / "page.html").read_text("utf-8"))
    assert "<button" in page
    assert "script-src 'unsafe-inline'" in page
    assert "button.hidden = false" in page
    assert set(re.findall(r'<div class="wide"[^>]*>', page)) == {'<div class="wide" tabindex="0">'}


@pytest.mark.parametrize(
    ("value", "half", "said"),
    [
        (28347.1, 1093.7, "28,300 ± 1,100"),
        (28347.1, 109.37, "28,350 ± 110"),
        (28347.1, 10.937, "28,347 ± 11"),
        (-28347.1, 23456.0, "−28,000 ± 23,000"),
        (40.0, 1234.0, "0 ± 1,200"),
    ],
)
def test_uncertainties_have_two_digits_however_large(value: float, half: float, said: str) -> None:
    assert plus_minus(value, half) == said


def test_large_values_beside_lopsided_intervals_and_with_signs_are_rounded_alike() -> None:
    assert round_off(-40.0, 1234.0, sign=True) == "0"
    assert round_off(28347.1, 1093.7, sign=True) == "+28,300"
    assert interval_or_half(28347.1, (27253.4, 29440.8)) == "28,300 ± 1,100"
