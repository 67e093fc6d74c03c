"""Error rates of each method in regions that are known to be hard."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.content import ReportContent
from keramos.reports.plain_words import MISSING, percent
from keramos.reports.section import Section, fill
from keramos.reports.table import Cell, Row


def region_methods(content: ReportContent) -> tuple[str, ...]:
    """The methods that were scored by region."""
    return tuple(m.name for m in content.methods if m.evaluation is not None and m.evaluation.regions)


def region_rows(content: ReportContent) -> tuple[Row, ...]:
    """One row for each region that has voxels: its share of what was scored, then the share of it that each method gets
    wrong."""
    scored = [m.evaluation for m in content.methods if m.evaluation is not None and m.evaluation.regions]
    rows = []
    for regions in zip(*(evaluation.regions for evaluation in scored), strict=True):
        errors = [percent(region.error) for region in regions]
        if all(error == MISSING for error in errors):
            continue
        # What a reader sees as equal is equally good; the only method has no rival.
        least = percent(min(region.error for region in regions if region.error is not None))
        cells = [Cell(error, best=error == least and len(errors) > 1) for error in errors]
        rows.append(Row(regions[0].name, (Cell(percent(regions[0].voxels / scored[0].voxels)), *cells)))
    return tuple(rows)


_TEMPLATE = """
{% from "parts.html.j2" import table %}
<p class="quiet">Share of the voxels of each region that are wrong.{% if methods | length > 1 %} The lowest of each
row is marked.{% endif %}</p>
{{ table(("Share of all",) + methods, rows, first="Region", class="short") }}
<p class="quiet">Regions may overlap. <b>Streaks</b>: solid that a curtain brightens or darkens. <b>Valleys</b>: void
with a bright floor close behind the section. <b>Small voids</b>: up to 250&nbsp;nm. <b>Impurities</b>: dark
inclusions, counted as void. <b>Ridges</b>: floors that stand out in a deep void. <b>Featureless solid</b>: farther
than 500&nbsp;nm from any void. <b>Islands</b>: solid surrounded by void. They are the cases (I) to (VII) of
Hirabayashi et al. 2024.</p>
"""


def _render(content: ReportContent) -> Markup | None:
    rows = region_rows(content)
    return fill(_TEMPLATE, methods=region_methods(content), rows=rows) if rows else None


HARD_REGIONS = Section("hard-regions", "Hard regions", 700, _render, folded=True)
