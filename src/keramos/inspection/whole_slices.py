"""Whole slices spread over the stack: their borders, what is burnt into them, shading, and curtains."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Volume

_THUMBNAIL = 192
_ROWS = 256
_SMOOTH = 0.15
"""Of the usual difference between neighbours in a row, below which a row is not an image."""
_COMPARED = 6
_ALIKE, _USUALLY_ALIKE = 0.8, 0.5
"""Of the pixels of a row that are equal in two slices: in an information bar, and in half of the rows at most."""
_MOSTLY = 0.5
"""Of the pixels of a row, whose neighbours are as they are in an information bar."""
_EDGE, _FALL = 4, 0.75
"""Rows on both sides of the edge of a bar, which has at least so many, and what is left there at most of the share of
pixels that are alike."""
_MOST = 0.6
_WEDGE = 0.15
_STRAIGHT = 1.0
_TRIM = 2.5


class Margins(NamedTuple):
    """Rows and columns at the borders of a slice."""

    top: int = 0
    bottom: int = 0
    left: int = 0
    right: int = 0

    def widen(self, other: Margins) -> Margins:
        """The larger of both on each side."""
        return Margins(*map(max, self, other))


@dataclass(frozen=True, eq=False)
class WholeSlice:
    """A whole slice (Y X).

    Attributes:
        z: its place in the opened stack.
        margins: rows and columns at the borders that hold one value each, the value of a corner.
        wedges: width of a border that gets narrower along its side, as of a slice that was turned.
        value: the value at those borders.
        bar: rows at the bottom that are no image, such as text on one grey value.
        thumbnail: pixels at even distances.
        means: over 2 x 2 pixels at even distances.
        streaks: variance of the streaks along y, and of those along x, in grey levels, and its standard error; below 0
            by chance.
    """

    z: int
    margins: Margins
    wedges: Margins
    value: float
    bar: int
    thumbnail: NDArray[np.float32]
    means: NDArray[np.float32]
    streaks: tuple[tuple[float, float], tuple[float, float]]


def read_whole_slices(volume: Volume, number: int) -> list[WholeSlice]:
    """Up to so many slices, spread evenly over the stack, without those of one grey value."""
    depth, *shape = volume.shape
    chosen = np.unique(np.linspace(0, depth - 1, min(depth, number)).round().astype(int)).tolist()
    boxes = [Box((z, 0, 0), (z + 1, shape[0], shape[1])) for z in chosen]
    same = count_same_rows([volume.read(box)[0] for box in boxes[:: -(-len(boxes) // _COMPARED)]])
    slices = (volume.read(box)[0] for box in boxes)
    return [_look(z, pixels, same) for z, pixels in zip(chosen, slices, strict=True) if pixels.min() < pixels.max()]


def _look(z: int, pixels: NDArray[Any], same: int) -> WholeSlice:
    margins, value = _find_margins(pixels)
    bar = max(same, _find_bar(pixels))
    rows = slice(margins.top, pixels.shape[0] - max(margins.bottom, bar))
    inner = pixels[rows, margins.left : pixels.shape[1] - margins.right]
    inner = inner if inner.size else pixels
    strides = [-(-n // _THUMBNAIL) for n in inner.shape]
    thumbnail = inner[:: strides[0], :: strides[1]].astype(np.float32)
    streaks = (_measure_streaks(inner), _measure_streaks(inner.T))
    return WholeSlice(z, margins, _find_wedges(pixels), value, bar, thumbnail, _take_means(inner), streaks)


def _take_means(pixels: NDArray[Any]) -> NDArray[np.float32]:
    for axis in (0, 1):
        length = pixels.shape[axis]
        places = np.arange(0, length - 1, max(2, -(-length // _THUMBNAIL)))
        pairs = [np.take(pixels, places + shift, axis=axis).astype(np.float32) for shift in (0, 1)]
        pixels = (pairs[0] + pairs[1]) / 2
    return np.asarray(pixels, np.float32)


def _find_margins(pixels: NDArray[Any]) -> tuple[Margins, float]:
    """Rows and columns from each side that hold one value, all the same, and the value of the widest side."""
    counts, values = [], []
    for flipped in (pixels, pixels[::-1], pixels.T, pixels.T[::-1]):
        value = flipped[0, 0]
        empty = (flipped.min(axis=1) == value) & (flipped.max(axis=1) == value)
        counts.append(int(np.argmin(empty)) if not empty.all() else 0)
        values.append(float(value))
    return Margins(*counts), values[int(np.argmax(counts))]


def _find_wedges(pixels: NDArray[Any]) -> Margins:
    """Width of the straight, slanting border on each side; 0 without one."""
    sides = (pixels.T, pixels.T[:, ::-1], pixels, pixels[:, ::-1])
    return Margins(*(max(_measure_wedge(side), _measure_wedge(side[::-1])) for side in sides))


def _measure_wedge(pixels: NDArray[Any]) -> int:
    """Pixels at the start of the first row that have the value of the corner, if their number falls evenly to nothing
    over many rows or changes evenly over all."""
    same = pixels == pixels[0, 0]
    runs = np.where(same.all(axis=1), 0, np.argmin(same, axis=1))
    rows = int(np.argmin(runs > 0)) if (runs == 0).any() else len(runs)
    if rows < max(12, _WEDGE * len(runs)) or runs[:rows].max() < 3:
        return 0
    along = np.arange(rows)
    slope, start = np.polyfit(along, runs[:rows], 1)
    straight = np.sqrt(np.mean((runs[:rows] - slope * along - start) ** 2)) <= _STRAIGHT
    return int(runs[:rows].max()) if straight and abs(slope) * rows >= 2 else 0


def find_bar(samples: Sequence[WholeSlice]) -> int:
    """Rows of the information bar that most of these slices have; 0 without one."""
    return int(np.median([sample.bar for sample in samples])) if samples else 0


def _find_bar(pixels: NDArray[Any]) -> int:
    """Rows at the bottom, where microscopes write them, in which most neighbours are alike, as nowhere else."""
    strided = pixels[:, :: max(1, pixels.shape[1] // 1024)]
    if strided.shape[1] < 8:
        return 0
    differences = np.abs(np.diff(pixels[:, : 2 * 512].astype(np.float32), axis=1))
    usual = float(np.median(np.median(differences, axis=1)))
    if usual <= 0:
        return 0
    return _count_rows((differences <= _SMOOTH * usual).mean(axis=1)[::-1], _MOSTLY)


def count_same_rows(slices: Sequence[NDArray[Any]]) -> int:
    """Rows at the bottom that hardly differ from slice to slice, as nowhere else: an information bar, however much of
    it is text; 0 without."""
    strips = [one[:, :: max(1, one.shape[1] // 1024)] for one in slices if one.min() < one.max()]
    if len(strips) < 3:
        return 0
    alike = np.median([np.mean(a == b, axis=1) for a, b in pairwise(strips)], axis=0)
    if np.median(alike) > _USUALLY_ALIKE:
        return 0
    return _count_rows(alike[::-1], _ALIKE)


def _count_rows(share: NDArray[np.floating[Any]], least: float) -> int:
    """The most rows from the start of which nine in ten have at least that share of pixels that are alike, the last one
    too, and behind which the share falls from one row to the next; 0 without. Where an image is saturated more and more
    towards its edge, pixels are alike as well, but the share falls slowly."""
    smooth = share >= least
    enough = smooth & (np.cumsum(smooth) / np.arange(1, len(smooth) + 1) >= 0.9)
    for rows in (np.flatnonzero(enough) + 1)[::-1].tolist():
        if _EDGE <= rows <= _MOST * len(share):
            inside, beyond = (
                float(np.median(part)) for part in (share[rows - _EDGE : rows], share[rows : rows + _EDGE])
            )
            if inside >= _ALIKE and beyond <= _FALL * inside:
                return int(rows)
    return 0


def _measure_streaks(pixels: NDArray[Any]) -> tuple[float, float]:
    """The variance, in grey levels, of streaks along the first axis, and its standard error: half of what the steps
    from one column to the next have in common in both halves of the slice. Noise and structures differ there and give
    nothing, on average; edges are cut off."""
    if min(pixels.shape) < 16:
        return 0.0, 0.0
    rows = pixels[:: -(-pixels.shape[0] // _ROWS), : 4 * _ROWS].astype(np.float32)
    steps = np.diff(rows, axis=1)
    limit = _TRIM * 1.4826 * float(np.median(np.abs(steps)))
    halves = [np.clip(half, -limit, limit).mean(axis=0) for half in np.array_split(steps, 2)]
    (first, common), (_, second) = np.cov(*halves) / 2
    return float(common), float(np.sqrt(first * second / (steps.shape[1] - 1)))
