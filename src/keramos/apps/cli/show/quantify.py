"""Show measured quantities."""

from __future__ import annotations

import shlex
from math import isnan
from typing import Any

from keramos.apps.cli.console import print_facts, print_table
from keramos.apps.cli.quantities import print_quantities
from keramos.core.object_path import as_path
from keramos.measurements import SENSITIVITY_TABLE, Measurements, Table, list_changes
from keramos.measurements.tables import to_json
from keramos.project.quantities import BESIDE
from keramos.settings.quantify import QuantifySettings


def show_quantify(settings: QuantifySettings, measurements: Measurements) -> dict[str, Any]:
    """Print a table for each phase; the next command makes the page."""
    print_quantities(measurements)
    for table in measurements.tables:
        if table.id == SENSITIVITY_TABLE:
            _show_sensitivity(table)
    labels = str(getattr(settings.labels, "name", settings.labels))
    following = ["keramos", "report", labels]
    if settings.out is not None:
        tables = (BESIDE[table.id] for table in measurements.tables if table.id in BESIDE)
        files = ", ".join(("quantities.json", "quantities.csv", "curves.csv", *tables))
        print_facts([("written", f"{settings.out}: {files}")])
        following += ["--quantities", str(settings.out)]
    for path in (settings.table, settings.object_ids, settings.network):
        if path is not None:
            print_facts([("written", str(path))])
    numbers = to_json(measurements)
    if not as_path(labels).is_dir():  # a page is made of a segmentation by Keramos
        return numbers
    return {**numbers, "next": shlex.join([*following, "--out", "report.html"])}


def _show_sensitivity(table: Table) -> None:
    """Print by how much the main numbers change with a voxel of outline; the file has all."""
    rows = [[*row[:3], *map(_percent, row[3:])] for row in list_changes(table)]
    print_table("a voxel less, a voxel more", ("phase", "quantity", "axis", "less", "more"), rows)


def _percent(change: float) -> str:
    return "" if isnan(change) else f"{100 * change:+.1f} %"
