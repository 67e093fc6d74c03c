"""Fig. 2: the annotated slices, magnified parts of the training slice, and how bright each phase is."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, PhaseTable, VoxelSize
from keramos.reports.comparison.content import Codes, ComparisonContent, Grey
from keramos.reports.comparison.figures import show_plate
from keramos.reports.scale_bar import draw_scale_bar
from keramos.reports.section import Section
from keramos.reports.slice_panel import phase_picture
from keramos.reports.theme import LIGHT, dress, label
from keramos.scoring import stretch_grey

_PARTS = ((0.12, 0.15, "#1f6fd1"), (0.6, 0.55, "#d1321f"))
"""Magnified: where they begin, as shares of height and width, and the colour of their frames."""
_PART = 0.22
_BINS = 128


def pair_figure(content: ComparisonContent) -> Figure:
    """(a, b) training slice and labels, (c, j) histograms, (d-g) magnified parts, (h, i) test slice and labels."""
    figure = Figure(figsize=(11, 9.6), layout="constrained", facecolor="white")
    places = figure.subplot_mosaic(
        [list("aabbcc"), list("aabbjj"), list("ddeehh"), list("ffggii")],
        height_ratios=[1, 1, 1.25, 1.25],
    )
    (grey, codes), (test, truth), phases, size = content.train, content.test, content.phases, content.voxel_size
    _draw_slice(places["a"], "a  training slice", stretch_grey(grey), size)
    _draw_slice(places["b"], "b  its labels", _colour_phases(grey, codes, phases), size)
    _histogram(places["c"], "c  grey values in the training slice", grey, codes, phases)
    _histogram(places["j"], "j  grey values in the test slice", test, truth, phases)
    for names, (top, left, colour) in zip(("de", "fg"), _PARTS, strict=True):
        window = _window(grey.shape, top, left)
        for name in "ab":
            _frame(places[name], window, colour, size)
        _draw_slice(places[names[0]], f"{names[0]}  magnified", stretch_grey(grey)[window], size, colour)
        _draw_slice(
            places[names[1]], f"{names[1]}  its labels", _colour_phases(grey, codes, phases)[window], size, colour
        )
    _draw_slice(places["h"], "h  test slice", stretch_grey(test), size)
    _draw_slice(places["i"], "i  its labels", _colour_phases(test, truth, phases), size)
    return figure


def _colour_phases(grey: Grey, codes: Codes, phases: PhaseTable) -> NDArray[np.uint8]:
    return phase_picture(codes, stretch_grey(grey), phases)


def _window(shape: tuple[int, int], top: float, left: float) -> tuple[slice, slice]:
    edge = max(8, round(_PART * min(shape)))
    row, column = int(top * (shape[0] - edge)), int(left * (shape[1] - edge))
    return slice(row, row + edge), slice(column, column + edge)


def _frame(axes: Axes, window: tuple[slice, slice], colour: str, size: VoxelSize | None) -> None:
    y_nm, x_nm = (1.0, 1.0) if size is None else (size.y_nm, size.x_nm)
    rows, columns = window
    corner, edge = (columns.start * x_nm, rows.start * y_nm), rows.stop - rows.start
    axes.add_patch(Rectangle(corner, edge * x_nm, edge * y_nm, fill=False, edgecolor=colour, linewidth=1.6))


def _draw_slice(
    axes: Axes, title: str, pixels: NDArray[np.uint8], size: VoxelSize | None, frame: str | None = None
) -> None:
    """A picture to scale, with a scale bar where the voxel size is known."""
    show(axes, pixels, size)
    axes.set_title(title, loc="left", fontsize=9, color=LIGHT.ink)
    if size is not None:
        draw_scale_bar(axes, pixels.shape[1] * size.x_nm)
    if frame is not None:
        for spine in axes.spines.values():
            spine.set(visible=True, color=frame, linewidth=2)


def show(axes: Axes, pixels: NDArray[np.uint8], size: VoxelSize | None) -> None:
    """A grey or RGB picture, y and x at the same scale in nm, without ticks."""
    y_nm, x_nm = (1.0, 1.0) if size is None else (size.y_nm, size.x_nm)
    extent = (0, pixels.shape[1] * x_nm, pixels.shape[0] * y_nm, 0)
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, extent=extent, interpolation="antialiased")
    axes.set(xticks=[], yticks=[])


def _bin_edges(grey: Grey, known: NDArray[np.float64]) -> NDArray[np.float64]:
    """Edges of the bins; of whole grey values they lie between levels, as many levels in each bin."""
    low, high = (float(v) for v in np.percentile(known, [0.05, 99.95]))
    if not np.issubdtype(grey.dtype, np.integer):
        return np.linspace(low, high, _BINS + 1)
    step = max(1.0, np.ceil((high - low) / _BINS))
    return np.arange(low, high + step + 1, step) - 0.5


def _histogram(axes: Axes, title: str, grey: Grey, codes: Codes, phases: PhaseTable) -> None:
    """Grey values of each phase, as shares of all annotated voxels."""
    dress(axes, LIGHT)
    known = np.asarray(grey[codes != NOT_ANNOTATED], np.float64)
    edges = _bin_edges(grey, known)
    for code, phase in enumerate(phases):
        counts, _ = np.histogram(grey[codes == code], edges)
        share = 100 * counts / max(1, known.size)
        axes.stairs(share, edges, fill=True, alpha=0.45, color=LIGHT.method(code), label=label(phase.name))
    axes.set(xlabel="grey value", ylabel="% of the slice")
    axes.set_title(title, loc="left", fontsize=9, color=LIGHT.ink)
    axes.legend(frameon=False, fontsize=9)


def _render(content: ComparisonContent) -> Markup:
    alt = "Annotated slices, magnified parts and grey values of each phase"
    return show_plate(content, "fig2-pair", pair_figure(content), alt, tight=True)


PAIR = Section("annotated-slices", "Fig. 2. The annotated slices", 150, _render)
