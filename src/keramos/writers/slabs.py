"""Slices of a volume one after the other, read a slab at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume, Triple, Volume
from keramos.core.progress import Progress, silent

SLAB = 2**26
"""Voxels to be read at once: 16 slices of 2048 x 2048, which are 64 MiB of labels."""
_CHUNK = 16  # slices in a chunk of our stores: slabs of whole chunks read each of them once


def thickness(shape: Triple, voxels: int = SLAB) -> int:
    """The number of slices (at least one) of a volume of `shape` with at most `voxels`; whole chunks where possible."""
    slices = max(1, voxels // (shape[1] * shape[2]))
    return slices - slices % _CHUNK if slices > _CHUNK else slices


def slices_of(volume: Volume | LabelVolume, progress: Progress = silent) -> Iterator[NDArray[Any]]:
    """The slices (Y X) in order of z."""
    depth, height, width = volume.shape
    step = thickness(volume.shape)
    for start in range(0, depth, step):
        stop = min(start + step, depth)
        for z, pixels in enumerate(np.asarray(volume.read(Box((start, 0, 0), (stop, height, width)))), start):
            yield pixels
            progress(z + 1, depth)
