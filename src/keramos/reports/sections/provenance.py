"""The provenance: the steps that made the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from keramos.reports.content import ReportContent
from keramos.reports.section import Section, fill

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class StepRow:
    """One step of the provenance."""

    verb: str
    parameters: Pairs
    inputs: Pairs
    versions: Pairs


def step_rows(steps: Sequence[Mapping[str, Any]]) -> tuple[StepRow, ...]:
    """The rows of steps as `Provenance.to_json` gives them."""
    return tuple(
        StepRow(str(step.get("verb", "")), *(_pairs(step.get(key)) for key in ("parameters", "inputs", "versions")))
        for step in steps
    )


def _pairs(values: Mapping[str, Any] | None, within: str = "") -> Pairs:
    """Names and values as text; entries of a nested mapping are prefixed with its name."""
    rows: list[tuple[str, str]] = []
    for key, value in (values or {}).items():
        name = f"{within}{key}"
        rows += _pairs(value, f"{name}: ") if isinstance(value, Mapping) else [(name, _to_text(value))]
    return tuple(rows)


def _to_text(value: object) -> str:
    """A value for reading: numbers with five digits (the files keep all), lists with commas, no JSON."""
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:.5g}"
    if isinstance(value, Mapping):
        return "; ".join(f"{name} {text}" for name, text in _pairs(value))
    return ", ".join(_to_text(item) for item in value) if isinstance(value, (list, tuple)) else str(value)


_TEMPLATE = """
{% from "parts.html.j2" import step_table %}
<p class="quiet">The steps that made the result, first to last. Numbers are rounded here; the files hold them in
full.</p>
{{ step_table(steps) }}
"""

PROVENANCE: Section[ReportContent] = Section(
    "provenance",
    "Provenance",
    1100,
    lambda content: fill(_TEMPLATE, steps=step_rows(content.steps)) if content.steps else None,
    folded=True,
)
