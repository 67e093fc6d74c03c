"""The works to cite."""

from __future__ import annotations

from keramos.reports.content import PageContent
from keramos.reports.section import Section, fill

_TEMPLATE = """
{% for citation in citations %}
<p>{{ citation }}</p>
{% endfor %}
"""

CITATIONS: Section[PageContent] = Section(
    "citations",
    "How to cite",
    1200,
    lambda content: fill(_TEMPLATE, citations=content.citations) if content.citations else None,
)
