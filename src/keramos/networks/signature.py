"""The geometry of a segmenter: what it reads for what it decides. The plan of blocks is derived from this alone."""

from __future__ import annotations

from dataclasses import dataclass

from keramos.core import Triple, VoxelSize


@dataclass(frozen=True, slots=True)
class GreyValues:
    """The grey values that a network was made for: their type (as NumPy writes it) and the range in which nearly all
    lay (1st and 99th percentiles); None where any will do."""

    dtype: str | None = None
    grey_range: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Signature:
    """The geometry of a segmenter, of a network or of a thresholding method alike.

    Attributes:
        z_offsets_nm: the planes it reads around the plane it decides, as offsets in nm; `(0.0,)` for one slice.
        stride: its output is equivariant only under shifts by multiples of this (Z Y X voxels).
        halo: how many voxels beyond the core its result depends on (Z Y X).
        classes: how many phases it tells apart.
        voxel_size: what it was made for; None for methods that work on any.
        dtype: of the grey values that it was made for (as NumPy writes it); None for methods that work on any.
        grey_range: between which of them nearly all lay (1st and 99th percentiles).
        others: the grey values of further images of each slice, by other detectors, that it reads.
        bytes_per_pixel: memory that it needs for each pixel of a slice while it works on that slice.
        bytes_per_voxel: memory that it needs for each voxel of a block, beside its pixels and scores.
    """

    z_offsets_nm: tuple[float, ...] = (0.0,)
    stride: Triple = (1, 1, 1)
    halo: Triple = (0, 0, 0)
    classes: int = 2
    voxel_size: VoxelSize | None = None
    dtype: str | None = None
    grey_range: tuple[float, float] | None = None
    others: tuple[GreyValues, ...] = ()
    bytes_per_pixel: int = 64
    bytes_per_voxel: int = 0

    @property
    def channels(self) -> int:
        """Images of each slice that it reads."""
        return 1 + len(self.others)
