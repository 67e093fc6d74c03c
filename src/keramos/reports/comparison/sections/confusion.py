"""Confusion matrices over all test crops."""

from __future__ import annotations

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.section import Section
from keramos.reports.sections.confusion import ConfusionTable, show_confusions


def confusion_tables(content: ComparisonContent) -> tuple[ConfusionTable, ...]:
    """Per cent of all pixels of all crops, as in the paper's supplementary table; one table for each method."""
    tables = []
    for method in content.methods:
        counts, rows = method.crops.confusion, []
        for name, row in zip(content.phases.names, counts, strict=True):
            cells = tuple((f"{100 * n / max(1, counts.sum()):.1f}", float(n / max(1, row.sum()))) for n in row)
            rows.append((name, cells))
        tables.append(ConfusionTable(method.title, content.phases.names, tuple(rows)))
    return tuple(tables)


CONFUSION: Section[ComparisonContent] = Section(
    "confusion",
    "Confusion matrices",
    120,
    lambda content: show_confusions(confusion_tables(content), "all pixels of all test crops"),
)
