"""One reading of a stack for all of its checks: each slice is read once, its middle compared with the slice before."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Triple, Volume
from keramos.core.progress import Progress, silent
from keramos.inspection.slice_look import (
    PairLook,
    SliceLook,
    Window,
    compare_windows,
    look_at_slice,
    take_window,
)
from keramos.inspection.structure import Correlations, join_correlations, measure_correlations
from keramos.inspection.whole_slices import Margins, WholeSlice, find_bar, read_whole_slices

_WHOLE, _QUICK = 1024, 256
WINDOW = 512
_SAMPLES, _QUICK_SAMPLES = 32, 8
_FEW_VALUES = 8
_EVERY = 3
_WIDE = 0.1
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
        samples: whole slices, spread over the stack, without those of one grey value.
        content: the part of each slice that the looks and pairs are of: borders and information bars are left out.
        correlations: of some runs of slices; None where there are too few.
    """

    volume: Volume
    looks: tuple[SliceLook, ...]
    pairs: tuple[PairLook, ...]
    samples: tuple[WholeSlice, ...]
    content: Box
    correlations: Correlations | None

    def numbers(self, slices: Iterable[int]) -> tuple[int, ...]:
        """Slices of the stack as numbers in its file."""
        return tuple(int(z) + self.volume.origin[0] for z in slices)

    @cached_property
    def z(self) -> NDArray[np.intp]:
        """The slices that were looked at."""
        return np.array([look.z for look in self.looks], np.intp)

    @property
    def rows(self) -> int:
        """The number of rows of what was looked at."""
        return self.content.shape[1]

    @property
    def margins(self) -> Margins:
        """The widest borders of one grey value."""
        return find_margins(self.samples, self.volume.shape)

    @property
    def is_float(self) -> bool:
        return self.volume.dtype.kind == "f"

    @cached_property
    def has_few_values(self) -> bool:
        """Whether the images have hardly more grey values than labels."""
        return all(len(np.unique(sample.thumbnail)) <= _FEW_VALUES for sample in self.samples)

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
    samples = read_whole_slices(volume, _QUICK_SAMPLES if quick else _SAMPLES)
    content = _find_content(volume.shape, samples)
    boxes = list(_plan_slabs(content, _QUICK if quick else _WHOLE))
    looks: list[SliceLook] = []
    pairs: list[PairLook] = []
    correlations: list[Correlations] = []
    last: Window | None = None
    progress(0, volume.shape[0])
    with ThreadPoolExecutor(_THREADS) as pool:
        for part in pool.map(partial(_look_at_slab, volume), boxes):
            looks += part.looks
            if last is not None and part.first is not None:
                pairs.append(compare_windows(last, part.first))
            pairs += part.pairs
            last = part.last or last
            correlations += part.correlations
            progress(len(looks), volume.shape[0])
    return StackSurvey(volume, tuple(looks), tuple(pairs), tuple(samples), boxes[0], join_correlations(correlations))


@dataclass(frozen=True, eq=False)
class _Slab:
    """A run of slices; `first` and `last` are the windows of those at its ends that are not of one grey value."""

    looks: tuple[SliceLook, ...]
    pairs: tuple[PairLook, ...]
    first: Window | None
    last: Window | None
    correlations: tuple[Correlations, ...]


def find_margins(samples: Sequence[WholeSlice], shape: Triple) -> Margins:
    """The widest borders of one grey value of these slices, without those of slices that are cut off."""
    if not samples:
        return Margins()
    widths = np.array([sample.margins for sample in samples])
    most = np.maximum(2 * np.median(widths, axis=0), _WIDE * np.array([shape[1], shape[1], shape[2], shape[2]]))
    return Margins(*np.where(widths <= most, widths, 0).max(axis=0).tolist())


def _find_content(shape: Triple, samples: Sequence[WholeSlice]) -> Box:
    """The stack without borders and information bars, where most of it is left."""
    margins = find_margins(samples, shape)
    bottom = max(margins.bottom, find_bar(samples))
    start, stop = (0, margins.top, margins.left), (shape[0], shape[1] - bottom, shape[2] - margins.right)
    if any(b - a < n / 3 for a, b, n in zip(start, stop, shape, strict=True)):
        return Box.whole(shape)
    return Box(start, stop)


def _plan_slabs(content: Box, edge: int) -> Iterator[Box]:
    """Boxes of some slices, of whole chunks of an OME-Zarr where memory allows, of the middle of the content."""
    starts = [low + max(0, (n - edge) // 2) for low, n in zip(content.start[1:], content.shape[1:], strict=True)]
    stops = [min(high, start + edge) for high, start in zip(content.stop[1:], starts, strict=True)]
    area = (stops[0] - starts[0]) * (stops[1] - starts[1])
    deep = max(1, min(_SLAB, _SLAB_VOXELS // max(1, area)))
    for z in range(0, content.stop[0], deep):
        yield Box((z, starts[0], starts[1]), (min(z + deep, content.stop[0]), stops[0], stops[1]))


def _look_at_slab(volume: Volume, box: Box) -> _Slab:
    pixels = volume.read(box)
    looks, pairs, fine = [], [], []
    first = last = None
    for offset, one in enumerate(pixels):
        window = take_window(box.start[0] + offset, one, WINDOW)
        look = look_at_slice(window, one)
        looks.append(look)
        if look.least == look.most:
            continue
        if last is not None:
            pairs.append(compare_windows(last, window))
        first, last = first or window, window
        fine.append(window.registrable.plain)
    # Some runs of slices are enough, and runs with a gap do not count.
    measured = box.start[0] // _SLAB % _EVERY == 0 and len(fine) == len(pixels) >= _SLAB // 2
    curves = (measure_correlations(fine, last.registrable.pixels),) if measured and last else ()
    return _Slab(tuple(looks), tuple(pairs), first, last, curves)
