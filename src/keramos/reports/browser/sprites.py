"""Several slices in one picture, below each other: fewer, better packed files than one a slice."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from keramos.reports.browser.view import View
from keramos.reports.embedded import embed_bytes
from keramos.reports.picture import webp_uri

PER_SPRITE = 8
JPEG_QUALITY = 45

Rgba = tuple[int, int, int, int]
Picture = Callable[[int], NDArray[np.uint8]]
"""The shown pixels (Y X) of the slice z."""


def grey_sprites(view: View, picture: Picture) -> tuple[str, ...]:
    """Grey values as JPEG, as data URIs: of noise it is as small as WebP, and no slice shines into the next."""
    return tuple(_jpeg(sprite) for sprite in _stack(view, picture))


def palette_sprites(view: View, picture: Picture, palette: Sequence[Rgba]) -> tuple[str, ...]:
    """Indices into a palette with transparency as WebP without loss, as data URIs."""
    colours = np.array(palette, np.uint8)
    return tuple(webp_uri(Image.fromarray(colours[sprite])) for sprite in _stack(view, picture))


def _stack(view: View, picture: Picture) -> Iterator[NDArray[np.uint8]]:
    for first in range(0, len(view.slices), PER_SPRITE):
        tiles = [picture(z) for z in view.slices[first : first + PER_SPRITE]]
        below = ((0, view.tile_height - view.height), (0, 0))
        yield np.concatenate([np.pad(tile, below, mode="edge") for tile in tiles])


def _jpeg(pixels: NDArray[np.uint8]) -> str:
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=JPEG_QUALITY, optimize=True)
    return f"data:image/jpeg;base64,{embed_bytes(buffer.getvalue())}"
