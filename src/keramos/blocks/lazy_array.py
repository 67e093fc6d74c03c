"""Volumes as Dask arrays: every other library of Python reads those, piece by piece."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume, PixelSource, SourceView, Triple, Volume, piece_shape, triple

if TYPE_CHECKING:
    import dask.array as da

_LEAST_VOXELS = 2**22
"""Smaller pieces are read several at a time: a graph of millions of tasks takes longer than reading."""


def to_dask(volume: Volume | LabelVolume | PixelSource) -> da.Array:
    """The pixels (Z Y X) as a Dask array, which reads what is asked for when it is computed; nothing is copied.

    Example:
        >>> volume = Volume.from_array(np.arange(24, dtype=np.uint8).reshape(2, 3, 4), name="small")
        >>> array = to_dask(volume)
        >>> array.shape, str(array.dtype), int(array[1].max().compute())
        ((2, 3, 4), 'uint8', 23)
    """
    import dask.array as da

    source = volume.source if isinstance(volume, Volume | LabelVolume) else volume
    lazy = _Sliceable(source)
    # Without a name of its own every pixel of an array in memory would be hashed for one.
    make: Any = da.from_array
    array: da.Array = make(lazy, chunks=chunks_for(source), name=False, meta=np.empty((0, 0, 0), source.dtype))
    return array


def chunks_for(source: PixelSource) -> Triple:
    """The shape (Z Y X) of the chunks in which a source is read: the pieces that it decodes, in planes as wide as
    possible first, until there is a good amount of work in each.

    Example:
        >>> from keramos.core import ArraySource
        >>> chunks_for(ArraySource(np.zeros((100, 512, 1024), np.uint8)))
        (8, 512, 1024)
    """
    edges, shape = list(piece_shape(source)), source.shape
    for axis in (2, 1, 0):
        while edges[axis] < shape[axis] and prod(edges) < _LEAST_VOXELS:
            edges[axis] *= 2
    return triple([max(1, min(edge, length)) for edge, length in zip(edges, shape, strict=True)])


@dataclass(frozen=True, eq=False)
class _Sliceable(SourceView):
    """A source that is read by indexing, as Dask does it."""

    ndim: int = 3

    def __getitem__(self, index: Any) -> NDArray[Any]:
        given = index if isinstance(index, tuple) else (index,)
        parts = (*given, *(slice(None),) * (3 - len(given)))
        ranges = [_range_of(part, length) for part, length in zip(parts, self.shape, strict=True)]
        low, high = ([pick(each) if each else 0 for each in ranges] for pick in (min, max))
        stop = [last + 1 if each else 0 for last, each in zip(high, ranges, strict=True)]
        pixels = self.source.read(Box(triple(low), triple(stop)))
        return pixels[tuple(slice(None, None, p.step) if isinstance(p, slice) else 0 for p in parts)]


def _range_of(part: Any, length: int) -> range:
    """The indices along an axis that a slice or a single index means."""
    return range(*part.indices(length)) if isinstance(part, slice) else range(length)[part : part + 1 or None]
