"""Defects of imaging, and what was done about each."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.preparation.content import PreparationContent
from keramos.reports.section import Section, fill

_TEMPLATE = """
<ul>
{% for name, summary in rows %}
  <li><b>{{ name }}</b>: {{ summary }}.</li>
{% endfor %}
</ul>
"""


def _render(content: PreparationContent) -> Markup | None:
    rows = [(name.replace("_", " ").capitalize(), summary) for name, summary in content.facts["remedies"].items()]
    return fill(_TEMPLATE, rows=rows) if rows else None


REMEDIES = Section("remedies", "Brightness and streaks", 400, _render)
