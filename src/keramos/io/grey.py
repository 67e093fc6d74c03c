"""Colour where grey is expected: equal channels are grey, others are refused."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core.errors import FormatError


def grey_of_channels(pixels: NDArray[Any], axis: int, where: str) -> NDArray[Any]:
    """The grey image in a 2-D image with channels along `axis`; a fourth (or second) channel is opacity, ignored.

    Raises:
        FormatError: the colour channels differ.
    """
    channels = np.moveaxis(pixels, axis, 0)
    colours = channels[:1] if len(channels) == 2 else channels[:3]
    if any(not np.array_equal(colours[0], other) for other in colours[1:]):
        raise colour_refused(len(colours), where)
    grey: NDArray[Any] = np.ascontiguousarray(colours[0])
    return grey


def colour_refused(channels: int, where: str) -> FormatError:
    """The error for an image with more than one channel."""
    count = "3 (RGB)" if channels == 3 else str(channels)
    return FormatError(
        f"expected one grey channel, found {count} in {where}; convert it to 8-bit grey in Fiji (Image > Type > 8-bit)"
    )
