"""Decoded pieces of images that are kept for the next tile."""

from __future__ import annotations

from collections import Counter, OrderedDict
from collections.abc import Iterable
from itertools import product
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, PixelSource, Triple, piece_shape, triple

BUDGET_BYTES = 512 * 2**20
"""A plane through a stack of 10 GB with pieces of 16 x 256 x 256 bytes touches about 250 MiB of them."""
_LOCKS = 64


class PieceCache:
    """The least recently used pieces are dropped first. Safe with threads: those that want the same piece wait for one
    decoder, others decode meanwhile.

    A piece is what a source decodes at once: a chunk, or a whole slice where it does not say.
    """

    def __init__(self, budget_bytes: int = BUDGET_BYTES) -> None:
        self._budget = budget_bytes
        self._pieces: OrderedDict[tuple[int, Triple], NDArray[Any]] = OrderedDict()
        self._sources: dict[int, PixelSource] = {}
        self._changes: Counter[int] = Counter()
        self._held = 0
        self._guard = Lock()
        self._decoders = tuple(Lock() for _ in range(_LOCKS))

    @property
    def held_bytes(self) -> int:
        return self._held

    def read(self, source: PixelSource, box: Box) -> NDArray[Any]:
        """The pixels of a box inside a source, put together from its pieces."""
        edges = piece_shape(source)
        ranges = [range(a // edge, -(-b // edge)) for a, b, edge in zip(box.start, box.stop, edges, strict=True)]
        pixels = np.empty(box.shape, source.dtype)
        for number in product(*ranges):
            start = triple([n * edge for n, edge in zip(number, edges, strict=True)])
            stop = triple([a + edge for a, edge in zip(start, edges, strict=True)])
            whole = Box(start, stop).clip(Box.whole(source.shape))
            part = whole.clip(box)
            pixels[part.relative_to(box).slices] = self._piece(source, whole)[part.relative_to(whole).slices]
        return pixels

    def forget(self, source: PixelSource, slices: Iterable[int] | None = None) -> None:
        """Drop the pieces of a source that hold some slices (all if None): they have changed, or are not looked at any
        more. What is being read now is not kept either."""
        depth = piece_shape(source)[0]
        starts = None if slices is None else {z // depth * depth for z in slices}
        with self._guard:
            self._changes[id(source)] += 1
            for key in [key for key in self._pieces if key[0] == id(source)]:
                if starts is None or key[1][0] in starts:
                    self._held -= self._pieces.pop(key).nbytes
            if starts is None:
                self._sources.pop(id(source), None)

    def _piece(self, source: PixelSource, box: Box) -> NDArray[Any]:
        key = (id(source), box.start)
        held = self._recall(key)
        if held is not None:
            return held
        with self._decoders[hash(key) % _LOCKS]:
            held = self._recall(key)
            if held is not None:
                return held
            change = self._note_source(source)
            return self._keep(key, change, source.read(box))

    def _recall(self, key: tuple[int, Triple]) -> NDArray[Any] | None:
        with self._guard:
            if key in self._pieces:
                self._pieces.move_to_end(key)
            return self._pieces.get(key)

    def _note_source(self, source: PixelSource) -> int:
        """The number of changes of a source so far. It is held, so that no other gets its number."""
        with self._guard:
            self._sources[id(source)] = source
            return self._changes[id(source)]

    def _keep(self, key: tuple[int, Triple], change: int, pixels: NDArray[Any]) -> NDArray[Any]:
        with self._guard:
            if change != self._changes[key[0]]:
                return pixels
            self._pieces[key] = pixels
            self._held += pixels.nbytes
            while self._held > self._budget and len(self._pieces) > 1:
                _, dropped = self._pieces.popitem(last=False)
                self._held -= dropped.nbytes
        return pixels
