"""Makers of pages: each gives the Markdown of one page."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

HOW = "This page is made from the code when the site is built, by `tools/site.py`."


def table(columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """A table in Markdown; bars inside cells are escaped, line breaks become spaces."""
    cells = [[" ".join(str(cell).replace("|", "\\|").split()) for cell in row] for row in rows]
    lines = [list(columns), ["---"] * len(columns), *cells]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def page(title: str, *parts: str) -> str:
    """A page of parts, with an empty line between them."""
    return "\n\n".join([f"# {title}", *parts]) + "\n"
