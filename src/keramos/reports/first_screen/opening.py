"""The HTML of the first screen."""

from __future__ import annotations

from collections.abc import Collection

from markupsafe import Markup

from keramos.core.finding import rank_findings
from keramos.reports.content import ReportContent
from keramos.reports.first_screen.numbers import first_numbers
from keramos.reports.first_screen.pictures import material
from keramos.reports.section import fill_file

LINKS = (
    ("slices", "Look through the slices"),
    ("surface", "Turn it in 3-D"),
    ("microstructure", "All measurements"),
    ("methods", "Methods to paste"),
    ("provenance", "How it was made"),
)


def opening(content: ReportContent, shown: Collection[str]) -> Markup:
    """The pictures, numbers, gravest finding, and links to those of the sections that are `shown`."""
    every = (*content.findings, *(finding for method in content.methods for finding in method.findings))
    findings = rank_findings(every)
    return fill_file(
        "first_screen.html.j2",
        material=material(content),
        numbers=first_numbers(content),
        finding=findings[0] if findings else None,
        more_findings=len(findings) - 1,
        links=[(name, text) for name, text in LINKS if name in shown],
    )
