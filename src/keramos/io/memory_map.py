"""Uncompressed pixels that lie in one run in a file: NumPy, MRC and contiguous TIFF."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Triple
from keramos.core.errors import FormatError


@dataclass(eq=False)
class MapSource:
    """Z Y X pixels of type `stored` (any byte order) at `offset` bytes in a file, mapped at the first read.

    `order` lists the axes as they are stored, the slowest first: (2, 1, 0) where z runs fastest. A pickled source maps
    the file again where it arrives.

    Raises:
        FormatError: the file ends before the pixels do.
    """

    path: Path
    shape: Triple
    stored: np.dtype[Any]
    offset: int
    order: Triple = (0, 1, 2)
    _map: NDArray[Any] | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        needed = self.offset + prod(self.shape) * self.stored.itemsize
        present = self.path.stat().st_size
        if present < needed:
            raise truncation_error(self.path, f"{needed} bytes for {self.shape} voxels (z, y, x)", f"{present} bytes")

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.uint8) if self.stored == np.bool_ else self.stored.newbyteorder("=")

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.path,)

    def read(self, box: Box) -> NDArray[Any]:
        if self._map is None:
            stored = tuple(self.shape[axis] for axis in self.order)
            mapped = np.memmap(self.path, self.stored, "r", self.offset, stored)
            self._map = mapped.transpose([self.order.index(axis) for axis in range(3)])
        return np.array(self._map[box.slices], self.dtype, order="C")

    def __getstate__(self) -> dict[str, Any]:
        return {**self.__dict__, "_map": None}


def truncation_error(path: Path, expected: str, found: str) -> FormatError:
    """The error for a file that ends too early."""
    return FormatError(f"expected {expected} in {path}, found {found}: the file is truncated; copy or export it again")
