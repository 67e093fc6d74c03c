"""All quantities and charts of each sample, one sample after the other."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.microstructure import charts, comparison_tables, full_rows, headline_groups, label_remarks
from keramos.reports.one_slice import one_slice_comparison
from keramos.reports.samples.content import Sample, SamplesContent
from keramos.reports.section import Section, fill

_TEMPLATE = """
{% from "parts.html.j2" import chart_section, comparison_section, quantity_section %}
<h2>{{ name }}</h2>
{{ quantity_section(quantities, all_quantities, notes) }}
{% for table in one_slice %}
{{ comparison_section(table) }}
{% endfor %}
{{ chart_section(charts) }}
"""


def _one(sample: Sample) -> Markup:
    measurements = sample.measurements
    compared = () if sample.one_slice is None else (one_slice_comparison(measurements, sample.one_slice),)
    return fill(
        _TEMPLATE,
        name=sample.name,
        quantities=headline_groups(measurements),
        all_quantities=full_rows(measurements),
        notes=label_remarks(measurements),
        one_slice=comparison_tables(compared, measurements),
        charts=charts(measurements),
    )


def _render(content: SamplesContent) -> Markup:
    return Markup("").join(_one(sample) for sample in content.samples)


EACH_SAMPLE = Section("each-sample", "", 300, _render)
