"""A picture of slices with the regions framed that are suggested for annotation, and of what a network is unsure of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from numpy.typing import NDArray

from keramos.reports.picture import write_png
from keramos.reports.theme import label
from keramos.scoring import stretch_grey

_FRAME = "#ffd60a"
_TINT = np.array([255, 90, 20], np.float32)
_MOST_PIXELS = 1200
_PANEL_INCHES = 4.4


@dataclass(frozen=True, eq=False)
class FramedSlice:
    """Grey values and uncertainty 0 ... 1 (Y X) of a slice, its region (first row and column, height, width) and title;
    `pixel_aspect` is a pixel's height over its width."""

    grey: NDArray[Any]
    unsure: NDArray[np.float32]
    region: tuple[int, int, int, int]
    title: str
    pixel_aspect: float = 1.0


def write_suggestions(slices: Sequence[FramedSlice], path: Path) -> None:
    """Write a PNG with a row for each slice: the whole of it with the region framed; the region, what is uncertain in
    it tinted.

    Raises:
        StorageError: it cannot be written.
    """
    write_png(suggestion_figure(slices), path)


def suggestion_figure(slices: Sequence[FramedSlice]) -> Figure:
    tallest = max(item.grey.shape[0] * item.pixel_aspect / item.grey.shape[1] for item in slices)
    height = _PANEL_INCHES * min(2.0, max(0.6, tallest)) + 0.5
    figure = Figure(figsize=(2 * _PANEL_INCHES + 0.4, len(slices) * height), layout="constrained", facecolor="white")
    for (whole, part), item in zip(figure.subplots(len(slices), 2, squeeze=False), slices, strict=True):
        row, column, rows, columns = item.region
        grey = stretch_grey(item.grey)
        step = max(1, -(-max(grey.shape) // _MOST_PIXELS))
        rgb = np.repeat(grey[::step, ::step, None], 3, axis=2)
        _show(whole, rgb, (0, 0, *grey.shape), item, item.title)
        whole.add_patch(Rectangle((column, row), columns, rows, fill=False, edgecolor=_FRAME, linewidth=2))
        inside = (slice(row, row + rows), slice(column, column + columns))
        _show(
            part, tint_uncertain(grey[inside], item.unsure[inside]), item.region, item, "the region; tinted: uncertain"
        )
        for spine in part.spines.values():
            spine.set(edgecolor=_FRAME, linewidth=2)
    return figure


def tint_uncertain(grey: NDArray[np.uint8], unsure: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Grey values (Y X) as RGB, the more orange the more uncertain."""
    share = 0.65 * unsure[..., None]
    mixed: NDArray[np.uint8] = np.rint((1 - share) * grey[..., None] + share * _TINT).astype(np.uint8)
    return mixed


def _show(axes: Axes, rgb: NDArray[np.uint8], region: tuple[int, int, int, int], item: FramedSlice, title: str) -> None:
    """Draw pixels where they lie in the slice, true to shape."""
    row, column, rows, columns = region
    axes.imshow(rgb, extent=(column, column + columns, row + rows, row), aspect=item.pixel_aspect)
    axes.set_title(label(title), fontsize=10)
    axes.tick_params(labelsize=8)
