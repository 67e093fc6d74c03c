"""Show estimates side by side."""

from __future__ import annotations

from typing import Any

from keramos.apps.cli.console import print_facts, print_table
from keramos.estimators.cells import list_bodies, list_tables
from keramos.project.verbs.reconcile import ReconcileResult
from keramos.settings.reconcile import ReconcileSettings


def show_reconcile(settings: ReconcileSettings, result: ReconcileResult) -> dict[str, Any]:  # noqa: ARG001
    """Print a table for each phase and group, and below it which number to report."""
    print_facts([("labels", result.labels.name), ("looked at", f"box {result.box} (z y x)")])
    for table in list_tables(result.reconciliation):
        marked = zip(table.rows, table.reported, strict=True)
        print_table(
            table.title,
            table.columns,
            [[f"> {row[0]}" if reported else row[0], *row[1:]] for row, reported in marked],
        )
        print(table.sentence)
    if not result.reconciliation.rows:
        print("nothing to compare: no phase lies in the box")
    for sentence in list_bodies(result.reconciliation):
        print(sentence)
    return result.to_json()
