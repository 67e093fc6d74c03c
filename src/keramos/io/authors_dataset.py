"""The authors' released training set: a gzipped NumPy array of 1,000 image crops and their labels."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core.errors import FormatError, MissingFileError
from keramos.io.error_text import one_line
from keramos.io.plausible import DEFLATE_RATIO, refuse_inflated, refuse_lengths

_LIMIT = 0.5  # labels were saved through image files: 252/255 and 1 are solid, 0 and a little more void


@dataclass(frozen=True, eq=False)
class AuthorsDataset:
    """Crops (N, Y, X): 8-bit grey values, and codes 0 (void) and 1 (solid)."""

    images: NDArray[np.uint8]
    labels: NDArray[np.uint8]


def read_authors_dataset(path: str | Path) -> AuthorsDataset:
    """`train_dataset.npy.gz` as released: shape (2, N, Y, X, 1), images then labels, both scaled to 0 ... 1.

    Raises:
        MissingFileError: there is no such file.
        FormatError: not such a file, truncated, or another array.
    """
    path = Path(path)
    if not path.is_file():
        raise MissingFileError(f"expected train_dataset.npy.gz, found nothing at {path}; check the path")
    try:
        array = _read(path)
    except FormatError:
        raise
    except Exception as error:  # the header is Python text, of which anything may be wrong
        raise FormatError(
            f"expected a gzipped NumPy array (train_dataset.npy.gz as the authors released it) in {path}, found a "
            f"truncated or other file ({one_line(error)}); download it again"
        ) from None
    images, labels = array[0, ..., 0], array[1, ..., 0]
    for name, part in (("images", images), ("labels", labels)):
        low, high = float(part.min()), float(part.max())
        if not (low >= 0 and high <= 1):
            raise FormatError(f"expected {name} between 0 and 1 in {path}, found {low:g} to {high:g}")
    return AuthorsDataset(np.rint(images * 255).astype(np.uint8), (labels > _LIMIT).astype(np.uint8))


def _read(path: Path) -> NDArray[Any]:
    """The array, whose shape is looked at before memory is taken for it."""
    with gzip.open(path, "rb") as file:
        version = np.lib.format.read_magic(file)
        read_header = np.lib.format.read_array_header_1_0 if version == (1, 0) else np.lib.format.read_array_header_2_0
        shape, _, dtype = read_header(file)
        if dtype.hasobject:
            raise ValueError("Python objects")
        if len(shape) != 5 or shape[0] != 2 or shape[-1] != 1 or dtype.kind not in "fiu":
            raise FormatError(
                f"expected an array of shape (2, crops, y, x, 1) in {path}, found {dtype} of shape {shape}"
            )
        refuse_lengths(path, shape)
        refuse_inflated(path, prod(shape) * dtype.itemsize, path.stat().st_size, DEFLATE_RATIO)
        file.seek(0)
        array: NDArray[Any] = np.load(file, allow_pickle=False)
    return array
