"""The figures of a comparison: each as a PNG file for a paper, and inside the page."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from matplotlib.figure import Figure

from keramos.core.files import write_bytes
from keramos.core.progress import Progress, silent
from keramos.reports.comparison.blocks import blocks_figure
from keramos.reports.comparison.charts import curves_draw, drawn, fraction_draw, learning_draw
from keramos.reports.comparison.content import ComparisonContent
from keramos.reports.comparison.networks import networks_figure
from keramos.reports.comparison.pair import pair_figure
from keramos.reports.comparison.regions import regions_figure
from keramos.reports.picture import WIDE_INCHES, Chart, Draw, data_uri
from keramos.reports.theme import LIGHT

_DOTS_PER_INCH = {"page": 120, "file": 220}


@dataclass(frozen=True)
class Plate:
    """A figure of pictures, on white, as it stands in a paper."""

    uri: str
    alt: str


@dataclass(frozen=True)
class Figures:
    """By name; those that there is nothing to draw for are missing."""

    plates: dict[str, Plate]
    charts: dict[str, Chart]


def draw_figures(content: ComparisonContent, folder: Path, progress: Progress = silent) -> Figures:
    """Draw all of them and write `folder`/fig1-networks.png, ... StorageError if they cannot be written."""
    plates, charts = {}, {}
    made = list(_plates(content))
    for number, (name, alt, make) in enumerate(made):
        figure = make()
        if figure is not None:
            _write(figure, folder / f"{name}.png")
            plates[name] = Plate(data_uri(figure, _DOTS_PER_INCH["page"]), alt)
        progress(number + 1, len(made) + 1)
    for name, alt, draw, panels in _charts(content):
        shown = drawn(draw, alt, panels=panels)
        if shown is not None and draw is not None:
            charts[name] = shown
            _write(_on_white(draw), folder / f"{name}.png")
    progress(len(made) + 1, len(made) + 1)
    return Figures(plates, charts)


def _plates(content: ComparisonContent) -> Iterator[tuple[str, str, Callable[[], Figure | None]]]:
    yield "fig1-networks", "The networks, layer by layer", lambda: networks_figure(content)
    yield "fig2-pair", "Annotated slices, magnified parts and grey values of each phase", lambda: pair_figure(content)
    successes, failures = content.successes, content.failures
    alt = "Image, hits and errors of each method, and truth"
    yield "fig3-successes", f"{alt}, where methods differ", lambda: regions_figure(content, successes, whole=True)
    yield "fig4-failures", f"{alt}, where most fail", lambda: regions_figure(content, failures, whole=False)
    yield "fig5-blocks", "The stack in three dimensions, raw and segmented", lambda: blocks_figure(content)


def _charts(content: ComparisonContent) -> Iterator[tuple[str, str, Draw | None, int]]:
    yield "fig6-fraction", f"Share of {content.positive} in each slice, by method", fraction_draw(content), 1
    yield "curves", "ROC and precision-recall curves of each method", curves_draw(content), 2
    yield "learning", "Loss and IoU during the trainings", learning_draw(content), 2


def _on_white(draw: Draw) -> Figure:
    figure = Figure(figsize=WIDE_INCHES, layout="constrained", facecolor="white")
    draw(figure, LIGHT)
    return figure


def _write(figure: Figure, path: Path) -> None:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", dpi=_DOTS_PER_INCH["file"], metadata={"Software": None})
    write_bytes(path, buffer.getvalue())
