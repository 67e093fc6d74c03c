"""MRC files, read through a memory map."""

from __future__ import annotations

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import mrcfile
import numpy as np

from keramos.core import VoxelSize, triple
from keramos.core.errors import FormatError
from keramos.io.error_text import one_line
from keramos.io.format import Format, LazyTags, Opened
from keramos.io.memory_map import MapSource, truncation_error
from keramos.io.plausible import refuse_lengths

NM_PER_ANGSTROM = 0.1
_MARK_AT, _MARK = 208, b"MAP"


def open_mrc(path: Path, _indices: bool = False) -> Opened:
    """The pixels of an image or a volume and its voxel size; a size of zero in the header means unknown.

    Raises:
        FormatError: not an MRC file, truncated, or neither 2-D nor 3-D real numbers.
    """
    try:
        with _map_file(path) as mrc:
            data = mrc.data
            size, shape, dtype, offset = mrc.voxel_size, data.shape, data.dtype, int(data.offset)
            edges = [float(size.z), float(size.y), float(size.x)]
    except Exception as error:  # mrcfile raises what it likes on odd headers
        if "size" in str(error):
            raise truncation_error(path, "the pixels that its header announces", one_line(error)) from None
        raise FormatError(
            f"expected an MRC image in {path}, found something else ({one_line(error)}); export it again"
        ) from None
    if len(shape) not in (2, 3) or dtype.kind not in "iuf":
        raise FormatError(f"expected a 2-D or 3-D MRC of grey values in {path}, found {dtype} of shape {shape}")
    refuse_lengths(path, shape)
    source = MapSource(path, triple(shape if len(shape) == 3 else (1, *shape)), dtype, offset)
    return Opened(source, _voxel_size(edges), tags=(LazyTags(lambda: _header(path)),))


@contextmanager
def _map_file(path: Path) -> Iterator[Any]:
    """The file as mrcfile maps it, without the warnings about odd headers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        with mrcfile.mmap(path, mode="r") as mrc:
            yield mrc


def _voxel_size(angstrom: list[float]) -> VoxelSize | None:
    known = all(np.isfinite(edge) and edge > 0 for edge in angstrom)
    # The header holds single precision: six digits are what it knows.
    return VoxelSize.of([float(f"{edge * NM_PER_ANGSTROM:.6g}") for edge in angstrom]) if known else None


def _header(path: Path) -> dict[str, Any]:
    """The fields of the header, and the extended header as bytes."""
    with _map_file(path) as mrc:
        fields = {name: mrc.header[name].tolist() for name in mrc.header.dtype.names}
        return {**fields, "extended_header": mrc.extended_header.tobytes()}


def _is_mrc(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(_MARK_AT)
        return file.read(len(_MARK)) == _MARK


MRC = Format("MRC", (".mrc", ".rec", ".map"), open_mrc, sniff=_is_mrc)
