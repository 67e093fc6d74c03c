"""Masks as short text, for JSON."""

from __future__ import annotations

import base64
import zlib

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple


def mask_to_text(mask: NDArray[np.bool_]) -> str:
    """The voxels of a mask (Z Y X) as bits, compressed, in base64.

    Example:
        >>> mask = np.eye(3, dtype=bool)[None]
        >>> bool(np.all(mask_from_text(mask_to_text(mask), (1, 3, 3)) == mask))
        True
    """
    return base64.b64encode(zlib.compress(np.packbits(mask).tobytes())).decode("ascii")


def mask_from_text(text: str, shape: Triple) -> NDArray[np.bool_]:
    """The mask of that shape (Z Y X) from its text. ValueError if it is none."""
    voxels = int(np.prod(shape))
    unpack = zlib.decompressobj()
    packed = unpack.decompress(base64.b64decode(text, validate=True), -(-voxels // 8) + 1)
    bits = np.unpackbits(np.frombuffer(packed, np.uint8), count=voxels)
    return bits.astype(bool).reshape(shape)
