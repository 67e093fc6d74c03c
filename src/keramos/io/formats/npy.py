"""NumPy `.npy` files, read through a memory map."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from keramos.core import triple
from keramos.core.errors import FormatError
from keramos.io.error_text import one_line
from keramos.io.format import Format, Opened, starts_with
from keramos.io.memory_map import MapSource
from keramos.io.plausible import refuse_lengths


def open_npy(path: Path, _indices: bool = False) -> Opened:
    """The pixels of a 2-D or 3-D array (Z Y X).

    Raises:
        FormatError: not a NumPy file, truncated, or not an array of numbers with two or three axes.
    """
    try:
        array = np.load(path, mmap_mode="r", allow_pickle=False)
    except Exception as error:  # the header is Python text, of which anything may be wrong
        raise FormatError(
            f"expected a NumPy array of numbers in {path}, found a file that is truncated or holds something else "
            f"({one_line(error)}); save it again with numpy.save"
        ) from None
    if array.ndim not in (2, 3) or array.dtype.kind not in "buif":
        raise FormatError(
            f"expected a 2-D or 3-D array (z, y, x) of numbers in {path}, found {array.dtype} of shape {array.shape}"
        )
    refuse_lengths(path, array.shape)
    order = (0, 1, 2) if array.flags.c_contiguous else (2, 1, 0)
    shape = array.shape if array.ndim == 3 else (1, *array.shape)
    return Opened(MapSource(path, triple(shape), array.dtype, int(array.offset), order))


NUMPY = Format("NumPy", (".npy",), open_npy, sniff=starts_with(b"\x93NUMPY"))
