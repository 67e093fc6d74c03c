"""A stack whose slices are files: a folder, a pattern, or one PNG or BMP."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, PixelSource, Triple, VoxelSize
from keramos.core.errors import FormatError, MissingFileError, ShapeError
from keramos.io.picture import picture_facts, read_picture
from keramos.io.slice_cache import SliceCache, gather
from keramos.io.tiff import open_tiff, read_tiff_slice

TIFF = (".tif", ".tiff")
PICTURES = (".png", ".bmp")


@dataclass(eq=False)
class FilesSource:
    """One file a slice. Palette images give `indices` for labels. Decoded slices are kept for a while."""

    files: tuple[Path, ...]
    shape: Triple
    dtype: np.dtype[Any]
    indices: bool = False
    _cache: SliceCache = field(default_factory=SliceCache, repr=False)

    def read(self, box: Box) -> NDArray[Any]:
        return gather(box.start, box.stop, self.dtype, lambda z: self._cache.get(z, self._decode))

    def slice_name(self, z: int) -> str:
        """Where slice z is, for messages."""
        return f"{self.files[z].name} (slice {z})"

    def _decode(self, z: int) -> NDArray[Any]:
        return _pixels(self.files[z], self.indices)


def open_files(files: list[Path], *, indices: bool) -> tuple[FilesSource, VoxelSize | None]:
    """The slices in the order given; the voxel size is what the first file states. Reads every header.

    Raises:
        FormatError: slices of different types, an unreadable or colour slice.
        ShapeError: a slice of another size than the first.
    """
    first, dtype, size = _facts(files[0])
    for path in files[1:]:
        shape, other, _ = _facts(path)
        if shape != first:
            raise ShapeError(
                f"expected slices of {first[0]} x {first[1]} pixels (y, x) as in {files[0].name}, "
                f"found {shape[0]} x {shape[1]} in {path}; crop it or move it out of the folder"
            )
        if other != dtype:
            raise FormatError(
                f"expected {dtype} pixels as in {files[0].name}, found {other} in {path}; "
                "convert all slices to one type in Fiji (Image > Type)"
            )
    source = FilesSource(tuple(files), (len(files), *first), dtype, indices)
    source.read(Box((0, 0, 0), (1, 1, 1)))  # a colour or corrupt first slice is refused here, not hours later
    return source, size


def slices_of(folder: Path) -> list[Path]:
    """The slice files of a folder in natural order (slice_2 before slice_10); hidden files do not count."""
    found = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    return _one_kind([path for path in found if path.suffix.lower() in TIFF + PICTURES], f"the folder {folder}")


def slices_matching(paths: list[Path], pattern: str) -> list[Path]:
    """The files that match a pattern, in natural order."""
    return _one_kind([path for path in paths if path.suffix.lower() in TIFF + PICTURES], f"the pattern '{pattern}'")


def natural_order(path: Path) -> list[tuple[int, int, str]]:
    """A sorting key in which numbers count by value."""
    parts = re.split(r"(\d+)", path.as_posix().lower())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]


def missing_numbers(source: PixelSource) -> list[int]:
    """The numbers that the names of a stack's slice files leave out; none where they do not count up in even steps."""
    while not isinstance(source, FilesSource):
        inner = getattr(source, "source", None)
        if inner is None:
            return []
        source = inner
    found = [re.findall(r"\d+", path.stem) for path in source.files]
    if len(found) < 3 or not all(found):
        return []
    numbers = [int(digits[-1]) for digits in found]
    steps = Counter(b - a for a, b in pairwise(numbers))
    step, often = steps.most_common(1)[0]
    if step < 1 or min(steps) < 1 or often * 2 < len(numbers):
        return []
    return sorted(set(range(numbers[0], numbers[-1], step)) - set(numbers))


def _one_kind(paths: list[Path], where: str) -> list[Path]:
    if not paths:
        raise MissingFileError(f"expected slices (.tif, .tiff, .png or .bmp) in {where}, found none; check the path")
    kinds = Counter(path.suffix.lower().replace(".tiff", ".tif") for path in paths)
    if len(kinds) > 1:
        found = " and ".join(f"{count} {kind}" for kind, count in kinds.most_common())
        raise FormatError(f"expected slices of one format in {where}, found {found}; give a pattern such as '*.tif'")
    return sorted(paths, key=natural_order)


def _facts(path: Path) -> tuple[tuple[int, int], np.dtype[Any], VoxelSize | None]:
    if path.suffix.lower() in PICTURES:
        shape, dtype = picture_facts(path)
        return shape, dtype, None
    source, size = open_tiff(path)
    if source.shape[0] != 1:
        raise FormatError(f"expected one slice a file, found {source.shape[0]} in {path}; open that stack by itself")
    return source.shape[1:], source.dtype, size


def _pixels(path: Path, indices: bool) -> NDArray[Any]:
    if path.suffix.lower() in PICTURES:
        return read_picture(path, indices=indices)
    return read_tiff_slice(path)
