"""Charts and slices as files for a paper: SVG and PDF in a journal's column widths, and the points as CSV."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from matplotlib import rc_context
from matplotlib.figure import Figure
from matplotlib.text import Text

from keramos.core.files import whole_file, write_text
from keramos.reports.picture import Chart, Draw
from keramos.reports.theme import LIGHT

COLUMNS_MM = {"column": 85.0, "page": 180.0}
"""The widths of one column and of a page."""

_MM = 25.4
_SMALLER = 0.76
"""Letters of a page, as they are in print: about 7 points."""

# Letters are outlines in SVG, which then needs no font; PDF embeds them as TrueType.
_STYLE: Any = {"svg.fonttype": "path", "svg.hashsalt": "keramos", "pdf.fonttype": 42, "pdf.compression": 9}


@dataclass(frozen=True, eq=False)
class Plate:
    """A figure of pictures: drawn like a chart, with its heights over its widths, without points."""

    name: str
    draw: Draw
    shape: float


def write_figures(figures: Iterable[Chart | Plate], folder: Path) -> tuple[Path, ...]:
    """Write each figure as NAME-85mm and NAME-180mm, SVG and PDF, and the points of charts as NAME.csv.

    Raises:
        StorageError: a file cannot be written; each is whole or not there.
    """
    written = []
    for figure in figures:
        for millimetres in COLUMNS_MM.values():
            drawn = draw_for_print(figure, millimetres)
            for kind in ("svg", "pdf"):
                path = folder / f"{figure.name}-{millimetres:.0f}mm.{kind}"
                _save(drawn, path, kind)
                written.append(path)
        if isinstance(figure, Chart):
            path = folder / f"{figure.name}.csv"
            write_text(path, figure.table)
            written.append(path)
    return tuple(written)


def draw_for_print(figure: Chart | Plate, millimetres: float) -> Figure:
    """The figure that wide, on white."""
    width = millimetres / _MM
    shape = figure.shape if isinstance(figure, Plate) else (0.38 if millimetres > 100 else figure.narrow_shape)
    drawn = Figure(figsize=(width, width * shape), layout="constrained", facecolor="white")
    figure.draw(drawn, LIGHT)
    for text in drawn.findobj(Text):
        if isinstance(text, Text):
            text.set_fontsize(float(text.get_fontsize()) * _SMALLER)
    for axes in drawn.axes:
        axes.tick_params(which="both", labelsize=9 * _SMALLER)
    return drawn


def _save(figure: Figure, path: Path, kind: str) -> None:
    stamps = {"Date": None} if kind == "svg" else {"CreationDate": None, "Producer": None}
    with whole_file(path) as partial, rc_context(_STYLE):
        figure.savefig(partial, format=kind, dpi=300, metadata={"Creator": "Keramos", **stamps})
