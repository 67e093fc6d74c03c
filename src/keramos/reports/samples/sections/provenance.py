"""The steps that made each sample's labels."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.samples.content import SamplesContent
from keramos.reports.section import Section, fill
from keramos.reports.sections.provenance import step_rows

_TEMPLATE = """
{% from "parts.html.j2" import step_table %}
<p class="quiet">The steps that made each result, first to last. Numbers are rounded here; the files hold them in
full.</p>
{% for name, steps in samples %}
<h3>{{ name }}</h3>
{{ step_table(steps) }}
{% endfor %}
"""


def _render(content: SamplesContent) -> Markup | None:
    samples = [(sample.name, step_rows(sample.steps)) for sample in content.samples if sample.steps]
    return fill(_TEMPLATE, samples=samples) if samples else None


PROVENANCE = Section("provenance", "Provenance", 1100, _render)
