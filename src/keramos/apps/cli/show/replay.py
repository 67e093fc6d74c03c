"""Show whether a replay gave the same numbers."""

from __future__ import annotations

from typing import Any

from keramos.apps.cli.console import print_facts, print_table
from keramos.project.verbs.replay import ReplayResult
from keramos.settings.replay import ReplaySettings


def show_replay(settings: ReplaySettings, result: ReplayResult) -> dict[str, Any]:
    """Print how many numbers are as they were, and those that are not."""
    same = result.compared - len(result.differences)
    facts = [("replayed", str(result.folder)), ("numbers as in the report", f"{same} of {result.compared}")]
    if result.other_inputs:
        facts.append(("not the same as then", ", ".join(result.other_inputs)))
    print_facts(facts)
    if result.differences:
        rows = [[row.id, row.phase, row.axis, _text(row.then), _text(row.now)] for row in result.differences]
        print_table(f"differ by more than {settings.tolerance:g}", ("quantity", "phase", "axis", "then", "now"), rows)
    return result.to_json()


def _text(value: float | None) -> str:
    return "-" if value is None else f"{value:.6g}"
