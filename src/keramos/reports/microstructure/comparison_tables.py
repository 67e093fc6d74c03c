"""Comparisons as the page shows them: the headline quantities, and the others folded away."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from keramos.measurements import Measurements
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


def comparison_tables(
    comparisons: Sequence[Comparison], shown: Measurements | None = None
) -> tuple[ComparisonTable, ...]:
    """The tables of those comparisons that have a quantity in common.

    `shown` are measurements of the same volume that stand above them: what is said there is not said again.
    """
    tables = (_table(comparison, shown or Measurements()) for comparison in comparisons)
    return tuple(table for table in tables if table.rows or table.others)


def _table(comparison: Comparison, shown: Measurements) -> ComparisonTable:
    rows = sample_rows(comparison)
    return ComparisonTable(
        comparison.title,
        comparison.explanation,
        comparison.independent,
        tuple(name for name, _ in comparison.samples),
        tuple(row for row in rows if row.comparison != "folded"),
        tuple(row for row in rows if row.comparison == "folded"),
        _join_notes(comparison, shown),
    )


def _join_notes(comparison: Comparison, shown: Measurements) -> tuple[tuple[str, str], ...]:
    """Each remark once, with the names of the samples that it is about; of dependent samples those not shown above."""
    kinds = {finding.kind for finding in shown.findings}
    names: dict[str, list[str]] = {}
    for name, results in comparison.samples:
        said = [] if comparison.independent else shown.notes
        notes = [note for note in results.notes if note not in said]
        notes += [one.text for one in results.findings if comparison.independent or one.kind not in kinds]
        for note in notes:
            names.setdefault(note, []).append(name)
    return tuple((", ".join(those), spell_out(note)) for note, those in names.items())
