"""The microstructure: quantities, comparisons with the truth and with one slice, charts."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.content import PageContent
from keramos.reports.microstructure import charts, microstructure_context
from keramos.reports.picture import Chart
from keramos.reports.section import Section, fill_file


def _render(content: PageContent) -> Markup | None:
    values = microstructure_context(content.measurements, content.measured, content.comparisons)
    if not values["all_quantities"] and not values["comparisons"]:
        return None
    return fill_file("microstructure.html.j2", **values)


def _list_figures(content: PageContent) -> list[Chart]:
    return [] if content.measurements is None else [titled.chart for titled in charts(content.measurements)]


MICROSTRUCTURE: Section[PageContent] = Section("microstructure", "Microstructure", 200, _render, figures=_list_figures)
