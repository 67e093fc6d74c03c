"""Pixels of a prepared volume, made of raw slices when they are read.

box of the volume -> raw slices that it needs -> remedies in their order -> shifts -> even grid along z -> window
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, PixelSource, Triple
from keramos.preparation.alignment import shift_slab
from keramos.preparation.preparation import Preparation
from keramos.preparation.remedy import Grey

_THREADS = 2


@dataclass(frozen=True, eq=False)
class PreparedSource:
    """The voxels of a preparation of raw slices, in their type: rounded and clipped where that has integers."""

    raw: PixelSource
    preparation: Preparation

    @property
    def shape(self) -> Triple:
        return self.preparation.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.raw.dtype

    def read(self, box: Box) -> NDArray[Any]:
        """The voxels of a box; whole raw slices are read for it."""
        return self.compute(box, self.read_raw(box))

    def read_raw(self, box: Box) -> NDArray[Any]:
        """The field of all raw slices that a box of the volume needs."""
        field = self.preparation.field
        first, stop = self._raw_range(box)
        return self.raw.read(Box((first, *field.start[1:]), (stop, *field.stop[1:])))

    def compute(self, box: Box, raw: NDArray[Any]) -> NDArray[Any]:
        """The voxels of a box from the raw slices that `read_raw` gave for it."""
        first, _ = self._raw_range(box)
        grid = self.preparation.grid
        slices = range(box.start[0], box.stop[0])
        needed = sorted({int(place) for z in slices for place in (grid.below[z], grid.above[z])})
        remedied = self._apply_remedies(raw.astype(np.float32), first)
        with ThreadPoolExecutor(_THREADS) as pool:
            moved = dict(zip(needed, pool.map(lambda one: self._move(remedied, one, first, box), needed), strict=True))
        out = np.empty(box.shape, self.dtype)
        for place, z in enumerate(slices):
            weight = np.float32(grid.weight[z])
            values = moved[int(grid.below[z])]
            if weight:
                values = (1 - weight) * values + weight * moved[int(grid.above[z])]
            out[place] = _convert(values, self.dtype)
        return out

    def _raw_range(self, box: Box) -> tuple[int, int]:
        """The raw slices, first and past the last, that a box needs, with the neighbours that remedies look at."""
        grid, kept = self.preparation.grid, self.preparation.kept
        halo = self.preparation.halo
        rows = slice(box.start[0], box.stop[0])
        low, high = kept[int(grid.below[rows].min())], kept[int(grid.above[rows].max())]
        return max(0, low - halo), min(self.raw.shape[0], high + halo + 1)

    def _apply_remedies(self, grey: Grey, first: int) -> Grey:
        for remedy in self.preparation.chain:
            grey = remedy.apply(grey, self.preparation.remedies[remedy.name], first)
        return grey

    def _move(self, grey: Grey, kept: int, first: int, box: Box) -> Grey:
        """The box's rows and columns of a kept slice after its shift."""
        shifts, (rows, columns) = self.preparation.shifts, self.preparation.window
        plane: Grey = grey[self.preparation.kept[kept] - first]
        if shifts.is_moved:
            plane = shift_slab(plane[None], shifts.yx[kept : kept + 1])[0][0]
        window = (
            slice(rows.start + box.start[1], rows.start + box.stop[1]),
            slice(columns.start + box.start[2], columns.start + box.stop[2]),
        )
        return plane[window]


def _convert(values: Grey, dtype: np.dtype[Any]) -> NDArray[Any]:
    if dtype.kind == "f":
        return values.astype(dtype)
    limits = np.iinfo(dtype)
    return np.clip(np.rint(values), limits.min, limits.max).astype(dtype)
