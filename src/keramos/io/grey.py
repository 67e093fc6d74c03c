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


UNPAINTED = -1
"""The value of transparent pixels of labels."""

_SIGNED = {"u1": np.int16, "u2": np.int32}


def blank_unpainted(pixels: NDArray[Any], axis: int, where: str) -> NDArray[Any]:
    """The grey image in a 2-D image of labels whose last channel along `axis` is opacity: a signed type, in which
    pixels with less than half of the greatest opacity are `UNPAINTED`.

    Raises:
        FormatError: the colour channels differ where something is painted.
    """
    channels = np.moveaxis(pixels, axis, 0)
    unpainted = is_transparent(channels[-1])
    grey = grey_of_channels(np.where(unpainted, 0, channels[:-1]).astype(pixels.dtype), 0, where)
    return mark_unpainted(grey, unpainted)


def is_transparent(opacity: NDArray[Any]) -> NDArray[np.bool_]:
    """Whether opacity is less than half of its greatest value: a layer may be half transparent as a whole.

    Example:
        >>> is_transparent(np.array([0, 60, 128, 100])).tolist(), is_transparent(np.array([0, 0])).tolist()
        ([True, True, False, False], [True, True])
    """
    transparent: NDArray[np.bool_] = 2.0 * opacity < max(1.0, float(opacity.max()))
    return transparent


def mark_unpainted(values: NDArray[Any], unpainted: NDArray[np.bool_]) -> NDArray[Any]:
    """Unsigned values in a signed type that has room for `UNPAINTED`, too."""
    marked: NDArray[Any] = np.where(unpainted, UNPAINTED, values.astype(pick_signed_type(values.dtype)))
    return marked.astype(pick_signed_type(values.dtype), copy=False)


def pick_signed_type(dtype: np.dtype[Any]) -> np.dtype[Any]:
    """The type that holds the values of an unsigned type, and `UNPAINTED`; signed types hold both."""
    return np.dtype(_SIGNED.get(dtype.str[1:], dtype))


def colour_refused(channels: int, where: str) -> FormatError:
    """The error for an image with more than one channel."""
    count = "3 (RGB)" if channels == 3 else str(channels)
    return FormatError(
        f"expected one grey channel, found {count} in {where}; convert it to 8-bit grey in Fiji (Image > Type > 8-bit)"
    )


def refuse_channels(channels: int, where: str, *, is_stack: bool) -> FormatError:
    """The error for an image with an axis of channels: for each slice of a stack, or for one slice only."""
    if is_stack:
        advice = "save one of them alone, in Fiji by Image > Duplicate (or Image > Color > Split Channels)"
    else:
        advice = (
            f"if they are slices, say so in Fiji (Image > Properties: 1 channel, {channels} slices; or Image > "
            "Hyperstacks > Re-order Hyperstack), else save one alone (Image > Color > Split Channels)"
        )
    return FormatError(f"expected one grey channel, found {channels} in {where}; {advice}")
