"""Show where a page was written."""

from __future__ import annotations

from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.project.reporting import ReportResult
from keramos.settings.report import ReportSettings


def show_report(settings: ReportSettings, reported: ReportResult) -> dict[str, Any]:  # noqa: ARG001
    """Print the page's path."""
    print_facts([("report", str(reported.path))])
    return dict(reported.numbers)
