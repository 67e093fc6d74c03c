"""Fig. 4: regions of the test slice where the best method fails."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.regions import show_regions
from keramos.reports.section import Section


def _render(content: ComparisonContent) -> Markup | None:
    return show_regions(
        content,
        content.failures,
        "fig4-failures",
        "where most fail",
        "The regions of the first test slice where the best method is wrong most often, with the share of "
        "wrong pixels.",
        whole=False,
    )


FAILURES = Section("failures", "Fig. 4. Where the best method fails", 170, _render)
