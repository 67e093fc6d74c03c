"""Do the grey values of a stack look like those that a model was trained on?"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Finding, Volume
from keramos.core.errors import PixelError
from keramos.networks.signature import GreyValues, Signature

_SLICES = 5
_CONTRASTS = (0.65, 1.55)
_BRIGHTNESS = 0.3
"""Of the training's range of grey values. Between the paper's two patches the brightness differs by 0.18 of it and the
contrast by 3 %, between slices of phantoms and of a real stack by less; a training changes both by up to a quarter."""


def check_grey_type(volume: Volume, signature: Signature | GreyValues) -> None:
    """Refuse another type of grey values than the model was made for: PixelError."""
    dtype = str(volume.dtype)
    if signature.dtype is not None and signature.dtype != dtype:
        raise PixelError(
            f"expected grey values of type {signature.dtype}, as in the images that the model was trained on, found "
            f"{dtype} in {volume.name}; convert them alike, or train on a slice of this stack"
        )


def grey_difference(volume: Volume, signature: Signature | GreyValues) -> Finding | None:
    """A finding if the stack is much darker, brighter, flatter or harsher than the images that the model was trained
    on; None if it is not, or those are not known. Five slices of the stack are read."""
    if signature.grey_range is None:
        return None
    low, high = signature.grey_range
    least, median, most = _percentiles(volume)
    span = max(high - low, 1e-9)
    if not low <= median <= high:
        return _other_grey_values(
            f"the grey values of {volume.name} (median {median:g}) lie outside those that the model was trained on "
            f"({low:g} to {high:g})",
            "train on a slice of this stack",
        )
    contrast, brightness = (most - least) / span, ((most + least) - (high + low)) / (2 * span)
    ranges = f"nearly all grey values are {least:g} to {most:g}, those trained on {low:g} to {high:g}"
    advice = "adjust it, or train on a slice of this stack"
    if not _CONTRASTS[0] <= contrast <= _CONTRASTS[1]:
        return _other_grey_values(
            f"{volume.name} has {contrast:.2g} times the contrast of the images that the model was trained on "
            f"({ranges})",
            advice,
        )
    if abs(brightness) > _BRIGHTNESS:
        return _other_grey_values(
            f"{volume.name} is much {'brighter' if brightness > 0 else 'darker'} than the images that the model was "
            f"trained on ({ranges})",
            advice,
        )
    return None


def _other_grey_values(message: str, advice: str) -> Finding:
    return Finding("other-grey-values", message, "expect poor labels", advice)


def _sample_slices(volume: Volume) -> list[NDArray[Any]]:
    """Five slices spread over the stack; of each, every other pixel along y and x."""
    depth = volume.shape[0]
    chosen = np.unique(np.round((np.arange(_SLICES) + 0.5) * depth / _SLICES - 0.5).astype(int))
    return [volume.read(Box((int(z), 0, 0), (int(z) + 1, *volume.shape[1:])))[0, ::2, ::2] for z in chosen]


def _percentiles(volume: Volume) -> list[float]:
    """1st, 50th and 99th percentiles of the grey values: medians over the slices, so that an odd one does not count."""
    slices = _sample_slices(volume)
    return [float(value) for value in np.median([np.percentile(pixels, [1, 50, 99]) for pixels in slices], axis=0)]


def grey_mean(volume: Volume) -> tuple[float, float, float]:
    """1st percentile, mean and 99th percentile of the grey values: medians over five slices of the stack."""
    rows = [(*np.percentile(pixels, [1, 99]), pixels.mean()) for pixels in _sample_slices(volume)]
    least, most, mean = (float(value) for value in np.median(rows, axis=0))
    return least, mean, most


def half_range(volume: Volume) -> float:
    """Half the range of grey values: of the type for 8- and 16-bit images, else of the middle slice.

    Example:
        >>> half_range(Volume.from_array(np.zeros((2, 4, 4), np.uint8)))
        128.0
    """
    dtype = volume.dtype
    if np.issubdtype(dtype, np.integer) and dtype.itemsize <= 2:
        info = np.iinfo(dtype)
        return float(int(info.max) - int(info.min) + 1) / 2
    depth, height, width = volume.shape
    pixels = volume.read(Box((depth // 2, 0, 0), (depth // 2 + 1, height, width)))
    return float(np.ptp(pixels)) / 2 or 1.0
