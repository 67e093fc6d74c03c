"""The effect of a voxel more or less of a phase on the main numbers: what an error of the outline means."""

from __future__ import annotations

from markupsafe import Markup

from keramos.measurements import SENSITIVITY_TABLE, OutlineChange, list_changes
from keramos.reports.content import PageContent
from keramos.reports.plain_words import change
from keramos.reports.section import Section, fill
from keramos.reports.table import Cell, Row

_TEMPLATE = """
{% from "parts.html.j2" import table %}
<p>Two people who draw the same outline differ by about a voxel. The middle of the volume was measured again with a
layer of one voxel taken off each phase, and with one added to it: by so much the main numbers change.
<code>sensitivity.csv</code> beside the quantities has all of them.</p>
{{ table(("A voxel less", "A voxel more"), rows, first="Quantity") }}
"""


def _render(content: PageContent) -> Markup | None:
    tables = [] if content.measurements is None else content.measurements.tables
    rows = [_row(row) for one in tables if one.id == SENSITIVITY_TABLE for row in list_changes(one)]
    return fill(_TEMPLATE, rows=rows) if rows else None


def _row(one: OutlineChange) -> Row:
    name = f"{one.phase}: {one.name}" + (f" along {one.axis}" if one.axis else "")
    return Row(name, (Cell(change(one.eroded)), Cell(change(one.dilated))))


SENSITIVITY: Section[PageContent] = Section("sensitivity", "If outlines were a voxel off", 205, _render, folded=True)
