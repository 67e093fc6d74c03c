"""All that the page's slice browser needs, as JSON values of bounded size.

volume, labels -> evenly spaced slices, merged pixels -> sprites (JPEG, WebP) -> data URIs
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Volume, VoxelSize
from keramos.reports.browser.layers import Layer, layers
from keramos.reports.browser.sprites import PER_SPRITE, Picture, grey_sprites, palette_sprites
from keramos.reports.browser.view import View
from keramos.reports.content import ReportContent
from keramos.reports.example_slices import example_slices
from keramos.reports.plain_words import length
from keramos.reports.scale_bar import round_length

BUDGET = 750_000
"""Characters of pictures in the page at most."""

_STEPS = ((48, 512), (48, 448), (40, 384), (32, 320), (24, 256), (16, 192), (12, 128), (8, 96), (4, 64))
"""Slices and pixels along an edge, from the best downwards."""

_TRIAL_SLICES = 3
_CONTRAST_SLICES = 8


@dataclass(frozen=True)
class SliceBrowser:
    """The scripts' data, and words for the caption."""

    data: dict[str, Any]
    depth: int
    slices: int
    merged: tuple[int, int]


def slice_browser(content: ReportContent, budget: int = BUDGET) -> SliceBrowser:
    """The finest view of the stack whose pictures together are within `budget` characters (the coarsest, else)."""
    over, grey = layers(content), _Grey(content.volume)
    for most_slices, most_pixels in _STEPS:
        view = View.of(content.volume.shape, most_slices, most_pixels)
        coarsest = (most_slices, most_pixels) == _STEPS[-1]
        if not coarsest and _expect_characters(view, grey, over) > budget:
            continue
        pictures = _pictures(view, grey, over)
        if coarsest or _characters(pictures) <= budget:
            break
    return SliceBrowser(_data(content, view, over, pictures), content.volume.shape[0], len(view.slices), view.merged)


def _data(
    content: ReportContent, view: View, over: Sequence[Layer], pictures: Sequence[tuple[str, ...]]
) -> dict[str, Any]:
    voxel = content.volume.voxel_size
    first = example_slices(content)[-1]
    return {
        "slices": view.slices,
        "where": [_describe_place(z, content.volume.shape[0], voxel) for z in view.slices],
        "annotated": [z in content.annotated_slices for z in view.slices],
        "start": int(np.argmin([abs(z - first) for z in view.slices])),
        "width": view.width,
        "height": view.height,
        "tile": view.tile_height,
        "perSprite": PER_SPRITE,
        "aspect": _aspect(view, voxel),
        "bar": _bar(view, voxel),
        "grey": pictures[0],
        "layers": [
            {"name": _text(layer.name), "legend": [[c, _text(t)] for c, t in layer.legend], "sprites": sprites}
            for layer, sprites in zip(over, pictures[1:], strict=True)
        ],
    }


def _pictures(view: View, grey: _Grey, over: Sequence[Layer]) -> list[tuple[str, ...]]:
    laid_over = [palette_sprites(view, _picture_of(layer, view), layer.palette) for layer in over]
    return [grey_sprites(view, grey.picture(view)), *laid_over]


def _picture_of(layer: Layer, view: View) -> Picture:
    return lambda z: layer.indices(view, z)


def _characters(pictures: Sequence[tuple[str, ...]]) -> int:
    return sum(len(uri) for sprites in pictures for uri in sprites)


def _expect_characters(view: View, grey: _Grey, over: Sequence[Layer]) -> float:
    """Characters that the view would take, from a few of its slices."""
    count = min(_TRIAL_SLICES, len(view.slices))
    places = np.linspace(0, len(view.slices) - 1, count + 2)[1:-1].round().astype(int)
    trial = View(tuple(view.slices[i] for i in places), view.merged, view.height, view.width)
    return _characters(_pictures(trial, grey, over)) * len(view.slices) / count


class _Grey:
    """Grey values of the volume, all slices in one contrast: a drift in brightness stays visible."""

    def __init__(self, volume: Volume) -> None:
        self._volume = volume
        depth = volume.shape[0]
        picked = np.unique(np.linspace(0, depth - 1, min(depth, _CONTRAST_SLICES)).astype(int))
        coarse = View.of(volume.shape, depth, 256)
        values = np.concatenate([coarse.mean(self._read(int(z))).ravel() for z in picked])
        low, high = np.percentile(values, [0.5, 99.5])
        self._low, self._range = float(low), float(high - low) or 1.0

    def picture(self, view: View) -> Picture:
        def pixels(z: int) -> NDArray[np.uint8]:
            share = (view.mean(self._read(z)) - self._low) / self._range
            return np.asarray(np.round(255 * np.clip(share, 0, 1)), np.uint8)

        return pixels

    def _read(self, z: int) -> NDArray[np.generic]:
        _, height, width = self._volume.shape
        return np.asarray(self._volume.read(Box((z, 0, 0), (z + 1, height, width)))[0])


def _describe_place(z: int, depth: int, voxel: VoxelSize | None) -> str:
    place = f"slice {z} of 0–{depth - 1}"
    return place if voxel is None else f"{place}, z = {length(z * voxel.z_nm) if z else 0}"


def _aspect(view: View, voxel: VoxelSize | None) -> float:
    """Width over height of a shown slice in the specimen; pixels are square where the voxel size is not known."""
    _, y_nm, x_nm = (1.0, 1.0, 1.0) if voxel is None else voxel.zyx
    return round(view.width * view.merged[1] * x_nm / (view.height * view.merged[0] * y_nm), 6)


def _bar(view: View, voxel: VoxelSize | None) -> dict[str, Any] | None:
    """The scale bar: its share of the picture's width and its length in words."""
    if voxel is None:
        return None
    width_nm = view.width * view.merged[1] * voxel.x_nm
    bar = round_length(width_nm)
    return {"share": round(bar / width_nm, 6), "text": length(bar)}


def _text(text: str) -> str:
    """Text as the page can hold it."""
    return text.encode("utf-8", "replace").decode("utf-8")
