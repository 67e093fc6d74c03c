"""Findings about the segmentations and their scores."""

from __future__ import annotations

from keramos.core import Finding
from keramos.reports.content import ReportContent
from keramos.reports.section import Section, fill


def finding_rows(content: ReportContent) -> tuple[tuple[Finding, str], ...]:
    """Each finding once, with what it is about: images and labels, or the names of methods."""
    rows: dict[Finding, list[str]] = {finding: ["images and labels"] for finding in content.findings}
    for method in content.methods:
        for finding in dict.fromkeys(method.findings):
            rows.setdefault(finding, []).append(method.name)
    return tuple((finding, ", ".join(names)) for finding, names in rows.items())


TEMPLATE = """
<ul>
{% for finding, methods in rows %}
  <li><b>{{ finding.severity | capitalize }}</b>{% if methods %}, {{ methods }}{% endif %}: {{ finding.text }}.</li>
{% endfor %}
</ul>
"""

FINDINGS: Section[ReportContent] = Section(
    "findings",
    "Findings",
    150,
    lambda content: fill(TEMPLATE, rows=rows) if (rows := finding_rows(content)) else None,
)
