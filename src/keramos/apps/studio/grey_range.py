"""Grey values as the page shows them: one or two bytes, and the range that most of them have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Finding, PixelSource, Triple

_SLICES = 5
_EDGE = 1024
_SHARES = (0.1, 99.9)
_FEW_VALUES = 8


@dataclass(frozen=True)
class GreyRange:
    """The way in which tiles show the grey values of a stack.

    A tile has bytes where the stack has, else two bytes a pixel: value = offset + scale * pixel. `low` and `high` are
    pixels between which nearly all lie, for the contrast at first. `findings` tells of a stack that looks like labels.
    """

    type: str
    low: int
    high: int
    offset: float = 0.0
    scale: float = 1.0
    findings: tuple[Finding, ...] = ()

    def show(self, values: NDArray[Any]) -> NDArray[Any]:
        """Pixels of grey values."""
        if values.dtype == np.uint8 or (values.dtype == np.uint16 and self.scale == 1.0 and self.offset == 0.0):
            return values
        pixels = (values.astype(np.float64) - self.offset) / self.scale
        return np.rint(np.clip(pixels, 0, 65535)).astype("<u2")


def measure_range(source: PixelSource, read: Callable[[PixelSource, Box], NDArray[Any]]) -> GreyRange:
    """The range of a stack, from the middle of a few of its slices."""
    values = np.concatenate([read(source, box).ravel() for box in _samples(source.shape)])
    low, high = (float(value) for value in np.percentile(values, _SHARES))
    doubts = _doubt_few_values(values)
    if values.dtype in (np.uint8, np.uint16):
        return GreyRange(str(values.dtype), round(low), max(round(high), round(low) + 1), findings=doubts)
    # Room for what the samples have not shown, on both sides.
    width = (high - low) or 1.0
    offset, scale = low - width, 3 * width / 65535
    return GreyRange("uint16", round((low - offset) / scale), round((high - offset) / scale) + 1, offset, scale, doubts)


def _doubt_few_values(values: NDArray[Any]) -> tuple[Finding, ...]:
    count = len(np.unique(values))
    if count > _FEW_VALUES:
        return ()
    return (
        Finding(
            "grey-range",
            f"the stack has only {count} grey values, like labels",
            "there is hardly anything to draw along or to learn from",
            "open the images here, and labels of them as a layer (under Layers)",
            severity="warning",
        ),
    )


def _samples(shape: Triple) -> list[Box]:
    boxes = []
    for z in sorted({round(share * (shape[0] - 1)) for share in np.linspace(0.1, 0.9, _SLICES)}):
        edges = [min(length, _EDGE) for length in shape[1:]]
        (y, x) = ((length - edge) // 2 for length, edge in zip(shape[1:], edges, strict=True))
        boxes.append(Box((z, y, x), (z + 1, y + edges[0], x + edges[1])))
    return boxes
