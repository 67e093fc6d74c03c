"""Facts about the images and the comparison, by name."""

from __future__ import annotations

from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.section import Section, fill
from keramos.reports.sections.facts import TEMPLATE

FACTS: Section[ComparisonContent] = Section(
    "facts", "Facts", 1000, lambda content: fill(TEMPLATE, facts=content.facts.items())
)
