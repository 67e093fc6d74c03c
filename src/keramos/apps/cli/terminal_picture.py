"""Pictures made of characters, for terminals with colours."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from rich.style import Style
from rich.text import Text

_WIDEST = 64
_UPPER_HALF = "▀"


def draw_picture(rgb: NDArray[np.uint8], columns: int) -> Text:
    """A picture (Y X 3) in at most that many columns and 64: two pixels in each character, one above the other. Pixels
    of the picture are averaged; one that is smaller is drawn as it is.

    Example:
        >>> draw_picture(np.zeros((4, 3, 3), np.uint8), 80).plain.splitlines()
        ['▀▀▀', '▀▀▀']
    """
    step = max(1, -(-rgb.shape[1] // min(columns, _WIDEST)))
    height, width = rgb.shape[0] // step, rgb.shape[1] // step
    cells = rgb[: height * step, : width * step].reshape(height, step, width, step, 3)
    pixels = cells.mean(axis=(1, 3)).round().astype(int)
    text = Text()
    for upper, lower in zip(pixels[0:-1:2], pixels[1::2], strict=False):
        for above, below in zip(upper, lower, strict=True):
            text.append(_UPPER_HALF, Style(color=_colour(above), bgcolor=_colour(below)))
        text.append("\n")
    return text


def _colour(pixel: NDArray[np.int_]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*pixel)
