"""The slices that the browser holds, and their pixels merged to fewer."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple

TILE_MULTIPLE = 8
"""Slices lie below each other in a sprite at multiples of JPEG's blocks, so that none shines into the next."""


@dataclass(frozen=True, slots=True)
class View:
    """The z of the slices, and the pixels (Y X) that are merged into one; what is left over at the ends is cut off."""

    slices: tuple[int, ...]
    merged: tuple[int, int]
    height: int
    width: int

    @classmethod
    def of(cls, shape: Triple, most_slices: int, most_pixels: int) -> View:
        """At most so many evenly spaced slices, first and last included, and so many pixels along y and x."""
        depth, height, width = shape
        picked = np.unique(np.linspace(0, depth - 1, min(depth, most_slices)).round().astype(int))
        factors = (-(-height // most_pixels), -(-width // most_pixels))
        return cls(tuple(int(z) for z in picked), factors, height // factors[0], width // factors[1])

    @property
    def tile_height(self) -> int:
        return -(-self.height // TILE_MULTIPLE) * TILE_MULTIPLE

    def mean(self, pixels: NDArray[np.generic]) -> NDArray[np.float32]:
        """Each shown pixel's mean (Y X)."""
        return np.asarray(self._blocks(pixels).mean(axis=(1, 3), dtype=np.float32))

    def most_frequent(self, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        """Each shown pixel's most frequent code (Y X); the smaller one of two that are equally frequent."""
        blocks = self._blocks(codes)
        if self.merged == (1, 1):
            return np.asarray(blocks[:, 0, :, 0])
        values = np.unique(codes)
        counts = np.stack([np.count_nonzero(blocks == value, axis=(1, 3)) for value in values])
        return np.asarray(values[counts.argmax(axis=0)], np.uint8)

    def _blocks(self, pixels: NDArray[np.generic]) -> NDArray[np.generic]:
        down, across = self.merged
        kept = pixels[: self.height * down, : self.width * across]
        return kept.reshape(self.height, down, self.width, across)
