"""Maps of named regions that may overlap, one bit of a voxel for each region."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, BoxSource, PixelSource, Provenance, Triple, VoxelSize
from keramos.core.errors import FormatError, ShapeError
from keramos.core.object_path import as_path
from keramos.io.ngff_read import read_ngff
from keramos.io.unfinished import find_unfinished, refuse_unfinished


@dataclass(frozen=True, eq=False)
class RegionMap:
    """Region number i (from 0) has the name `names[i]` and the bit 2^i."""

    source: PixelSource
    names: tuple[str, ...]
    voxel_size: VoxelSize | None
    name: str

    @property
    def shape(self) -> Triple:
        return self.source.shape

    def read(self, box: Box) -> NDArray[np.uint8]:
        """The bits of `box` (Z Y X); ShapeError if it leaves the volume."""
        if not Box.whole(self.shape).contains(box):
            raise ShapeError(f"expected a box inside {self.shape} voxels (z, y, x) of {self.name}, found {box}")
        return np.asarray(self.source.read(box), np.uint8)

    def crop(self, box: Box) -> RegionMap:
        """The same map seen through `box`; nothing is read."""
        return RegionMap(BoxSource(self.source, box), self.names, self.voxel_size, self.name)


def open_regions(path: str | Path) -> RegionMap:
    """A map of regions as `keramos phantom` writes it.

    Raises:
        FormatError: something else, or a map that a killed run has not finished.
    """
    image = read_ngff(as_path(path))
    made = Provenance.from_json(image.keramos.get("provenance") or [])
    refuse_unfinished(path, find_unfinished(as_path(path), made))
    names = tuple(image.keramos.get("bits") or ())
    if image.keramos.get("kind") != "regions" or not names:
        raise FormatError(
            f"expected a map of regions, as regions.ome.zarr of `keramos phantom`, found something else in {path}"
        )
    return RegionMap(image.source(), names, image.voxel_size, str(path))
