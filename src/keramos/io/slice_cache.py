"""Decoded slices that are kept for the next block."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box

# A layer of blocks reads the same slices again for each tile. 256 MiB hold 16 slices of 4096 x 4096 bytes, the depth
# of a chunk, so that each slice is decoded once a layer.
BUDGET_BYTES = 256 * 2**20


class SliceCache:
    """The least recently used slices are dropped first. Safe with threads; a pickled cache arrives empty."""

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget = budget_bytes
        self._slices: OrderedDict[int, NDArray[Any]] = OrderedDict()
        self._held = 0
        self._guard = Lock()
        # Threads that want the same slice wait for one decoder; other slices decode meanwhile.
        self._decoders = tuple(Lock() for _ in range(16))

    def get(self, z: int, decode: Callable[[int], NDArray[Any]]) -> NDArray[Any]:
        """The slice z, decoded only if it is not held."""
        with self._decoders[z % len(self._decoders)]:
            held = self._recall(z)
            return self._keep(z, decode(z)) if held is None else held

    def _recall(self, z: int) -> NDArray[Any] | None:
        with self._guard:
            if z in self._slices:
                self._slices.move_to_end(z)
            return self._slices.get(z)

    def _keep(self, z: int, pixels: NDArray[Any]) -> NDArray[Any]:
        with self._guard:
            self._slices[z] = pixels
            self._held += pixels.nbytes
            while self._held > self._budget and len(self._slices) > 1:
                _, dropped = self._slices.popitem(last=False)
                self._held -= dropped.nbytes
        return pixels

    def __reduce__(self) -> tuple[type[SliceCache], tuple[int]]:
        return (SliceCache, (self._budget,))


def gather(box: Box, dtype: np.dtype[Any], slice_at: Callable[[int], NDArray[Any]]) -> NDArray[Any]:
    """The pixels of a box (Z Y X), cut from whole slices."""
    pixels = np.empty(box.shape, dtype)
    for row, z in enumerate(range(box.start[0], box.stop[0])):
        pixels[row] = slice_at(z)[box.slices[1:]]
    return pixels
