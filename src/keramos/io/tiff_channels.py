"""Channels of a TIFF stack: hyperstacks by ImageJ and Fiji, and OME-TIFF."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from html import unescape
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from keramos.core import Box, PixelSource, Triple


@dataclass(frozen=True)
class Channels:
    """The channels of a stack: the lengths of all its pages as one stack, the slices of a channel, the page at which
    each channel begins, the pages from one slice of it to the next, and names."""

    pages: Triple
    depth: int
    first: Sequence[int]
    step: int
    names: Sequence[str]


def channels_of(series: tifffile.TiffPageSeries, tif: tifffile.TiffFile) -> Channels | None:
    """The channels of a stack along one other axis; None where it has no axis of several channels."""
    stacked = [(axis, n) for axis, n in zip(series.axes, series.shape, strict=True) if axis not in "YXS" and n > 1]
    names = [axis for axis, _ in stacked]
    if len(stacked) != 2 or "C" not in names or not {"Y", "X"} <= set(series.axes):
        return None
    lengths = dict(zip(series.axes, series.shape, strict=True))
    count, depth = lengths["C"], next(n for axis, n in stacked if axis != "C")
    is_fastest = names[1] == "C"
    return Channels(
        (prod((count, depth)), lengths["Y"], lengths["X"]),
        depth,
        range(count) if is_fastest else range(0, count * depth, depth),
        count if is_fastest else 1,
        _name_channels(tif, count),
    )


def _name_channels(tif: tifffile.TiffFile, count: int) -> list[str]:
    """The names in the OME-XML, where every channel has one; else numbers."""
    names = re.findall(r'<(?:\w+:)?Channel\b[^>]*?\bName="([^"]+)"', tif.ome_metadata or "")
    return list(map(unescape, names)) if len(names) == count else [f"channel {i + 1}" for i in range(count)]


@dataclass(frozen=True, eq=False)
class EverySlice:
    """Slices of another source: `depth` of them from number `first` on, `step` apart."""

    source: PixelSource
    first: int
    step: int
    depth: int

    @property
    def shape(self) -> Triple:
        return (self.depth, *self.source.shape[1:])

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.source.dtype

    @property
    def files(self) -> tuple[Path, ...]:
        """The files behind the other source."""
        files: tuple[Path, ...] = getattr(self.source, "files", ())
        return files

    def read(self, box: Box) -> NDArray[Any]:
        pixels = np.empty(box.shape, self.dtype)
        for place, z in enumerate(range(box.start[0], box.stop[0])):
            at = self.first + self.step * z
            one = Box((at, *box.start[1:]), (at + 1, *box.stop[1:]))
            pixels[place] = self.source.read(one)[0]
        return pixels
