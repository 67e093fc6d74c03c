"""A stack whose slices are files: a folder or a pattern."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Finding, PixelSource, Triple
from keramos.core.errors import FormatError, MissingFileError, ShapeError
from keramos.io.format import FORMATS, Format, Opened, slice_format_of
from keramos.io.slice_cache import SliceCache, gather


@dataclass(eq=False)
class FilesSource:
    """One file a slice, all of the format of that name. Palette images give `indices` for labels. Decoded slices are
    kept for a while."""

    files: tuple[Path, ...]
    format: str
    shape: Triple
    dtype: np.dtype[Any]
    indices: bool = False
    _cache: SliceCache = field(default_factory=SliceCache, repr=False)

    def read(self, box: Box) -> NDArray[Any]:
        return gather(box, self.dtype, lambda z: self._cache.get(z, self._decode))

    @property
    def piece_shape(self) -> Triple:
        """The voxels that are decoded at once."""
        return (1, *self.shape[1:])

    def slice_name(self, z: int) -> str:
        """The file of slice z, for messages."""
        return f"{self.files[z].name} (slice {z})"

    def _decode(self, z: int) -> NDArray[Any]:
        return FORMATS[self.format].read_slice(self.files[z], self.indices)


def open_files(files: Mapping[Path, Format], *, indices: bool) -> Opened:
    """The slices in the order given, all of one format; the voxel size is what the first file states. Reads every
    header.

    Raises:
        FormatError: slices of different types, an unreadable or colour slice.
        ShapeError: a slice of another size than the first.
    """
    (first_path, slice_format), *others = files.items()
    first = _open_slice(slice_format, first_path, indices)
    tags = [*first.tags]
    for path, _ in others:
        other = _open_slice(slice_format, path, indices)
        _refuse_another_grid(path, other.source, first_path, first.source)
        tags += other.tags
    shape, dtype = (len(files), *first.source.shape[1:]), first.source.dtype
    source = FilesSource(tuple(files), slice_format.name, shape, dtype, indices)
    findings = (*first.findings, *_report_gaps(list(files)))
    return Opened(source, first.voxel_size, has_channels=True, tags=tags, findings=findings)


def _open_slice(slice_format: Format, path: Path, indices: bool) -> Opened:
    opened = slice_format.open(path, indices)
    depth = opened.source.shape[0]
    if depth != 1:
        raise FormatError(f"expected one slice a file, found {depth} in {path}; open that stack by itself")
    return opened


def _refuse_another_grid(path: Path, other: PixelSource, first_path: Path, first: PixelSource) -> None:
    """ShapeError or FormatError where a slice has another size or type than the first."""
    if other.shape != first.shape:
        raise ShapeError(
            f"expected slices of {first.shape[1]} x {first.shape[2]} pixels (y, x) as in {first_path.name}, "
            f"found {other.shape[1]} x {other.shape[2]} in {path}; crop it or move it out of the folder"
        )
    if other.dtype != first.dtype:
        raise FormatError(
            f"expected {first.dtype} pixels as in {first_path.name}, found {other.dtype} in {path}; "
            "convert all slices to one type in Fiji (Image > Type)"
        )


def slices_of(folder: Path) -> dict[Path, Format]:
    """The slice files of a folder and their format, in natural order (slice_2 before slice_10); hidden files do not
    count."""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    return _slices_among(files, f"the folder {folder}")


def slices_matching(paths: list[Path], pattern: str) -> dict[Path, Format]:
    """The slice files that match a pattern and their format, in natural order."""
    return _slices_among(paths, f"the pattern '{pattern}'")


def natural_order(path: Path) -> list[tuple[int, int, str]]:
    """A sorting key in which numbers count by value."""
    parts = re.split(r"(\d+)", path.as_posix().lower())
    return [(0, int(part), "") if part.isdigit() else (1, 0, part) for part in parts if part]


def _report_gaps(files: Sequence[Path]) -> list[Finding]:
    """A finding where the numbers in the names of slice files leave some out."""
    missing = _missing_numbers(files)
    if not missing:
        return []
    shown = ", ".join(map(str, missing[:5])) + (", ..." if len(missing) > 5 else "")
    return [
        Finding(
            "missing-slice",
            f"the names of the slices in {files[0].parent} leave out {len(missing)} number(s) ({shown})",
            "the slices on both sides are taken as neighbours all the same",
            "add the missing slices, or measure only on one side of them (--box)",
        )
    ]


def _missing_numbers(files: Sequence[Path]) -> list[int]:
    """The numbers that the names of slice files leave out; none where they do not count up in even steps."""
    digits = [re.findall(r"\d+", path.stem) for path in files]
    if len(digits) < 3 or not all(digits):
        return []
    numbers = [int(parts[-1]) for parts in digits]
    steps = Counter(b - a for a, b in pairwise(numbers))
    step, often = steps.most_common(1)[0]
    if step < 1 or min(steps) < 1 or often * 2 < len(numbers):
        return []
    return sorted(set(range(numbers[0], numbers[-1], step)) - set(numbers))


def _slices_among(paths: list[Path], where: str) -> dict[Path, Format]:
    """The files whose format may be that of slices; FormatError where there are several formats."""
    formats = {path: slice_format for path in paths if (slice_format := slice_format_of(path)) is not None}
    if not formats:
        suffixes = [suffix for one in FORMATS.values() if one.in_folders for suffix in one.suffixes]
        listed = f"{', '.join(suffixes[:-1])} or {suffixes[-1]}"
        raise MissingFileError(f"expected slices ({listed}) in {where}, found none; check the path")
    kinds = Counter(one.name for one in formats.values())
    if len(kinds) > 1:
        counts = " and ".join(f"{count} {FORMATS[name].suffixes[0]}" for name, count in kinds.most_common())
        raise FormatError(f"expected slices of one format in {where}, found {counts}; give a pattern such as '*.tif'")
    return {path: formats[path] for path in sorted(formats, key=natural_order)}
