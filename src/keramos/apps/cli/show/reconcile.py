"""Show estimates side by side."""

from __future__ import annotations

import re
from typing import Any

from keramos.apps.cli.console import print_facts, print_table
from keramos.estimators import GROUPS, Printed, Row
from keramos.project.verbs.reconcile import ReconcileResult
from keramos.settings.reconcile import ReconcileSettings

_COLUMNS = ("estimator", "value", "z y x", "bias here", "of a ball", "printed by")


def show_reconcile(settings: ReconcileSettings, result: ReconcileResult) -> dict[str, Any]:  # noqa: ARG001
    """Print a table for each phase and group, and below it which number to report."""
    print_facts([("labels", result.labels.name), ("looked at", f"box {result.box} (z y x)")])
    rows = result.reconciliation.rows
    for one in result.reconciliation.advice:
        of_it = [row for row in rows if (row.group, row.phase) == (one.group, one.phase)]
        unit = "" if of_it[0].unit == "1" else f", {of_it[0].unit}"
        cells = [_cells(row) for row in of_it]
        columns = [name for name in _COLUMNS if any(row[name] for row in cells)]
        title = f"{one.phase}: {GROUPS[one.group]}{unit}".removeprefix(": ")
        print_table(title, columns, [[row[name] for name in columns] for row in cells])
        print(one.sentence)
    if not rows:
        print("nothing to compare: no phase lies in the box")
    for phase, radius in result.reconciliation.radii_nm.items():
        print(
            f"bias here: on balls of {radius:.3g} nm radius, as wide as {phase} on the mean, in the same voxels; of "
            "surfaces on balls as wide as what lies between, where that is narrower"
        )
    return result.to_json()


def _cells(row: Row) -> dict[str, str]:
    name, value, axes, bias, ball, programs = _COLUMNS
    values = {axis: "-" if value is None else f"{value:.4g}" for axis, value in row.values.items()}
    return {
        name: f"> {row.title}" if row.report else row.title,
        value: values.get("", ""),
        axes: "" if "" in values else " ".join(values.values()),
        bias: "" if row.bias is None else f"{100 * row.bias:+.1f} %",
        ball: "" if row.of_ball is None else f"{row.of_ball:.3g}",
        programs: ", ".join(_name(one) for one in row.printed),
    }


def _name(printed: Printed) -> str:
    """The program without its version, which the JSON file has, and the factor of what it prints."""
    name = re.sub(r" [\d.]+$", "", printed.program)
    return name if printed.times == 1 else f"{name} x {printed.times:g}"
