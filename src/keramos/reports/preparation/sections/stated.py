"""Facts that the microscope wrote, each with its source."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.preparation.content import PreparationContent
from keramos.reports.section import Section, fill

_TEMPLATE = """
<ul>
{% for name, value, source in rows %}
  <li><b>{{ name }}</b>: {{ value }} <span class="quiet">({{ source }})</span></li>
{% endfor %}
</ul>
"""


def _render(content: PreparationContent) -> Markup | None:
    return fill(_TEMPLATE, rows=content.stated) if content.stated else None


STATED = Section("stated", "What the microscope wrote", 500, _render)
