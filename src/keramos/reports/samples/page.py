"""Write the page of several samples."""

from __future__ import annotations

from pathlib import Path

from keramos.core.registry import Registry
from keramos.reports.microstructure.samples_table import sample_rows
from keramos.reports.page import Head, write_page
from keramos.reports.samples.content import SamplesContent
from keramos.reports.samples.lead import SINGLE, lead, lead_groups
from keramos.reports.samples.sections.side_by_side import compare_samples
from keramos.reports.section import Section

SAMPLES_SECTIONS: Registry[Section[SamplesContent]] = Registry(
    "samples_sections", Section, "keramos.reports.samples.sections"
)
"""The sections of the page by name, those of other installed packages included."""


def write_samples(content: SamplesContent, path: Path) -> None:
    """Write one HTML file that needs nothing else. StorageError if it cannot be written."""
    write_page(_head(content), SAMPLES_SECTIONS, content, path)


def _head(content: SamplesContent) -> Head:
    comparison = content.comparison
    differs = comparison is not None and any(row.differences for row in comparison.quantities)
    warned = [SINGLE] if comparison is not None and comparison.is_single and differs else []
    if content.grouped and comparison is not None:
        return Head(content.title, lead_groups(comparison), warned)
    names = [sample.name for sample in content.samples]
    return Head(content.title, lead(sample_rows(compare_samples(content)), names), warned)
