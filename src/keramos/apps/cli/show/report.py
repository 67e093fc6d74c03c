"""Show where a page was written."""

from __future__ import annotations

from typing import Any

from keramos.apps.cli.comparison import print_comparison
from keramos.apps.cli.console import print_facts
from keramos.project.reporting import ReportResult
from keramos.settings.report import ReportSettings


def show_report(settings: ReportSettings, reported: ReportResult) -> dict[str, Any]:
    """Print the differences or trends of groups, and the paths of the page and of tables."""
    comparison = reported.comparison
    if comparison is not None:
        print_comparison(comparison)
    print_facts([("report", str(reported.path))])
    if settings.tables is not None:
        print_facts([("tables", str(settings.tables))])
    return dict(reported.numbers)
