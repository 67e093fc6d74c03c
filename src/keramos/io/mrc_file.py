"""MRC files (`.mrc`, `.rec`, `.map`), read through a memory map."""

from __future__ import annotations

import warnings
from pathlib import Path

import mrcfile
import numpy as np

from keramos.core import VoxelSize, triple
from keramos.core.errors import FormatError
from keramos.io.memory_map import MapSource, truncated
from keramos.io.reasons import reason

NM_PER_ANGSTROM = 0.1


def open_mrc(path: Path) -> tuple[MapSource, VoxelSize | None]:
    """The pixels of an image or a volume and its voxel size; a size of zero in the header means unknown.

    Raises:
        FormatError: not an MRC file, truncated, or neither 2-D nor 3-D real numbers.
    """
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with mrcfile.mmap(path, mode="r") as mrc:
                data = mrc.data
                size, shape, dtype, offset = mrc.voxel_size, data.shape, data.dtype, int(data.offset)
                edges = [float(size.z), float(size.y), float(size.x)]
    except (ValueError, OSError, AttributeError) as error:
        if "size" in str(error):
            raise truncated(path, "the pixels that its header announces", reason(error)) from None
        raise FormatError(
            f"expected an MRC image in {path}, found something else ({reason(error)}); export it again"
        ) from None
    if len(shape) not in (2, 3) or dtype.kind not in "iuf":
        raise FormatError(f"expected a 2-D or 3-D MRC of grey values in {path}, found {dtype} of shape {shape}")
    source = MapSource(path, triple(shape if len(shape) == 3 else (1, *shape)), dtype, offset)
    return source, _voxel_size(edges)


def _voxel_size(angstrom: list[float]) -> VoxelSize | None:
    known = all(np.isfinite(edge) and edge > 0 for edge in angstrom)
    # The header holds single precision: six digits are what it knows.
    return VoxelSize.of([float(f"{edge * NM_PER_ANGSTROM:.6g}") for edge in angstrom]) if known else None
