"""Gatan DigitalMicrograph (DM3, DM4): an image or a stack, mapped where its pixels lie."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from keramos.core import triple
from keramos.core.errors import FormatError
from keramos.io.format import Format, Opened
from keramos.io.gatan_tags import GatanReader, StoredArray
from keramos.io.memory_map import MapSource
from keramos.io.plausible import refuse_lengths
from keramos.io.units import edges_of

_TYPES = {1: "i2", 2: "f4", 6: "u1", 7: "i4", 9: "i1", 10: "u2", 11: "u4", 12: "f8", 14: "?"}
"""Types of pixels; 23 is colour, 3 and 13 are complex."""


def open_gatan(path: Path, _indices: bool = False) -> Opened:
    """The pixels of the last image in the file (one before it is its thumbnail), Z Y X, and its voxel size.

    Raises:
        FormatError: not such a file, truncated, colour, complex, or neither 2-D nor 3-D.
    """
    with path.open("rb") as file:
        reader = GatanReader(file, str(path))
        image = _find_image(reader.read(), path)
    kind, sizes, data = image.get("DataType"), image.get("Dimensions"), image.get("Data")
    if kind not in _TYPES:
        raise FormatError(f"expected grey values of integers or floats in {path}, found pixels of type {kind}")
    lengths = [one for one in sizes if isinstance(one, int)] if isinstance(sizes, list) else []
    if len(lengths) not in (2, 3):
        raise FormatError(f"expected an image or a stack in {path}, found {len(lengths)} axes; export it as TIFF")
    shape = triple([*([1] * (3 - len(lengths))), *lengths[::-1]])
    refuse_lengths(path, shape)
    dtype = np.dtype(_TYPES[kind]).newbyteorder(reader.order)
    if not isinstance(data, StoredArray) or data.size < int(np.prod(shape)) * dtype.itemsize:
        raise FormatError(f"expected the pixels of {shape} voxels (z, y, x) in {path}, found fewer; export it as TIFF")
    edges, units = _calibration(image, len(lengths))
    names = [f"Calibrations.Dimension[{axis}]" for axis in (2, 1, 0)]
    return Opened(MapSource(path, shape, dtype, data.offset), edges=edges_of(edges, units, names))


def _find_image(tree: Any, path: Path) -> dict[str, Any]:
    images = tree.get("ImageList") if isinstance(tree, dict) else None
    for entry in reversed(images if isinstance(images, list) else []):
        image = entry.get("ImageData") if isinstance(entry, dict) else None
        if isinstance(image, dict) and "Data" in image:
            return image
    raise FormatError(f"expected an image in {path}, found none; export it as TIFF")


def _calibration(image: dict[str, Any], axes: int) -> tuple[list[float | None], list[str | None]]:
    """The edges along z, y, x and their units; None where they are not there."""
    calibrations = image.get("Calibrations")
    rows = calibrations.get("Dimension") if isinstance(calibrations, dict) else None
    edges: list[float | None] = [None, None, None]
    units: list[str | None] = [None, None, None]
    for axis, row in enumerate(rows[:axes] if isinstance(rows, list) else []):
        if isinstance(row, dict) and isinstance(row.get("Scale"), float) and isinstance(row.get("Units"), str):
            # The scale has the digits of a 4-byte number.
            edges[2 - axis], units[2 - axis] = float(f"{row['Scale']:.7g}"), row["Units"]
    return edges, units


GATAN = Format("Gatan DigitalMicrograph", (".dm3", ".dm4"), open_gatan, in_folders=True)
