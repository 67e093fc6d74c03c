"""The surface of the phases in 3-D, to turn; a still picture where JavaScript or WebGL is missing."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.content import ReportContent
from keramos.reports.embedded import embed_json
from keramos.reports.section import Section, fill_file
from keramos.reports.surface import surface_view


def _render(content: ReportContent) -> Markup | None:
    surface = surface_view(content)
    if surface is None:
        return None
    return fill_file("surface.html.j2", surface=surface, surface_json=embed_json(surface.data))


SURFACE = Section("surface", "In three dimensions", 400, _render, scripted=True)
