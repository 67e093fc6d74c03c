"""A stack whose slices are files: a folder or a pattern."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.acquisition import suffixes_beside
from keramos.core import Box, Finding, PixelSource, Triple
from keramos.core.errors import FormatError, MissingFileError, ShapeError
from keramos.io.format import FORMATS, Format, Opened, format_of, slice_format_of
from keramos.io.other_pictures import OTHER_PICTURES
from keramos.io.shown_grey import compare_displays
from keramos.io.sidecars import names_beside
from keramos.io.slice_cache import SliceCache, gather
from keramos.io.slice_copies import leave_out_copies
from keramos.io.slice_names import natural_order, pitch_of
from keramos.io.slice_series import check_names
from keramos.io.sources import files_behind
from keramos.io.voxel_size_doubts import doubt_pitch


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
    header. Copies that a file manager made are left out; the files of one OME-TIFF are its stack.

    Raises:
        FormatError: slices of different types, an unreadable or colour slice.
        ShapeError: a slice of another size than the first.
    """
    kept, copies = leave_out_copies(list(files))
    first_path, slice_format = kept[0], files[kept[0]]
    whole = slice_format.open(first_path, indices)
    if len(kept) > 1 and set(files_behind(whole.source)) == set(kept):
        return replace(whole, findings=(*whole.findings, *copies))
    slices = [_open_slice(slice_format, path, indices) for path in kept]
    first = slices[0]
    for path, other in zip(kept, slices, strict=True):
        _refuse_another_grid(path, other.source, first_path, first.source, any_integers=indices)
    shape, dtype = (len(kept), *first.source.shape[1:]), np.result_type(*{one.source.dtype for one in slices})
    pitch, uneven = pitch_of(kept)
    findings = [*first.findings, *copies, *check_names(kept), *compare_displays(kept, slices, labels=indices)]
    in_file = first.edges["z"].value if "z" in first.edges else first.voxel_size.z_nm if first.voxel_size else None
    doubt = doubt_pitch(pitch.get("z"), in_file, str(kept[0].parent), file_counts="z" in first.edges)
    findings += [doubt] if doubt else []
    return Opened(
        FilesSource(tuple(kept), slice_format.name, shape, dtype, indices),
        first.voxel_size,
        edges={**pitch, **first.edges},
        has_channels=True,
        tags=[tags for one in slices for tags in one.tags],
        display=first.display,
        unpainted=next((one.unpainted for one in slices if one.unpainted is not None), None),
        findings=(*findings, *uneven),
    )


def _open_slice(slice_format: Format, path: Path, indices: bool) -> Opened:
    opened = slice_format.open_path(path, indices)
    depth = opened.source.shape[0]
    if depth != 1:
        raise FormatError(f"expected one slice a file, found {depth} in {path}; open that stack by itself")
    return opened


def _refuse_another_grid(
    path: Path, other: PixelSource, first_path: Path, first: PixelSource, any_integers: bool
) -> None:
    """ShapeError or FormatError where a slice has another size or type than the first. Labels are codes of any
    integers."""
    if other.shape != first.shape:
        raise ShapeError(
            f"expected slices of {first.shape[1]} x {first.shape[2]} pixels (y, x) as in {first_path.name}, "
            f"found {other.shape[1]} x {other.shape[2]} in {path}; crop it or move it out of the folder"
        )
    if other.dtype != first.dtype and not (any_integers and {other.dtype.kind, first.dtype.kind} <= {"i", "u"}):
        raise FormatError(
            f"expected {first.dtype} pixels as in {first_path.name}, found {other.dtype} in {path}; "
            "convert all slices to one type in Fiji (Image > Type)"
        )


def slices_of(folder: Path) -> dict[Path, Format]:
    """The slice files of a folder and their format, in natural order (slice_2 before slice_10); hidden files do not
    count."""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    inner = [path.name for path in folders_of_slices(folder)]
    if inner:
        raise MissingFileError(
            f"expected slices in {folder}, found them in the folders {', '.join(inner)} there; give one of these, or "
            f"--detector {inner[0]}"
        )
    return _slices_among(files, f"the folder {folder}")


def folders_of_slices(folder: Path) -> list[Path]:
    """The folders with slices in a folder that has none itself; empty where it has some."""
    paths = sorted(path for path in folder.iterdir() if not path.name.startswith("."))
    if any(path.is_file() and slice_format_of(path) is not None for path in paths):
        return []
    inner = [path for path in paths if path.is_dir() and format_of(path) is None]
    return [path for path in inner if any(file.is_file() and slice_format_of(file) for file in path.iterdir())]


def report_unread(folder: Path) -> list[Finding]:
    """A finding about picture files in a folder of slices that are not read: a note, unless they are the most."""
    files = [path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")]
    slices = {name for path in files if slice_format_of(path) is not None for name in names_beside(path)}
    others = (
        path.suffix.lower() for path in files if not (path.suffix.lower() in suffixes_beside() and path.stem in slices)
    )
    counts = Counter(suffix for suffix in others if suffix in OTHER_PICTURES)
    if not counts:
        return []
    listed = " and ".join(f"{count} {suffix}" for suffix, count in counts.most_common())
    read = sum(slice_format_of(path) is not None for path in folder.iterdir())
    return [
        Finding(
            "unread-files",
            f"{listed} in {folder} {'are' if counts.total() > 1 else 'is'} not read",
            f"the stack has the {read} other slices only",
            "convert them to TIFF if they are slices, too",
            severity="note" if counts.total() <= read else "warning",
        )
    ]


def slices_matching(paths: list[Path], pattern: str) -> dict[Path, Format]:
    """The slice files that match a pattern and their format, in natural order."""
    return _slices_among(paths, f"the pattern '{pattern}'")


def _slices_among(paths: list[Path], where: str) -> dict[Path, Format]:
    """The files whose format may be that of slices; FormatError where there are several formats."""
    formats = {path: slice_format for path in paths if (slice_format := slice_format_of(path)) is not None}
    if not formats:
        raise MissingFileError(_describe_other_files(paths, where))
    kinds = Counter(one.name for one in formats.values())
    if len(kinds) > 1:
        counts = " and ".join(f"{count} {FORMATS[name].suffixes[0]}" for name, count in kinds.most_common())
        raise FormatError(f"expected slices of one format in {where}, found {counts}; give a pattern such as '*.tif'")
    return {path: formats[path] for path in sorted(formats, key=natural_order)}


def _describe_other_files(paths: list[Path], where: str) -> str:
    """The sentence for a folder or a pattern without slices: what is there instead, and what to do."""
    suffixes = [suffix for one in FORMATS.values() if one.in_folders for suffix in one.suffixes]
    expected = f"expected slices ({', '.join(suffixes[:-1])} or {suffixes[-1]}) in {where}"
    counts = Counter(path.suffix.lower() for path in paths if path.is_file()).most_common()
    pictures = [(suffix, count) for suffix, count in counts if suffix in OTHER_PICTURES]
    if pictures:
        listed = " and ".join(f"{count} {suffix}" for suffix, count in pictures)
        return f"{expected}, found {listed}, which {OTHER_PICTURES[pictures[0][0]]}"
    if counts:
        listed = " and ".join(f"{count} {suffix or 'without a suffix'}" for suffix, count in counts[:3])
        return f"{expected}, found {listed} instead; export the slices as TIFF"
    return f"{expected}, found none; check the path"
