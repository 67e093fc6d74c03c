"""Write the page of several samples."""

from __future__ import annotations

from pathlib import Path

from keramos.core.registry import Registry
from keramos.reports.microstructure.samples_table import sample_rows
from keramos.reports.page import Head, write_page
from keramos.reports.samples.content import SamplesContent
from keramos.reports.samples.lead import lead
from keramos.reports.samples.sections.side_by_side import compare_samples
from keramos.reports.section import Section

SAMPLES_SECTIONS: Registry[Section[SamplesContent]] = Registry(
    "samples_sections", Section, "keramos.reports.samples.sections"
)
"""The sections of the page by name, those of other installed packages included."""


def write_samples(content: SamplesContent, path: Path) -> None:
    """Write one HTML file that needs nothing else. StorageError if it cannot be written."""
    names = [sample.name for sample in content.samples]
    head = Head(content.title, lead(sample_rows(compare_samples(content)), names))
    write_page(head, SAMPLES_SECTIONS, content, path)
