"""The quantities of all samples side by side."""

from __future__ import annotations

from markupsafe import Markup

from keramos.measurements.groups import GroupComparison
from keramos.reports.content import Comparison
from keramos.reports.microstructure import comparison_tables
from keramos.reports.microstructure.samples_table import SampleRow, sample_rows
from keramos.reports.samples.content import SamplesContent
from keramos.reports.section import Section, fill
from keramos.reports.table import Cell, Row

_TEMPLATE = """
{% from "parts.html.j2" import comparison_section %}
<p class="quiet">In brackets the 95&nbsp;% interval of the material, if a volume is a typical sample of it; errors of
the segmentation are not included.</p>
{% for table in tables %}
{{ comparison_section(table) }}
{% endfor %}
"""
_VALUES = """
{% from "parts.html.j2" import table %}
<p class="quiet">Every sample by itself; below a value the 95&nbsp;% interval of how typical the volume is of its
sample. Errors of the segmentation are not included.</p>
{{ table(names, shown, "Quantity", class="micro samples") }}
{% if others %}
<details>
  <summary>{{ others | length }} more quantities</summary>
  {{ table(names, others, "Quantity", class="micro samples") }}
</details>
{% endif %}
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


def _values(content: SamplesContent, comparison: GroupComparison) -> Markup:
    """The values of samples that are compared in groups above: without differences from the first sample."""
    rows = sample_rows(compare_samples(content))
    shown = [row for row in rows if row.comparison != "folded"]
    return fill(
        _VALUES,
        names=[sample.name for sample in comparison.samples],
        shown=[_row(row) for row in shown],
        others=[_row(row) for row in rows if row not in shown],
    )


def _row(row: SampleRow) -> Row:
    name = f"{row.name} ({row.where})" if row.where else row.name
    return Row(name, tuple(Cell(cell.value, cell.interval) for cell in row.samples))


def _render(content: SamplesContent) -> Markup:
    if content.grouped and content.comparison is not None:
        return _values(content, content.comparison)
    return fill(_TEMPLATE, tables=comparison_tables((compare_samples(content),)))


SIDE_BY_SIDE = Section("side-by-side", "Microstructure", 200, _render)
