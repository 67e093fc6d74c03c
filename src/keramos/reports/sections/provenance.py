"""The provenance: the steps that made the result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from keramos.reports.content import ReportContent
from keramos.reports.embedded import embed_json
from keramos.reports.provenance_chain import chain_links
from keramos.reports.replay_record import RECORD_ID, is_replayable, make_record
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
<p class="quiet">From the images to the numbers, each step with the command that does it again{% if replayable %};
<code>keramos replay</code> with this page segments and measures anew, and compares{% endif %}.</p>
<ol class="chain">
  {% for link in links %}
  <li>
    <b>{{ link.title }}</b>
    {% for name, text in link.facts %}<span><em>{{ name }}</em> {{ text }}</span>{% endfor %}
    {% if link.command %}
    <code>
      {% for part in link.command.split(" --") %}
      <span>{{ "--" if not loop.first }}{{ part }}</span>
      {% endfor %}
    </code>
    {% endif %}
  </li>
  {% endfor %}
</ol>
<details>
<summary>All parameters, inputs and versions</summary>
<p class="quiet">Numbers are rounded here; the files hold them in full.</p>
{{ step_table(steps) }}
</details>
<script type="application/json" id="{{ id }}">{{ record }}</script>
"""


def _render(content: ReportContent) -> Markup | None:
    if not content.steps:
        return None
    return fill(
        _TEMPLATE,
        links=chain_links(content.steps),
        steps=step_rows(content.steps),
        id=RECORD_ID,
        record=embed_json(make_record(content)),
        replayable=is_replayable(content.steps),
    )


PROVENANCE: Section[ReportContent] = Section("provenance", "Provenance", 1100, _render, folded=True)
