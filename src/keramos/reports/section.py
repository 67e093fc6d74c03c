"""A section of a page: one file that states its title and place, decides whether it is shown, and gives its HTML."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from jinja2 import Environment, PackageLoader, StrictUndefined, Template
from markupsafe import Markup

if TYPE_CHECKING:
    from keramos.reports.figure_files import Plate
    from keramos.reports.picture import Chart

C = TypeVar("C", contravariant=True)


@dataclass(frozen=True)
class Section(Generic[C]):
    """One section of a page that is made from a content of class `C`, such as `ReportContent`.

    A module-level `Section` in a file of `keramos.reports.sections` is on the report page; another installed package
    adds one by an entry point of the group `keramos.report_sections`.

    Attributes:
        name: its id on the page, so that a link can end in `#name`; no other section of the page has it.
        title: its heading, or a function that gives the heading for a content; empty if its HTML has its own headings.
        order: sections are sorted by it. Keramos' own have 100, 200, ...; any number between them is free.
        render: gives the HTML below the heading (`fill` makes it), or None where this content has nothing to show.
            Plain text is escaped.
        folded: whether only its heading is seen until a reader opens it.
        figures: gives its figures as files for a paper, for `keramos report --figures`.
        scripted: whether its HTML holds scripts; a page without such a section, and without a chart that can be saved,
            forbids scripts altogether.
    """

    name: str
    title: str | Callable[[C], str]
    order: float
    render: Callable[[C], str | None]
    scripted: bool = False
    folded: bool = False
    figures: Callable[[C], Iterable[Chart | Plate]] | None = None

    def heading(self, content: C) -> str:
        """The title for this content."""
        return self.title(content) if callable(self.title) else self.title


def fill(template: str, **values: Any) -> Markup:
    """The HTML that a Jinja template gives for these values; all text in them is escaped.

    A template may import the macros of `parts.html.j2`: tables, charts and legends in the style of the page.

    Example:
        >>> fill("<p>{{ name }}: {{ count }} pores</p>", name="<sample>", count=3)
        Markup('<p>&lt;sample&gt;: 3 pores</p>')
    """
    return Markup(_compile(template).render(values))


def fill_file(name: str, **values: Any) -> Markup:
    """The HTML of a template in the folder `templates`, filled like `fill`."""
    return Markup(_environment().get_template(name).render(values))


@lru_cache(256)
def _compile(template: str) -> Template:
    return _environment().from_string(template)


@cache
def _environment() -> Environment:
    # Text from file names and metadata reaches the page: everything is escaped.
    return Environment(
        loader=PackageLoader("keramos.reports"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
