"""The surface of the phases in 3-D, to turn; a still picture where JavaScript or WebGL is missing."""

from __future__ import annotations

from importlib.resources import files

from markupsafe import Markup

from keramos.reports.content import ReportContent
from keramos.reports.embedded import embed_json
from keramos.reports.section import Section, fill_file
from keramos.reports.surface import surface_view

_SCRIPTS = ("surface_labels.js", "surface_shaders.js", "surface_turning.js", "surface_unpacking.js", "surface.js")


def _render(content: ReportContent) -> Markup | None:
    surface = surface_view(content)
    if surface is None:
        return None
    return fill_file("surface.html.j2", surface=surface, surface_json=embed_json(surface.data), script=_join_scripts())


def _join_scripts() -> Markup:
    """The modules of the view as one: what they import from each other is in it."""
    folder = files("keramos.reports") / "templates"
    lines = [line for name in _SCRIPTS for line in (folder / name).read_text("utf-8").splitlines()]
    return Markup("\n".join(line for line in lines if not line.startswith(("import ", "/** @import "))))


SURFACE = Section("surface", "In three dimensions", 160, _render, scripted=True)
