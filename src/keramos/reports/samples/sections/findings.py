"""Findings about the samples."""

from __future__ import annotations

from keramos.core import Finding
from keramos.reports.samples.content import SamplesContent
from keramos.reports.section import Section, fill
from keramos.reports.sections.findings import TEMPLATE


def sample_findings(content: SamplesContent) -> tuple[tuple[Finding, str], ...]:
    """Each finding once, with the names of the samples that it is about."""
    rows: dict[Finding, list[str]] = {finding: [] for finding in content.findings}
    for sample in content.samples:
        for finding in dict.fromkeys(sample.findings):
            rows.setdefault(finding, []).append(sample.name)
    return tuple((finding, ", ".join(names)) for finding, names in rows.items())


FINDINGS: Section[SamplesContent] = Section(
    "findings",
    "Findings",
    150,
    lambda content: fill(TEMPLATE, rows=rows) if (rows := sample_findings(content)) else None,
)
