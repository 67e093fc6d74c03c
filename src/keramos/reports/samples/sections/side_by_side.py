"""The quantities of all samples side by side."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.content import Comparison
from keramos.reports.microstructure import comparison_tables
from keramos.reports.samples.content import SamplesContent
from keramos.reports.section import Section, fill

_TEMPLATE = """
{% from "parts.html.j2" import comparison_section %}
<p class="quiet">In brackets the 95&nbsp;% interval of the material, if a volume is a typical sample of it; errors of
the segmentation are not included.</p>
{% for table in tables %}
{{ comparison_section(table) }}
{% endfor %}
"""
_SAME_VOLUME = (
    "These are segmentations of the same images: what differs is the segmentation, not the material, so the "
    "differences have no intervals."
)


def compare_samples(content: SamplesContent) -> Comparison:
    """All samples beside each other."""
    return Comparison(
        "Side by side",
        tuple((sample.name, sample.measurements) for sample in content.samples),
        independent=not content.same_volume,
        explanation=_SAME_VOLUME if content.same_volume else "",
    )


def _render(content: SamplesContent) -> Markup:
    return fill(_TEMPLATE, tables=comparison_tables((compare_samples(content),)))


SIDE_BY_SIDE = Section("side-by-side", "Microstructure", 200, _render)
