"""Voxels of files, by way of the pieces that are kept."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.apps.studio.pieces import PieceCache
from keramos.core import Box, Triple, triple
from keramos.io import Level

_LARGE_EDGE = 1024
Pixels = NDArray[Any]


def pick_middle(pixels: Pixels, merged: Triple) -> Pixels:
    """The middle voxel of each group, for labels; groups at the far border may be smaller.

    Example:
        >>> pick_middle(np.array([[[1, 2, 3, 4]]], np.uint8), (1, 1, 3)).tolist()
        [[[2, 4]]]
    """
    return _complete_groups(pixels, merged)[tuple(slice((count - 1) // 2, None, count) for count in merged)]


def average(pixels: Pixels, merged: Triple) -> Pixels:
    """The mean of each group, for grey values; groups at the far border may be smaller.

    Example:
        >>> average(np.array([[[1, 3, 8]]], np.uint8), (1, 1, 2)).tolist()
        [[[2, 8]]]
    """
    whole = _complete_groups(pixels, merged)
    parts = [part for length, count in zip(whole.shape, merged, strict=True) for part in (length // count, count)]
    mean = whole.reshape(parts).mean(axis=(1, 3, 5), dtype=np.float32)
    return np.asarray(np.rint(mean) if pixels.dtype.kind in "iu" else mean).astype(pixels.dtype)


def _complete_groups(pixels: Pixels, merged: Triple) -> Pixels:
    """The pixels, with the last ones repeated until there are whole groups."""
    pads = [(0, -length % count) for length, count in zip(pixels.shape, merged, strict=True)]
    return np.pad(pixels, pads, mode="edge") if any(pad for _, pad in pads) else pixels


@dataclass(eq=False)
class StoredVoxels:
    """Voxels of files; `show` turns them into what the page shows.

    Where a file with large slices has no coarser levels, slices are made coarser by `reduce` when they are asked for.
    """

    stored: tuple[Level, ...]
    cache: PieceCache
    show: Callable[[Pixels], Pixels] = field(default=np.asarray)
    reduce: Callable[[Pixels, Triple], Pixels] = pick_middle

    @cached_property
    def levels(self) -> Sequence[tuple[Triple, Triple]]:
        levels = [(level.source.shape, level.merged) for level in self.stored]
        while len(self.stored) == 1 and max(levels[-1][0][1:]) > _LARGE_EDGE:
            merged = 2 ** len(levels)
            (slices, *edges), _ = levels[0]
            levels.append((triple([slices, *(-(-edge // merged) for edge in edges)]), (1, merged, merged)))
        return levels

    def read(self, level: int, box: Box) -> Pixels:
        """The voxels of a box of a level."""
        if level < len(self.stored):
            return self.show(self.cache.read(self.stored[level].source, box))
        source, merged = self.stored[0].source, self.levels[level][1]
        ends = [triple([at * count for at, count in zip(end, merged, strict=True)]) for end in (box.start, box.stop)]
        fine = Box(*ends).clip(Box.whole(source.shape))
        return self.show(self.reduce(self.cache.read(source, fine), merged))

    def forget(self, slices: Sequence[int] | None = None) -> None:
        """Drop the pieces of some slices of the stack (all if None)."""
        for level in self.stored:
            own = None if slices is None else [z // level.merged[0] for z in slices]
            self.cache.forget(level.source, own)
