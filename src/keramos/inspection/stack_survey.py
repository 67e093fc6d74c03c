"""One reading of a stack for all of its checks: each slice is read once, its middle compared with the slice before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Triple, Volume
from keramos.core.progress import Progress, silent
from keramos.inspection.slice_look import PairLook, SliceLook, Window, compare_windows, look_at_slice, take_window

_WHOLE, _QUICK = 1024, 256
_WINDOW = 512
_SLAB = 16
_SLAB_VOXELS = 2**25
_THREADS = 2


@dataclass(frozen=True, eq=False)
class StackSurvey:
    """Statistics of the slices of a stack.

    Attributes:
        volume: the stack.
        looks: those of each slice that was looked at, in the order of z.
        pairs: those of each slice against the one before, where both were looked at and neither is of one grey value.
        rows: number of rows of what was looked at.
    """

    volume: Volume
    looks: tuple[SliceLook, ...]
    pairs: tuple[PairLook, ...]
    rows: int

    def numbers(self, slices: Iterable[int]) -> tuple[int, ...]:
        """Slices of the stack as numbers in its file."""
        return tuple(int(z) + self.volume.origin[0] for z in slices)

    @cached_property
    def z(self) -> NDArray[np.intp]:
        """The slices that were looked at."""
        return np.array([look.z for look in self.looks], np.intp)

    @cached_property
    def neighbours(self) -> tuple[PairLook, ...]:
        """The pairs of slices that lie side by side."""
        return tuple(pair for pair in self.pairs if pair.z == pair.previous + 1)

    @cached_property
    def contrast(self) -> float:
        """Typical difference of the 95th and the 5th percentile of a slice, in grey levels."""
        ranges = [look.percentiles[2] - look.percentiles[0] for look in self.looks if look.least < look.most]
        return float(np.median(ranges)) if ranges else 0.0

    @cached_property
    def spread(self) -> float:
        """Typical standard deviation of a slice, in grey levels."""
        spreads = [look.spread for look in self.looks if look.least < look.most]
        return float(np.median(spreads)) if spreads else 0.0


def survey_stack(volume: Volume, *, quick: bool = False, progress: Progress = silent) -> StackSurvey:
    """Look at all slices of a stack on two threads, in bounded memory.

    Of each slice the middle 1024 x 1024 pixels count, with `quick` the middle 256 x 256.

    Raises:
        FormatError, PixelError: pixels that cannot be read.
    """
    edge = _QUICK if quick else _WHOLE
    boxes = list(_plan_slabs(volume.shape, edge))
    looks: list[SliceLook] = []
    pairs: list[PairLook] = []
    last: Window | None = None
    progress(0, volume.shape[0])
    with ThreadPoolExecutor(_THREADS) as pool:
        for part in pool.map(partial(_look_at_slab, volume), boxes):
            looks += part.looks
            if last is not None and part.first is not None:
                pairs.append(compare_windows(last, part.first))
            pairs += part.pairs
            last = part.last or last
            progress(len(looks), volume.shape[0])
    return StackSurvey(volume, tuple(looks), tuple(pairs), boxes[0].shape[1])


@dataclass(frozen=True, eq=False)
class _Slab:
    """A run of slices; `first` and `last` are the windows of those at its ends that are not of one grey value."""

    looks: tuple[SliceLook, ...]
    pairs: tuple[PairLook, ...]
    first: Window | None
    last: Window | None


def _plan_slabs(shape: Triple, edge: int) -> Iterator[Box]:
    """Boxes of some slices, of whole chunks of an OME-Zarr where memory allows."""
    starts = [max(0, (n - edge) // 2) for n in shape[1:]]
    stops = [min(n, start + edge) for n, start in zip(shape[1:], starts, strict=True)]
    area = (stops[0] - starts[0]) * (stops[1] - starts[1])
    deep = max(1, min(_SLAB, _SLAB_VOXELS // max(1, area)))
    for z in range(0, shape[0], deep):
        yield Box((z, *starts), (min(z + deep, shape[0]), *stops))  # type: ignore[arg-type]


def _look_at_slab(volume: Volume, box: Box) -> _Slab:
    pixels = volume.read(box)
    looks, pairs = [], []
    first = last = None
    for offset, one in enumerate(pixels):
        window = take_window(box.start[0] + offset, one, _WINDOW)
        look = look_at_slice(window, one)
        looks.append(look)
        if look.least == look.most:
            continue
        if last is not None:
            pairs.append(compare_windows(last, window))
        first, last = first or window, window
    return _Slab(tuple(looks), tuple(pairs), first, last)
