"""The slices: all of them to browse (with JavaScript), and a few as still pictures."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.browser import slice_browser
from keramos.reports.content import ReportContent
from keramos.reports.embedded import embed_json
from keramos.reports.section import Section, fill
from keramos.reports.slice_plates import slice_plates
from keramos.reports.slice_rows import columns, legend, slice_rows, truth_legend

_TEMPLATE = """
{% from "parts.html.j2" import legend_list, panel_grid %}
{% include "browser.html.j2" %}
{% if truth_legend %}{{ legend_list(truth_legend, "Truth:") }}{% endif %}
{% if legend %}{{ legend_list(legend, "Methods:") }}{% endif %}
{% if not has_voxel_size %}
<p class="quiet">The voxel size is not known: pixels are drawn square and there is no scale bar.</p>
{% endif %}
{% for row in slices %}
<h3>{{ row.heading }}</h3>
{{ panel_grid(row.panels, columns) }}
{% endfor %}
<script type="application/json" id="slice-browser-data">{{ browser_json }}</script>
<script>
{% include "browser.js" %}
</script>
"""


def _render(content: ReportContent) -> Markup:
    browser = slice_browser(content)
    return fill(
        _TEMPLATE,
        browser=browser,
        browser_json=embed_json(browser.data),
        has_truth=content.truth is not None,
        has_voxel_size=content.volume.voxel_size is not None,
        truth_legend=truth_legend(content),
        legend=legend(content),
        slices=slice_rows(content),
        columns=columns(content),
    )


SLICES = Section("slices", "Slices", 170, _render, scripted=True, figures=slice_plates)
