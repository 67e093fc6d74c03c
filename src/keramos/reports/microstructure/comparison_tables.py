"""Comparisons as the page shows them: the headline quantities, and the others folded away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keramos.reports.content import Comparison
from keramos.reports.microstructure.figures import spell_out
from keramos.reports.microstructure.samples_table import SampleRow, sample_rows


@dataclass(frozen=True, slots=True)
class ComparisonTable:
    """Rows for the samples of these names; `notes` by sample."""

    title: str
    explanation: str
    independent: bool
    names: tuple[str, ...]
    rows: tuple[SampleRow, ...]
    others: tuple[SampleRow, ...]
    notes: tuple[tuple[str, str], ...]


def comparison_tables(comparisons: Sequence[Comparison]) -> tuple[ComparisonTable, ...]:
    """The tables of those comparisons that have a quantity in common."""
    tables = (_table(comparison) for comparison in comparisons)
    return tuple(table for table in tables if table.rows or table.others)


def _table(comparison: Comparison) -> ComparisonTable:
    rows = sample_rows(comparison)
    return ComparisonTable(
        comparison.title,
        comparison.explanation,
        comparison.independent,
        tuple(name for name, _ in comparison.samples),
        tuple(row for row in rows if row.comparison != "folded"),
        tuple(row for row in rows if row.comparison == "folded"),
        tuple((name, spell_out(note)) for name, results in comparison.samples for note in results.remarks),
    )
