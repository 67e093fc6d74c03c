"""Differences of groups, or trends, as tables."""

from __future__ import annotations

from collections.abc import Sequence

from keramos.apps.cli.console import print_table
from keramos.measurements.groups import GroupComparison
from keramos.reports.plain_words import SPACE
from keramos.reports.samples.paper_tables import HEAD, MARKS, PaperTable, paper_tables

_A_GROUP = 4
"""Columns for each further group: its difference, g, p and the corrected p."""


def print_comparison(comparison: GroupComparison) -> None:
    """Each further group against the first one, and trends: a line for each quantity, as in the tables for a paper."""
    groups = list(comparison.groups)
    for table in paper_tables(comparison):
        if table.name == "trends":
            _print(f"trend with {comparison.against}", table, range(len(HEAD), len(table.columns)))
        if table.name == "groups":
            first = len(HEAD) + len(groups)
            for place, other in enumerate(groups[1:]):
                own = first + _A_GROUP * place
                shown = (len(HEAD), len(HEAD) + place + 1, own, own + 2, own + 3)
                _print(f"{other} against {groups[0]}", table, shown)


def _print(title: str, table: PaperTable, shown: Sequence[int]) -> None:
    rows = []
    for name, phase, axis, unit, *_ in table.rows:
        rows.append([" ".join(part for part in (name, phase, axis) if part), unit])
    cells = [[_plain(row[n]) for n in shown] for row in table.rows]
    columns = ["quantity", "unit", *(table.columns[n] for n in shown)]
    print_table(title, columns, [[*head, *rest] for head, rest in zip(rows, cells, strict=True)])


def _plain(cell: str) -> str:
    """A cell without the number of samples and the marks, which the caption explains."""
    return cell.split(" (n = ")[0].rstrip("".join(MARKS.values()) + " ").replace(SPACE, " ")
