"""A paragraph on the methods, to paste into a manuscript."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.content import PageContent
from keramos.reports.microstructure import methods_prose
from keramos.reports.section import Section, fill

_TEMPLATE = """
{% from "parts.html.j2" import prose_section %}
<p class="quiet">For a manuscript; what stands in square brackets only you know.</p>
{% if methods_text %}
<blockquote>{{ methods_text }}</blockquote>
{% endif %}
{% if prose.text %}
{{ prose_section(prose) }}
{% endif %}
"""


def _render(content: PageContent) -> Markup | None:
    prose = methods_prose(content.measurements, content.measured, content.shape, content.voxel_size)
    if not content.methods_text and not prose.text:
        return None
    return fill(_TEMPLATE, methods_text=content.methods_text, prose=prose)


METHODS: Section[PageContent] = Section("methods", "Methods to paste", 900, _render, folded=True)
