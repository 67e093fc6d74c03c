"""The same labels by every estimator in use, from `keramos reconcile`: why another program prints another number."""

from __future__ import annotations

from markupsafe import Markup

from keramos.estimators.cells import list_bodies, list_tables
from keramos.reports.content import ReportContent
from keramos.reports.section import Section, fill_file


def _render(content: ReportContent) -> Markup | None:
    if content.estimates is None or not content.estimates.found.rows:
        return None
    found = content.estimates.found
    return fill_file(
        "estimates.html.j2", estimates=content.estimates, tables=list(list_tables(found)), bodies=list_bodies(found)
    )


ESTIMATES: Section[ReportContent] = Section("estimates", "By other estimators", 210, _render, folded=True)
