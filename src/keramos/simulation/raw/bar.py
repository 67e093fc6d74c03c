"""The information bar: text and a scale bar, drawn as a picture below an image."""

from __future__ import annotations

from math import floor, log10
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.raw.maker import Maker, RawSlice

_SCALE_SHARE = 0.2  # of the image's width that a scale bar takes at most


def draw_bar(maker: Maker, facts: RawSlice) -> NDArray[Any]:
    """The bar (Y X): white text and a scale bar on black, below a grey line; texts that do not fit are left out."""
    from PIL import Image, ImageDraw

    rows, columns = facts.bar_rows, facts.columns
    picture = Image.new("L", (columns, max(rows, 1)), 0)
    draw = ImageDraw.Draw(picture)
    draw.line((0, 0, columns, 0), fill=128)
    length_nm, text = choose_scale(_SCALE_SHARE * columns * facts.pixels.x_nm)
    length = round(length_nm / facts.pixels.x_nm)
    right, middle, left = columns - 4, rows // 2, 4
    end = right - max(length, draw.textlength(text)) - 8
    draw.line((right - length, middle + 4, right, middle + 4), fill=255)
    draw.text((end + 8, middle - 8), text, fill=255)
    for words in maker.bar_text(facts):
        if left + draw.textlength(words) < end:
            draw.text((left, max(1, middle - 6)), words, fill=255)
            left += round(draw.textlength(words)) + 12
    pixels = np.asarray(picture, np.uint8)[:rows]
    return pixels if facts.bits == 8 else pixels.astype(np.uint16) * np.uint16(257)


def choose_scale(most_nm: float) -> tuple[float, str]:
    """The longest of 1, 2, 5, 10 ... nm up to a length, and its text.

    Example:
        >>> choose_scale(780.0)
        (500.0, '500 nm')
        >>> choose_scale(2100.0)
        (2000.0, '2 um')
    """
    power = 10.0 ** floor(log10(most_nm))
    length = power * max(step for step in (1, 2, 5) if step * power <= most_nm)
    return length, f"{length:g} nm" if length < 1000 else f"{length / 1000:g} um"
