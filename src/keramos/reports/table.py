"""Tables as the pages show them: rows of a name and cells of text (macro `table` of `parts.html.j2`)."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cell:
    """Text, a smaller second line such as an interval, whether it is the best of its column or row, and its style:
    `time` keeps it on one line, `words` gives it the whole width on a narrow page."""

    text: str
    interval: str = ""
    best: bool = False
    style: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """The name of what a row is about, such as a method, and one cell for each column."""

    name: str
    cells: tuple[Cell, ...]
