"""One picture of one slice, to scale."""

from __future__ import annotations

from typing import Any

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image

from keramos.core import NOT_ANNOTATED, PhaseTable, VoxelSize
from keramos.reports.picture import PHOTO_QUALITY, data_uri
from keramos.reports.scale_bar import draw_scale_bar
from keramos.scoring import draw_error_overlay

WIDTH_PIXELS = 760
INCHES = 3.8
_FEW_COLOURS = 32
MOST_HEIGHT_PER_WIDTH = 2.0
LEAST_INCHES = (0.8, 0.45)
"""Width and height that the scale bar needs; a narrower strip of a picture gets a dark margin."""

WRONG = (214, 30, 90)
"""The colour of a wrong voxel where there are more than two phases."""


def slice_panel(pixels: NDArray[np.uint8], voxel_size: VoxelSize | None) -> str:
    """A grey (Y X) or RGB (Y X 3) picture as a data URI, y and x at the same scale in nm, with a scale bar.

    Without a voxel size pixels are drawn square and there is no bar.
    """
    y_nm, x_nm = (1.0, 1.0) if voxel_size is None else (voxel_size.y_nm, voxel_size.x_nm)
    height, width = pixels.shape[0] * y_nm, pixels.shape[1] * x_nm
    # A very tall picture would fill the page: it is drawn narrower instead.
    inches = INCHES * min(1.0, MOST_HEIGHT_PER_WIDTH * width / height)
    tall = inches * height / width
    canvas = (max(inches, LEAST_INCHES[0]), max(tall, LEAST_INCHES[1])) if voxel_size else (inches, tall)
    figure = Figure(figsize=canvas, facecolor="#202020")
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set_axis_off()
    # Few pixels are shown as the squares they are; many are averaged, never dropped.
    enlarged = pixels.shape[1] <= WIDTH_PIXELS
    style: dict[str, Any] = {"interpolation": "nearest" if enlarged else "antialiased", "aspect": "auto"}
    axes.imshow(pixels, cmap="gray", vmin=0, vmax=255, extent=(0, width, height, 0), **style)
    axes.set(xlim=(0, width * canvas[0] / inches), ylim=(height * canvas[1] / tall, 0))
    if voxel_size is not None:
        draw_scale_bar(axes, width)
    # Labels have few colours, whose edges stay sharp and which take little room without loss.
    colours = Image.fromarray(pixels).convert("RGB").getcolors(_FEW_COLOURS)
    return data_uri(figure, WIDTH_PIXELS / INCHES, PHOTO_QUALITY if colours is None else 100)


def phase_picture(labels: NDArray[np.uint8], grey: NDArray[np.uint8], phases: PhaseTable) -> NDArray[np.uint8]:
    """Phases in their colours (Y X 3); the grey picture where nobody annotated."""
    rgb = np.repeat(grey[..., None], 3, axis=2)
    for code, phase in enumerate(phases):
        rgb[labels == code] = phase.rgb
    return rgb


def verdict_picture(
    grey: NDArray[np.uint8], labels: NDArray[np.uint8], truth: NDArray[np.uint8], phases: PhaseTable
) -> NDArray[np.uint8]:
    """Right and wrong: four outcomes for two phases; for more, pale phases where right and one colour where wrong."""
    if len(phases) == 2:
        return draw_error_overlay(grey, labels, truth, phases.positive)
    rgb = np.repeat(grey[..., None], 3, axis=2)
    for code, phase in enumerate(phases):
        rgb[(labels == code) & (truth == code)] = pale(phase.rgb)
    rgb[(labels != truth) & (truth != NOT_ANNOTATED) & (labels != NOT_ANNOTATED)] = WRONG
    return rgb


def pale(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """Half way to white, so that what is wrong stands out."""
    red, green, blue = ((c + 255) // 2 for c in rgb)
    return (red, green, blue)
