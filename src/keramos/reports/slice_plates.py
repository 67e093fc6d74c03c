"""The report's slices as figures for a paper."""

from __future__ import annotations

from matplotlib.figure import Figure
from matplotlib.patches import Patch

from keramos.core import VoxelSize
from keramos.reports.content import ReportContent
from keramos.reports.figure_files import Plate
from keramos.reports.scale_bar import draw_scale_bar
from keramos.reports.slice_rows import SliceRow, columns, legend, slice_rows, truth_legend
from keramos.reports.theme import Theme, label

_TITLE = 0.14
"""The height of a title over the width of its picture."""

_LEGEND = 0.1


def slice_plates(content: ReportContent) -> list[Plate]:
    """The pictures of each example slice beside each other, to scale, each with its name and a scale bar."""
    meanings = dict.fromkeys((*truth_legend(content), *legend(content)))
    return [_plate(row, columns(content), content.volume.voxel_size, list(meanings)) for row in slice_rows(content)]


def _plate(row: SliceRow, across: int, voxel: VoxelSize | None, meanings: list[tuple[str, str]]) -> Plate:
    shown = [(panel.caption, panel.pixels) for panel in row.panels if panel.pixels is not None]
    across = min(across, len(shown))
    down = -(-len(shown) // across)
    y_nm, x_nm = (1.0, 1.0) if voxel is None else (voxel.y_nm, voxel.x_nm)
    height, width = shown[0][1].shape[0] * y_nm, shown[0][1].shape[1] * x_nm

    def draw(figure: Figure, theme: Theme) -> None:
        for axes in (grid := figure.subplots(down, across, squeeze=False)).flat:
            axes.set_axis_off()
        for axes, (name, pixels) in zip(grid.flat, shown, strict=False):
            style = {"cmap": "gray", "vmin": 0, "vmax": 255, "interpolation": "none"}
            axes.imshow(pixels, extent=(0, width, height, 0), **style)
            axes.set_title(label(name), fontsize=9, color=theme.ink)
            if voxel is not None:
                draw_scale_bar(axes, width)

        if meanings:
            patches = [Patch(facecolor=colour, edgecolor=theme.faint, linewidth=0.5) for colour, _ in meanings]
            names = [label(meaning) for _, meaning in meanings]
            figure.legend(patches, names, loc="outside lower left", ncols=2, frameon=False, fontsize=8)

    return Plate(f"slice-{row.z}", draw, down / across * (height / width + _TITLE) + _LEGEND)
