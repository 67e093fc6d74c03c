"""Write a page: a head, and the sections that have something to show for a content."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from markupsafe import Markup

from keramos.core.files import write_bytes
from keramos.core.progress import Progress, silent
from keramos.core.registry import Registry
from keramos.reports.content import ReportContent
from keramos.reports.figure_files import write_figures
from keramos.reports.first_screen import answer, opening
from keramos.reports.section import C, Section, fill_file
from keramos.version import __version__

REPORT_SECTIONS: Registry[Section[ReportContent]] = Registry("report_sections", Section, "keramos.reports.sections")
"""The sections of the report page by name, those of other installed packages included."""
_SAVES = '<button type="button" data-take='
"""A chart's button, which a script of the page serves; in the text of a user it would be escaped."""


@dataclass(frozen=True)
class Head:
    """The title of a page, its result in a sentence or two, further paragraphs, and what its last line adds; `opening`
    gives the rest of the first screen for the names of the sections that are shown."""

    title: str
    lead: str
    paragraphs: Sequence[str] = ()
    footer: str = ""
    opening: Callable[[Collection[str]], Markup] | None = None


@dataclass(frozen=True)
class Shown:
    """A section as it stands on a page."""

    name: str
    heading: str
    body: str
    folded: bool


def write_report(content: ReportContent, path: Path, figures: Path | None = None) -> None:
    """Write one HTML file that needs nothing else: pictures and scripts are inside, nothing comes from the network; and
    into the folder `figures` its figures as SVG, PDF and CSV.

    Everything works without JavaScript except the 3-D view and the slice browser.

    Raises:
        StorageError: the file cannot be written; an earlier one at `path` stays as it was.
    """
    head = Head(content.title, answer(content), opening=lambda shown: opening(content, shown))
    write_page(head, REPORT_SECTIONS, content, path)
    if figures is not None:
        givers = [section.figures for section in REPORT_SECTIONS.values() if section.figures is not None]
        write_figures((figure for give in givers for figure in give(content)), figures)


def write_page(
    head: Head, sections: Mapping[str, Section[C]], content: C, path: Path, progress: Progress = silent
) -> None:
    """Write a page of those sections that have something to show, sorted by their order. StorageError."""
    shown, scripted = [], False
    for number, section in enumerate(sorted(sections.values(), key=lambda section: (section.order, section.name))):
        body = section.render(content)
        if body is not None:
            shown.append(Shown(section.name, section.heading(content), body, section.folded))
            scripted |= section.scripted or _SAVES in body
        progress(number + 1, len(sections))
    first = Markup("") if head.opening is None else head.opening([section.name for section in shown])
    words = {"title": head.title, "lead": head.lead, "paragraphs": head.paragraphs, "footer": head.footer}
    html = fill_file("page.html.j2", **words, opening=first, sections=shown, scripted=scripted, version=__version__)
    # A file name that is not text on this machine shows question marks and never stops the page.
    write_bytes(path, html.encode("utf-8", errors="replace"))
