"""One slice in a PNG or BMP file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from keramos.core.errors import FormatError
from keramos.io.grey import grey_of_channels
from keramos.io.reasons import reason

_DTYPES = {
    "1": "u1",
    "L": "u1",
    "LA": "u1",
    "P": "u1",
    "PA": "u1",
    "RGB": "u1",
    "RGBA": "u1",
    "I;16": "u2",
    "I;16L": "u2",
    "I;16B": "u2",
    "I": "i4",
    "F": "f4",
}

# A slice of a FIB-SEM stack may well have more pixels than a picture on the web; it is not a decompression bomb.
Image.MAX_IMAGE_PIXELS = None


def picture_facts(path: Path) -> tuple[tuple[int, int], np.dtype[Any]]:
    """Height and width, and the type of the pixels, from the header alone."""
    with _opened(path) as picture:
        if picture.mode not in _DTYPES:
            raise FormatError(
                f"expected a grey image in {path}, found colour mode {picture.mode}; "
                "convert it to 8-bit grey in Fiji (Image > Type > 8-bit)"
            )
        return (picture.height, picture.width), np.dtype(_DTYPES[picture.mode])


def read_picture(path: Path, *, indices: bool) -> NDArray[Any]:
    """The pixels, Y X. A palette image gives its indices for labels (`indices`), else the grey its palette shows.

    Raises:
        FormatError: a corrupt file, or colours that are not grey.
    """
    with _opened(path) as picture:
        try:
            picture.load()
        except (OSError, ValueError, SyntaxError, EOFError) as error:
            raise _corrupt(path, error) from None
        if picture.mode in ("P", "PA"):
            # The first band of a palette image with opacity holds its indices.
            grey = None if indices else np.asarray(picture.convert("RGB"))
            pixels = np.asarray(picture.getchannel(0)) if grey is None else grey
        else:
            pixels = np.asarray(picture)
        pixels = pixels.astype(np.uint8) if pixels.dtype == np.bool_ else pixels
        pixels = pixels.astype(pixels.dtype.newbyteorder("="), copy=False)
    return grey_of_channels(pixels, 2, str(path)) if pixels.ndim == 3 else pixels


def _opened(path: Path) -> Image.Image:
    try:
        return Image.open(path, formats=["PNG", "BMP"])
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError) as error:
        raise _corrupt(path, error) from None


def _corrupt(path: Path, error: Exception) -> FormatError:
    kind = path.suffix.lstrip(".").upper()
    detail = "" if isinstance(error, UnidentifiedImageError) else f" ({reason(error)})"
    return FormatError(
        f"expected a readable {kind} in {path}, found a corrupt or truncated file{detail}; copy or export it again"
    )
