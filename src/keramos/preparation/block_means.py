"""Small copies of slices: means of blocks of pixels, side by side or evenly spaced."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Grey = NDArray[np.float32]

_BLOCK = 4
"""Pixels along an edge of a block: few enough that many lie within one phase, enough to average the noise."""


def shrink_slice(grey: NDArray[Any], factor: int) -> Grey:
    """Means of squares of `factor` pixels of a slice (Y X); what is left over at the far edges is cut off.

    Example:
        >>> shrink_slice(np.arange(20, dtype=np.uint8).reshape(4, 5), 2).tolist()
        [[3.0, 5.0], [13.0, 15.0]]
    """
    if factor == 1:
        return np.asarray(grey, np.float32)
    height, width = (length // factor * factor for length in grey.shape)
    cut = np.asarray(grey[:height, :width], np.float32)
    # Sums of whole strided planes are several times as fast as those over axes of a few pixels.
    columns = sum(cut[:, first::factor] for first in range(factor))
    rows = sum(np.asarray(columns)[first::factor] for first in range(factor))
    return np.asarray(rows / np.float32(factor**2), np.float32)


def average_blocks(grey: Grey, most: int = 128) -> Grey:
    """Means of blocks of 4 x 4 pixels of a slice (Y X), at most `most` along each axis, evenly spaced.

    The blocks of a slice with fewer than 8 pixels along an axis are single pixels.

    Example:
        >>> average_blocks(np.arange(64, dtype=np.float32).reshape(8, 8)).tolist()
        [[13.5, 17.5], [45.5, 49.5]]
    """
    edge = _BLOCK if min(grey.shape) >= 2 * _BLOCK else 1
    rows, columns = (max(1, -(-n // (edge * most))) * edge for n in grey.shape)
    down, across = grey.shape[0] // rows, grey.shape[1] // columns
    bands = grey[: down * rows].reshape(down, rows, -1)[:, :edge].sum(axis=1)
    sums = bands[:, : across * columns].reshape(down, across, columns)[..., :edge].sum(axis=2)
    return np.asarray(sums / np.float32(edge * edge), np.float32)
