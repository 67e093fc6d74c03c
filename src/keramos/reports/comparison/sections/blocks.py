"""Fig. 5: the stack as the microscope saw it and as each method segments it, in three dimensions."""

from __future__ import annotations

import numpy as np
from markupsafe import Markup
from matplotlib.figure import Figure
from numpy.typing import NDArray

from keramos.core import Box, Volume, triple
from keramos.reports.comparison.content import ComparisonContent, Method
from keramos.reports.comparison.figures import show_plate
from keramos.reports.plain_words import length
from keramos.reports.rendering import Block, Camera, read_thinned, render_block
from keramos.reports.section import Section, fill
from keramos.reports.theme import LIGHT, label
from keramos.scoring import stretch_grey

_COLUMN_INCHES = 1.55
_MOST = 150  # cubes along the longest edge
_PIXELS = 330
_FLAT = 235


def blocks_figure(content: ComparisonContent) -> Figure | None:
    """Upper row the whole stack, lower row the middle third of it; None without a stack of some slices."""
    volume = content.stack
    if volume is None or volume.shape[0] < 4:
        return None
    methods = [m for m in content.methods if m.stack is not None]
    boxes = (Box.whole(volume.shape), _middle_third(volume))
    figure = Figure(figsize=(_COLUMN_INCHES * (1 + len(methods)), 2.6 * _COLUMN_INCHES), facecolor="white")
    figure.set_layout_engine("constrained", w_pad=0.01, h_pad=0.08, rect=(0, 0.03, 1, 0.97))
    grid = figure.subplots(2, 1 + len(methods), squeeze=False)
    for line, (row, box) in enumerate(zip(grid, boxes, strict=True)):
        pictures = [_render_grey(volume, box), *(_render_labels(method, box) for method in methods)]
        for number, (axes, picture) in enumerate(zip(row, pictures, strict=True)):
            axes.imshow(picture, interpolation="antialiased")
            axes.set_axis_off()
            if line == 0:
                axes.set_title(label(["raw", *(m.title for m in methods)][number]), fontsize=10, color=LIGHT.ink)
        below = row[0].text(
            0, 0, _describe_size(volume, box), transform=row[0].transAxes, va="top", fontsize=8, color=LIGHT.faint
        )
        below.set_in_layout(False)  # it may run on below the other pictures
    return figure


def _middle_third(volume: Volume) -> Box:
    start = triple([n // 3 for n in volume.shape])
    return Box(start, triple([a + max(2, n // 3) for a, n in zip(start, volume.shape, strict=True)]))


def _render_grey(volume: Volume, box: Box) -> NDArray[np.uint8]:
    pixels, _ = read_thinned(volume, box, _MOST)
    return render_block(Block(_stretch_block(pixels), np.ones(pixels.shape, bool)), Camera(pixels=_PIXELS))


def _stretch_block(pixels: NDArray[np.generic]) -> NDArray[np.uint8]:
    flat = stretch_grey(pixels.reshape(pixels.shape[0], -1))
    return flat.reshape(pixels.shape)


def _render_labels(method: Method, box: Box) -> NDArray[np.uint8]:
    labels = method.stack
    if labels is None:
        return np.full((2, 2, 3), 255, np.uint8)
    codes, _ = read_thinned(labels, box, _MOST)
    tint = list(labels.phases)[labels.phases.positive].rgb
    return render_block(
        Block(np.full(codes.shape, _FLAT, np.uint8), codes == labels.phases.positive, tint), Camera(pixels=_PIXELS)
    )


def _describe_size(volume: Volume, box: Box) -> str:
    voxels = " × ".join(map(str, box.shape))
    if volume.voxel_size is None:
        return f"{voxels} voxels (z y x)"
    lengths = " × ".join(length(n * edge) for n, edge in zip(box.shape, volume.voxel_size.zyx, strict=True))
    return f"{voxels} voxels, {lengths} (z y x)"


_CAPTION = """
<p class="quiet">Upper row: the whole stack; lower row: its middle third. The section (x to the right, y down) is the
front, later slices lie behind it; {{ others }} {{ "is" if " or " not in others else "are" }} left open.</p>
"""


def _render(content: ComparisonContent) -> Markup | None:
    figure = blocks_figure(content)
    if figure is None:
        return None
    plate = show_plate(content, "fig5-blocks", figure, "The stack in three dimensions, raw and segmented")
    return plate + fill(_CAPTION, others=content.others)


BLOCKS = Section("blocks", "Fig. 5. The stack in three dimensions", 180, _render)
