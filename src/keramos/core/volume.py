"""Volumes: calibrated grey values and labels whose pixels are reached only through `read(box)`."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from keramos.core.box import Box, Triple, triple
from keramos.core.errors import ShapeError, VoxelSizeError
from keramos.core.phases import PhaseTable
from keramos.core.provenance import Provenance
from keramos.core.view import View
from keramos.core.voxel_size import VoxelSize


class PixelSource(Protocol):
    """Anything 3-D (Z Y X) that can give the pixels of a box inside it."""

    @property
    def shape(self) -> Triple: ...

    @property
    def dtype(self) -> np.dtype[Any]: ...

    def read(self, box: Box) -> NDArray[Any]: ...


@dataclass(frozen=True, eq=False)
class ArraySource:
    """Pixels of an array in memory or a memory map; 2-D becomes one slice.

    Raises:
        ShapeError: the array is neither 2-D nor 3-D.
    """

    array: NDArray[Any]

    def __post_init__(self) -> None:
        if self.array.ndim == 2:
            object.__setattr__(self, "array", self.array[None])
        if self.array.ndim != 3:
            raise ShapeError(f"expected a 2-D or 3-D array, found {self.array.ndim}-D of shape {self.array.shape}")

    @property
    def shape(self) -> Triple:
        return triple(self.array.shape)

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.array.dtype

    def read(self, box: Box) -> NDArray[Any]:
        return np.asarray(self.array[box.slices])


@dataclass(frozen=True, eq=False)
class SourceView:
    """Another source seen in some way: of its shape and type unless the view says otherwise."""

    source: PixelSource

    @property
    def shape(self) -> Triple:
        return self.source.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.source.dtype

    @property
    def origin(self) -> Triple:
        return origin_of(self.source)


@dataclass(frozen=True, eq=False)
class BoxSource(SourceView):
    """A box of another source, read lazily, with its own origin."""

    box: Box

    @property
    def shape(self) -> Triple:
        return self.box.shape

    @property
    def origin(self) -> Triple:
        inner = origin_of(self.source)
        return triple([a + b for a, b in zip(inner, self.box.start, strict=True)])

    def read(self, box: Box) -> NDArray[Any]:
        return self.source.read(box.shift(self.box.start))


def origin_of(source: PixelSource) -> Triple:
    """Where the first voxel (Z Y X) of a source lies in its file: not at zero if it is a box of it."""
    origin: Triple = getattr(source, "origin", (0, 0, 0))
    return origin


@dataclass(frozen=True, eq=False)
class _Calibrated:
    source: PixelSource
    voxel_size: VoxelSize | None = None
    name: str = "memory"
    provenance: Provenance = field(default_factory=Provenance)

    @property
    def shape(self) -> Triple:
        return self.source.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        return self.source.dtype

    @property
    def box(self) -> Box:
        return Box.whole(self.shape)

    @property
    def origin(self) -> Triple:
        """Where its first voxel lies in the file (Z Y X), if it is a box of it."""
        return origin_of(self.source)

    def read(self, box: Box | None = None) -> NDArray[Any]:
        """The pixels of `box` (the whole volume without one), Z Y X. ShapeError if it leaves the volume."""
        box = self.box if box is None else box
        if not self.box.contains(box):
            raise ShapeError(f"expected a box inside {self.name} of {self.shape} voxels (z, y, x), found {box}")
        return self.source.read(box)

    def require_voxel_size(self) -> VoxelSize:
        """The voxel size; VoxelSizeError if it is not known."""
        if self.voxel_size is None:
            raise VoxelSizeError(
                f"expected the voxel size of {self.name}, found none in its metadata; give --voxel-size Z Y X in nm"
            )
        return self.voxel_size


@dataclass(frozen=True, eq=False)
class Volume(_Calibrated):
    """Grey values on a Z Y X grid. `voxel_size` and `view` are None where nobody knows them."""

    view: View | None = None

    @classmethod
    def from_array(cls, array: NDArray[Any], voxel_size: VoxelSize | None = None, name: str = "memory") -> Volume:
        return cls(ArraySource(array), voxel_size, name)

    def crop(self, box: Box) -> Volume:
        """The same volume seen through `box`; nothing is read."""
        return replace(self, source=BoxSource(self.source, box))


@dataclass(frozen=True, eq=False)
class LabelVolume(_Calibrated):
    """Phase codes (uint8, Z Y X): 0 ... len(phases) - 1, and 255 where nobody annotated."""

    phases: PhaseTable = field(default_factory=lambda: PhaseTable.from_names(["void", "solid"]))

    @classmethod
    def from_array(
        cls,
        array: NDArray[np.uint8],
        phases: PhaseTable,
        voxel_size: VoxelSize | None = None,
        name: str = "memory",
    ) -> LabelVolume:
        return cls(ArraySource(array), voxel_size, name, phases=phases)

    def crop(self, box: Box) -> LabelVolume:
        """The same labels seen through `box`; nothing is read."""
        return replace(self, source=BoxSource(self.source, box))
