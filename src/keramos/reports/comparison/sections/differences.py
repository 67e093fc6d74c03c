"""Fig. 3: regions of the test slice where the methods differ most."""

from __future__ import annotations

from markupsafe import Markup

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.regions import show_regions
from keramos.reports.section import Section


def _render(content: ComparisonContent) -> Markup | None:
    return show_regions(
        content,
        content.successes,
        "fig3-successes",
        "where methods differ",
        "The first test slice, and for each method the region where it is wrong while the best method is right most "
        "clearly, with the share of wrong pixels.",
        whole=True,
    )


DIFFERENCES = Section("differences", "Fig. 3. Where methods differ", 160, _render)
