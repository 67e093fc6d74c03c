"""Show findings about a stack and its labels."""

from __future__ import annotations

from typing import Any

from keramos.apps.cli.console import print_facts
from keramos.core import Finding
from keramos.project.verbs.check import CheckResult
from keramos.settings.check import CheckSettings


def show_check(settings: CheckSettings, result: CheckResult) -> dict[str, Any]:  # noqa: ARG001
    """Print each finding: what was seen, what it does to the numbers, what to do."""
    facts = [("stack", result.images.name)]
    for finding in result.findings:
        facts += _lines(finding)
    counts = [sum(one.severity == severity for one in result.findings) for severity in ("fatal", "warning", "note")]
    fatal, warnings, notes = counts
    said = f"{fatal} fatal, {warnings} warning{'s' * (warnings != 1)}, {notes} note{'s' * (notes != 1)}"
    print_facts([*facts, ("findings", said)])
    return result.to_json()


def _lines(finding: Finding) -> list[tuple[str, str]]:
    lines = [(finding.severity, f"{finding.kind}: {finding.message}"), ("  effect", finding.effect)]
    return lines + ([("  advice", finding.advice)] if finding.advice else [])
