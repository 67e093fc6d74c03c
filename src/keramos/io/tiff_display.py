"""The way in which a TIFF shows its values, and whether it has opacity."""

from __future__ import annotations

from typing import Any

import numpy as np
import tifffile

from keramos.io.display import AS_STORED, Display

_WHITE_IS_ZERO, _PALETTE = 0, 3
_OPACITY = (1, 2)


def tiff_display(tif: tifffile.TiffFile, page: Any) -> Display:
    """White for zero, the colours of a palette, or those of the only lookup table in ImageJ's metadata."""
    if page.photometric == _WHITE_IS_ZERO:
        return Display(inverted=True)
    if page.photometric == _PALETTE and page.colormap is not None:
        return Display(colours=(np.asarray(page.colormap, np.uint16) >> 8).astype(np.uint8).T)
    tables = np.asarray((tif.imagej_metadata or {}).get("LUTs", ()))
    if tables.size and tables.size // tables.shape[-1] == 3:
        return Display(colours=tables.reshape(3, -1).astype(np.uint8).T)
    return AS_STORED


def largest_value(page: Any) -> int:
    """The largest unsigned value that a pixel has room for."""
    return int(2 ** int(page.bitspersample) - 1)


def has_opacity(page: Any) -> bool:
    """Whether the last channel is opacity."""
    return page.samplesperpixel in (2, 4) and tuple(page.extrasamples)[-1:] in [(kind,) for kind in _OPACITY]
