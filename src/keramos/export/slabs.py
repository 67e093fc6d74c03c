"""Slices of a volume one after the other, read a slab at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.progress import Progress, silent
from keramos.volume import Box, LabelVolume, Triple, Volume

SLAB = 2**23
"""Voxels to be held at once: enough for chunks of a store to be read once, little beside what a mesh takes."""


def thickness(shape: Triple, voxels: int = SLAB) -> int:
    """How many slices (at least one) of a volume of `shape` have no more than `voxels`."""
    return max(1, voxels // (shape[1] * shape[2]))


def slices_of(volume: Volume | LabelVolume, progress: Progress = silent) -> Iterator[NDArray[Any]]:
    """The slices (Y X) in order of z."""
    depth, height, width = volume.shape
    step = thickness(volume.shape)
    for start in range(0, depth, step):
        stop = min(start + step, depth)
        yield from np.asarray(volume.read(Box((start, 0, 0), (stop, height, width))))
        progress(stop, depth)
