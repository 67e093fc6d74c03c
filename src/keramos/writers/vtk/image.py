"""A stack as VTK ImageData: .vti"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import LabelVolume, Volume
from keramos.core.errors import PixelError
from keramos.core.progress import Progress, silent
from keramos.writers.domain import corner_of
from keramos.writers.slabs import slices_of
from keramos.writers.vtk.appended import Array, Grid, write_grid

_NARROWEST_FLOAT = 4  # bytes: VTK has no half precision


def write_vti(volume: Volume | LabelVolume, out: Path, *, compress: bool = False, progress: Progress = silent) -> None:
    """Write images (`grey`) or labels (`phase`, 255 where nobody annotated, with each phase's code as field data under
    its name), slice by slice.

    A voxel is a point of the image, x fastest, with spacing in nm. The first lies at its voxel's middle, seen from the
    corner of the file's first voxel, so that the image lies where a mesh of the same stack lies.

    Raises:
        PixelError: pixels that are no numbers of VTK's (complex ones, say).
        VoxelSizeError: the voxel size is not known.
    """
    labels = isinstance(volume, LabelVolume)
    size = volume.require_voxel_size()
    depth, height, width = volume.shape
    kind = _kind(volume)
    extent = f"0 {width - 1} 0 {height - 1} 0 {depth - 1}"
    middle = [first + edge / 2 for first, edge in zip(corner_of(volume), size.zyx, strict=True)]
    name = "phase" if labels else "grey"

    def pieces() -> Iterator[NDArray[Any]]:
        return slices_of(volume, progress)

    grid = Grid(
        "ImageData",
        attributes={"WholeExtent": extent, "Origin": _xyz(middle), "Spacing": _xyz(size.zyx)},
        piece={"Extent": extent},
        sections={"PointData": [Array(name, kind, volume.box.voxels, pieces, blocks=depth)]},
        scalars=name,
        phases=volume.phases if isinstance(volume, LabelVolume) else None,
    )
    write_grid(grid, out, compress=compress)


def _kind(volume: Volume | LabelVolume) -> np.dtype[Any]:
    """The type of the file's numbers."""
    dtype = volume.dtype
    if dtype.kind == "b":
        return np.dtype(np.uint8)
    if dtype.kind not in "iuf" or dtype.itemsize > np.dtype(np.float64).itemsize:
        raise PixelError(f"expected integers or floats up to 64 bit for a .vti file, found {dtype} in {volume.name}")
    return np.dtype(np.float32) if dtype.kind == "f" and dtype.itemsize < _NARROWEST_FLOAT else dtype


def _xyz(zyx: tuple[float, float, float] | list[float]) -> str:
    z, y, x = zyx
    # NumPy's own numbers would show their type.
    return " ".join(repr(float(length)) for length in (x, y, z))
