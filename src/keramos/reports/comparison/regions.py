"""Figs. 3 and 4: regions of the test slice, a row for each, a column for each method."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Patch, Rectangle
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED
from keramos.reports.comparison.content import ComparisonContent, NamedRegion
from keramos.reports.comparison.figures import show_plate
from keramos.reports.comparison.sections.pair import show
from keramos.reports.scale_bar import draw_scale_bar
from keramos.reports.section import fill
from keramos.reports.slice_panel import phase_picture, verdict_picture
from keramos.reports.slice_rows import verdict_legend
from keramos.reports.theme import LIGHT, label
from keramos.scoring import stretch_grey
from keramos.scoring.overlay import TRUE_NEGATIVE, TRUE_POSITIVE

_COLUMN_INCHES = 1.55
_FRAME = "#ff2d95"


def regions_figure(content: ComparisonContent, regions: Sequence[NamedRegion], *, whole: bool) -> Figure | None:
    """Image, each method's hits and errors, truth; with `whole` the first row is the whole slice. None without rows."""
    if not regions and not whole:
        return None
    grey, _ = content.test
    everything = NamedRegion("whole slice", (0, grey.shape[0]), (0, grey.shape[1]), "")
    rows = [*([everything] if whole else []), *regions]
    pictures = _pictures(content)
    y_per_x = 1.0 if content.voxel_size is None else content.voxel_size.y_nm / content.voxel_size.x_nm
    heights = [(r.rows[1] - r.rows[0]) / (r.columns[1] - r.columns[0]) * y_per_x for r in rows]
    width = _COLUMN_INCHES * len(pictures)
    height = _COLUMN_INCHES * sum(heights) + 0.2 * len(rows) + 0.75
    figure = Figure(figsize=(width, height), facecolor="white")
    figure.set_layout_engine("constrained", w_pad=0.02, h_pad=0.1, wspace=0, hspace=0)
    grid = figure.subplots(len(rows), len(pictures), squeeze=False, height_ratios=heights)
    for letter, (line, region) in enumerate(zip(grid, rows, strict=True)):
        for axes, (title, picture) in zip(line, pictures.items(), strict=True):
            show(axes, picture[slice(*region.rows), slice(*region.columns)], content.voxel_size)
            if letter == 0:
                axes.set_title(label(title), fontsize=10, color=LIGHT.ink)
        if content.voxel_size is not None:
            draw_scale_bar(line[0], (region.columns[1] - region.columns[0]) * content.voxel_size.x_nm)
        _name_region(line[0], chr(ord("a") + letter), region)
        if region is everything:
            _frame_regions(line, regions, content)
    key = [
        Patch(facecolor=colour, edgecolor="grey", label=label(words))
        for colour, words in verdict_legend(content.phases)
    ]
    figure.legend(handles=key, loc="outside lower center", ncols=4, frameon=False, fontsize=9)
    return figure


_TEMPLATE = """
{% from "parts.html.j2" import legend_list %}
{{ legend_list(legend, "Methods:") }}
{{ plate }}
<p class="quiet">{{ caption }}</p>
"""


def show_regions(
    content: ComparisonContent, regions: Sequence[NamedRegion], name: str, where: str, caption: str, *, whole: bool
) -> Markup | None:
    """The HTML of such a figure, with the legend and a caption; None without rows."""
    figure = regions_figure(content, regions, whole=whole)
    if figure is None:
        return None
    plate = show_plate(content, name, figure, f"Image, hits and errors of each method, and truth, {where}")
    return fill(_TEMPLATE, legend=verdict_legend(content.phases), plate=plate, caption=caption)


def _pictures(content: ComparisonContent) -> dict[str, NDArray[np.uint8]]:
    """RGB of the whole test slice for each column."""
    grey, truth = content.test
    image = stretch_grey(grey)
    pictures = {"image": np.repeat(image[..., None], 3, axis=2)}
    for method in content.methods:
        pictures[method.title] = verdict_picture(image, method.labels, truth, content.phases)
    if len(content.phases) == 2:
        true = pictures["image"].copy()
        true[truth == content.phases.positive] = TRUE_POSITIVE
        true[(truth != content.phases.positive) & (truth != NOT_ANNOTATED)] = TRUE_NEGATIVE
    else:
        true = phase_picture(truth, image, content.phases)
    return {**pictures, "truth": true}


def _name_region(axes: Axes, letter: str, region: NamedRegion) -> None:
    words = f"{letter}   {region.name}" + (f": {region.why}" if region.why else "")
    below = axes.text(0, -0.03, label(words), transform=axes.transAxes, va="top", fontsize=8.5, color=LIGHT.faint)
    below.set_in_layout(False)  # it may run on below the other pictures


def _frame_regions(line: Sequence[Axes], regions: Sequence[NamedRegion], content: ComparisonContent) -> None:
    """Frames in the whole slice of what the rows below show."""
    y_nm, x_nm = (1.0, 1.0) if content.voxel_size is None else (content.voxel_size.y_nm, content.voxel_size.x_nm)
    for axes in line:
        for number, region in enumerate(regions):
            (top, bottom), (left, right) = region.rows, region.columns
            box = ((left * x_nm, top * y_nm), (right - left) * x_nm, (bottom - top) * y_nm)
            axes.add_patch(Rectangle(*box, fill=False, edgecolor=_FRAME, linewidth=0.9))
            if axes is line[0]:
                letter = chr(ord("b") + number)
                axes.text(left * x_nm, top * y_nm, letter, color=_FRAME, fontsize=8, va="bottom", weight="bold")
