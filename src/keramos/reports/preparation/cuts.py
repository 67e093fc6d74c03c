"""Planes through a volume along x and y, x and z, y and z, as pictures with the proportions of the specimen."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.figure import Figure
from numpy.typing import NDArray

from keramos.core import Box, Volume
from keramos.reports.picture import data_uri
from keramos.reports.scale_bar import draw_scale_bar

MOST_SLICES = 256
"""Slices that a plane across them shows at most: each may have to be decoded for one row of it."""
_MOST_PIXELS = 640
_INCHES, _DOTS = 4.2, 110
_SHOWN = (0.5, 99.5)


@dataclass(frozen=True)
class Panel:
    """A picture with its caption, as `panel_grid` shows it."""

    uri: str
    alt: str
    caption: str
    detail: str = ""


@dataclass(frozen=True, eq=False)
class Cut:
    """A plane through a volume: grey values (rows, columns), the edges of a pixel in nm, and the axis of its rows."""

    pixels: NDArray[np.float32]
    row_nm: float
    column_nm: float


def cut_plane(volume: Volume, axis: str, first: int, stop: int) -> Cut:
    """The middle plane along two axes, such as `xz`, of slices from `first` up to `stop`."""
    _, height, width = volume.shape
    size = volume.voxel_size
    z_nm, y_nm, x_nm = size.zyx if size is not None else (1.0, 1.0, 1.0)
    if axis == "xy":
        z = (first + stop) // 2
        return Cut(volume.read(Box((z, 0, 0), (z + 1, height, width)))[0].astype(np.float32), y_nm, x_nm)
    if axis == "xz":
        rows = volume.read(Box((first, height // 2, 0), (stop, height // 2 + 1, width)))[:, 0]
        return Cut(rows.astype(np.float32), z_nm, x_nm)
    columns = volume.read(Box((first, 0, width // 2), (stop, height, width // 2 + 1)))[:, :, 0]
    return Cut(columns.T.astype(np.float32), y_nm, z_nm)


def draw_cut(cut: Cut, limits: tuple[float, float], caption: str, detail: str, *, has_size: bool) -> Panel:
    """The plane as a picture; grey values from `limits[0]` (black) to `limits[1]` (white)."""
    strides = [-(-n // _MOST_PIXELS) for n in cut.pixels.shape]
    pixels = cut.pixels[:: strides[0], :: strides[1]]
    height_nm, width_nm = cut.pixels.shape[0] * cut.row_nm, cut.pixels.shape[1] * cut.column_nm
    figure = Figure(figsize=(_INCHES, min(3 * _INCHES, max(0.6, _INCHES * height_nm / width_nm))))
    axes = figure.add_axes((0, 0, 1, 1))
    axes.imshow(pixels, cmap="gray", vmin=limits[0], vmax=limits[1], extent=(0, width_nm, height_nm, 0), aspect="auto")
    axes.set_axis_off()
    if has_size:
        draw_scale_bar(axes, width_nm)
    return Panel(data_uri(figure, _DOTS), f"{caption}: {detail}", caption, f" {detail}")


def grey_limits(pixels: NDArray[np.float32]) -> tuple[float, float]:
    """The grey values to show as black and as white."""
    low, high = np.percentile(pixels, _SHOWN)
    return float(low), float(max(high, low + 1))
