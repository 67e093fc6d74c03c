"""Slices and planes across them, before and after."""

from __future__ import annotations

from dataclasses import replace

from markupsafe import Markup

from keramos.core import Box, Volume
from keramos.reports.preparation.content import PreparationContent
from keramos.reports.preparation.cuts import MOST_SLICES, Cut, Panel, cut_plane, draw_cut, grey_limits
from keramos.reports.section import Section, fill

_TEMPLATE = """
{% from "parts.html.j2" import panel_grid %}
{% for heading, panels in rows %}
<h3>{{ heading }}</h3>
{{ panel_grid(panels, 2) }}
{% endfor %}
<p class="quiet">Same part and same grey scale on both sides.{% if not has_size %} The voxel size is not known: pixels
are drawn as cubes.{% endif %} Slices lie beside each other along z: drift shows as ragged edges across them, slices of
other brightness as stripes.</p>
"""
_HEADINGS = {
    "xy": "A slice (x to the right, y down)",
    "xz": "Across the slices (x to the right, z down)",
    "yz": "Across the slices (z to the right, y down)",
}


def _render(content: PreparationContent) -> Markup:
    raw, prepared = _crop_raw(content), content.prepared
    ranges = [_middle(raw.shape[0]), _middle(prepared.shape[0])]
    has_size = prepared.voxel_size is not None
    rows = []
    for axis, heading in _HEADINGS.items():
        cuts = [cut_plane(volume, axis, *span) for volume, span in zip((raw, prepared), ranges, strict=True)]
        rows.append((heading, _draw_pair(cuts, has_size=has_size)))
    return fill(_TEMPLATE, rows=rows, has_size=has_size)


def _draw_pair(cuts: list[Cut], *, has_size: bool) -> list[Panel]:
    limits = grey_limits(cuts[0].pixels)
    words = (("Raw", "as the microscope wrote it"), ("Prepared", "as it is used"))
    return [draw_cut(cut, limits, *said, has_size=has_size) for cut, said in zip(cuts, words, strict=True)]


def _crop_raw(content: PreparationContent) -> Volume:
    """The raw slices without the information bar, in the part that the volume shows."""
    (top, bottom), (left, right) = content.facts["window"]
    start = content.preparation.field.start
    depth = content.raw.shape[0]
    box = Box((0, start[1] + top, start[2] + left), (depth, start[1] + bottom, start[2] + right))
    return replace(content.raw.crop(box), voxel_size=content.prepared.voxel_size)


def _middle(depth: int) -> tuple[int, int]:
    """First and past the last of the slices to show."""
    count = min(depth, MOST_SLICES)
    return (depth - count) // 2, (depth - count) // 2 + count


VIEWS = Section("views", "Before and after", 100, _render)
