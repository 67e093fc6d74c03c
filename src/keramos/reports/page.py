"""Write a page: a head, and the sections that have something to show for a content."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from keramos.core.files import write_bytes
from keramos.core.progress import Progress, silent
from keramos.core.registry import Registry
from keramos.reports.content import ReportContent
from keramos.reports.headline import explanation, headline
from keramos.reports.section import C, Section, fill_file
from keramos.version import __version__

REPORT_SECTIONS: Registry[Section[ReportContent]] = Registry("report_sections", Section, "keramos.reports.sections")
"""The sections of the report page by name, those of other installed packages included."""


@dataclass(frozen=True)
class Head:
    """The title of a page, its result in a sentence or two, further paragraphs, and what its last line adds."""

    title: str
    lead: str
    paragraphs: Sequence[str] = ()
    footer: str = ""


def write_report(content: ReportContent, path: Path) -> None:
    """Write one HTML file that needs nothing else: pictures and scripts are inside, nothing comes from the network.

    Everything works without JavaScript except the 3-D view and the slice browser.

    Raises:
        StorageError: the file cannot be written; an earlier one at `path` stays as it was.
    """
    head = Head(content.title, headline(content), [" ".join(explanation(content))] if explanation(content) else [])
    write_page(head, REPORT_SECTIONS, content, path)


def write_page(
    head: Head, sections: Mapping[str, Section[C]], content: C, path: Path, progress: Progress = silent
) -> None:
    """Write a page of those sections that have something to show, sorted by their order. StorageError."""
    shown, scripted = [], False
    for number, section in enumerate(sorted(sections.values(), key=lambda section: (section.order, section.name))):
        body = section.render(content)
        if body is not None:
            shown.append((section.name, section.heading(content), body))
            scripted |= section.scripted
        progress(number + 1, len(sections))
    html = fill_file("page.html.j2", **vars(head), sections=shown, scripted=scripted, version=__version__)
    # A file name that is not text on this machine shows question marks and never stops the page.
    write_bytes(path, html.encode("utf-8", errors="replace"))
