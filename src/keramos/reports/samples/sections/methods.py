"""A paragraph on how each sample was measured, to paste into a manuscript."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.microstructure import methods_prose
from keramos.reports.samples.content import SamplesContent
from keramos.reports.section import Section, fill

_TEMPLATE = """
{% from "parts.html.j2" import prose_section %}
<p class="quiet">For a manuscript; what stands in square brackets only you know.</p>
{% for prose in paragraphs %}
{{ prose_section(prose) }}
{% endfor %}
"""


def _render(content: SamplesContent) -> Markup | None:
    paragraphs = [
        methods_prose(sample.measurements, sample.name, sample.labels.shape, sample.labels.voxel_size)
        for sample in content.samples
        if sample.labels is not None
    ]
    shown = [prose for prose in paragraphs if prose.text]
    return fill(_TEMPLATE, paragraphs=shown) if shown else None


METHODS = Section("methods", "Methods to paste", 900, _render)
