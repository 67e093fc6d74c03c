"""Findings about the raw slices."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.preparation.content import PreparationContent
from keramos.reports.section import Section, fill

_TEMPLATE = """
<ul>
{% for finding in findings %}
  <li><b>{{ finding.severity | capitalize }}</b>: {{ finding.text }}.</li>
{% endfor %}
</ul>
"""


def _render(content: PreparationContent) -> Markup | None:
    return fill(_TEMPLATE, findings=content.findings) if content.findings else None


FINDINGS = Section("findings", "Findings", 50, _render)
