"""One TIFF: a 2-D image or a stack, plain, Big, ImageJ or OME."""

from __future__ import annotations

import logging
import struct
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from math import prod
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
import tifffile
from numpy.typing import NDArray

from keramos.core import Box, PixelSource, Triple
from keramos.core.errors import FormatError
from keramos.io.display import flip
from keramos.io.error_text import one_line
from keramos.io.format import Format, Opened, starts_with
from keramos.io.grey import UNPAINTED, blank_unpainted, grey_of_channels, pick_signed_type
from keramos.io.memory_map import MapSource, truncation_error
from keramos.io.shown_grey import show_grey
from keramos.io.sidecars import tags_of
from keramos.io.slice_cache import SliceCache, gather
from keramos.io.tiff_channels import EverySlice, channels_of
from keramos.io.tiff_display import has_opacity, largest_value, tiff_display
from keramos.io.tiff_phases import phases_in_tiff
from keramos.io.tiff_segments import refuse_segments
from keramos.io.tiff_series import files_of, planes_of, run_start, stack_of
from keramos.io.tiff_truncation import refuse_truncated
from keramos.io.tiff_voxel_size import tiff_edges

# This module finds what tifffile would print to stderr, and says it in one sentence.
logging.getLogger("tifffile").addHandler(logging.NullHandler())

_BYTES = (1, 2, 6, 7)
"""TIFF's types of one byte each: BYTE, ASCII, SBYTE, UNDEFINED."""
_LAYOUT = (273, 279, 288, 289, 324, 325)
"""Tags that only say where pixels and free bytes lie in the file; they may be long."""


def open_tiff(path: Path, indices: bool = False) -> Opened:
    """The pixels, mapped where they lie in one run, else decoded slice by slice; and the voxel size if stated.

    Values are those stored, but images (not `indices`, labels) that show 0 white are read as they are shown.
    Transparent pixels of labels are `UNPAINTED`.

    Raises:
        FormatError: not a TIFF, truncated, RGB, several channels or series, or both z and time.
    """
    return _open(path, indices, planes_of)


def open_channels(path: Path) -> list[Opened]:
    """The stack of each channel of a file with an axis of several; none for other files. Raises as `open_tiff` does."""
    with _open_file(path) as tif:
        channels = channels_of(stack_of(tif, path), tif)
    if channels is None:
        return []
    pages = _open(path, False, lambda *_: channels.pages)
    views = [EverySlice(pages.source, first, channels.step, channels.depth) for first in channels.first]
    return [replace(pages, source=view, channel=name) for view, name in zip(views, channels.names, strict=True)]


def _open(path: Path, indices: bool, measure: Callable[[tifffile.TiffPageSeries, Path], Triple]) -> Opened:
    """The pages of a file as one stack, whose lengths Z Y X `measure` gives."""
    tags = (tags_of(path, _raw_tags),)
    with _open_file(path) as tif:
        series = stack_of(tif, path)
        has_channels = "S" in series.axes
        depth, height, width = measure(series, path)
        refuse_truncated(tif, series, path, depth)
        refuse_segments(series, path)
        edges = tiff_edges(tif)
        shape = (depth, height, width)
        dtype = np.dtype(series.dtype)
        if dtype.kind not in "buif":
            raise FormatError(f"expected grey values of integers or floats in {path}, found {dtype}")
        painted = indices and has_opacity(series.keyframe)
        phases = phases_in_tiff(tif) if dtype == np.uint8 else None
        display, top = tiff_display(tif, series.keyframe), largest_value(series.keyframe)
        source: PixelSource = TiffSource(path, shape, _native(dtype, painted=painted), indices, files_of(series, path))
        start = run_start(series)
        if start is not None and not has_channels and prod(series.shape) == prod(shape):
            source = MapSource(path, shape, dtype.newbyteorder(tif.byteorder), start)
    opened = Opened(
        source,
        edges=edges,
        kind="image" if phases is None else "labels",
        has_channels=has_channels,
        tags=tags,
        phases=phases,
        display=display,
        unpainted=UNPAINTED if painted else None,
    )
    return opened if indices else show_grey(opened, top, str(path))


def read_tiff_slice(path: Path, indices: bool = False) -> NDArray[Any]:
    """The pixels (Y X) of a TIFF with one slice. Raises as `open_tiff` does."""
    with _open_file(path) as tif:
        series = stack_of(tif, path)
        depth, height, width = planes_of(series, path)
        refuse_truncated(tif, series, path, depth)
        refuse_segments(series, path)
        pixels = _grey_page(series[0], (height, width), str(path), indices)
        if indices or pixels.dtype.kind != "u" or not tiff_display(tif, series.keyframe).falls:
            return pixels
        return flip(pixels, largest_value(series.keyframe))


def _native(dtype: np.dtype[Any], *, painted: bool) -> np.dtype[Any]:
    """The type of the pixels in this machine's byte order; that of labels with opacity holds `UNPAINTED`, too."""
    native = np.dtype(np.uint8) if dtype.kind == "b" else dtype.newbyteorder("=")
    return pick_signed_type(native) if painted else native


def _open_file(path: Path) -> tifffile.TiffFile:
    """The open file; FormatError if it is not a TIFF or its header is cut off."""
    try:
        return tifffile.TiffFile(path)
    except PermissionError:
        raise FormatError(f"expected a file that may be read at {path}, found none; change its permissions") from None
    except (tifffile.TiffFileError, ValueError, IndexError, KeyError, OSError, struct.error) as error:
        if path.stat().st_size == 0:
            raise truncation_error(path, "a TIFF", "an empty file") from None
        raise FormatError(
            f"expected a TIFF in {path}, found a truncated or other file ({one_line(error)}); export it again"
        ) from None


@dataclass(eq=False)
class TiffSource:
    """A TIFF whose pages are decoded one by one and kept for a while. A pickled source opens the file again."""

    path: Path
    shape: Triple
    dtype: np.dtype[Any]
    indices: bool = False
    parts: tuple[Path, ...] = ()
    _cache: SliceCache = field(default_factory=SliceCache, repr=False)
    _series: tifffile.TiffPageSeries | None = field(default=None, repr=False)
    _lock: Any = field(default_factory=Lock, repr=False)

    @property
    def files(self) -> tuple[Path, ...]:
        return self.parts or (self.path,)

    @property
    def piece_shape(self) -> Triple:
        """The voxels that are decoded at once."""
        return (1, *self.shape[1:])

    def read(self, box: Box) -> NDArray[Any]:
        return gather(box, self.dtype, lambda z: self._cache.get(z, self._decode))

    def _page(self, z: int) -> Any:
        with self._lock:
            if self._series is None:
                tif = _open_file(self.path)
                tif.filehandle.set_lock(True)
                self._series = stack_of(tif, self.path)
            return self._series[z]

    def _decode(self, z: int) -> NDArray[Any]:
        return _grey_page(self._page(z), self.shape[1:], f"slice {z} of {self.path}", self.indices)

    def __getstate__(self) -> dict[str, Any]:
        names = ("path", "shape", "dtype", "indices", "parts")
        return {name: getattr(self, name) for name in names}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self.__init__(**state)  # type: ignore[misc]


@contextmanager
def _open_part(handle: tifffile.FileHandle) -> Iterator[None]:
    """A file of an OME-TIFF of several, which is closed between reads: there may be more than can be open at once."""
    was_closed = handle.closed
    if was_closed:
        handle.open()
    try:
        yield
    finally:
        if was_closed:
            handle.close()


def _grey_page(page: Any, shape: tuple[int, int], where: str, indices: bool) -> NDArray[Any]:
    """The decoded pixels of a page, Y X in this machine's byte order, `UNPAINTED` where labels (`indices`) are
    transparent; FormatError for damage and colour."""
    if page is None:
        raise FormatError(f"expected the pixels of {where}, found none in the file; export it again")
    try:
        with _open_part(page.parent.filehandle):
            pixels = page.asarray()
    except Exception as error:  # the codecs raise what they like
        raise FormatError(
            f"expected readable pixels in {where}, found damage ({one_line(error)}); export it again"
        ) from error
    if "S" in page.axes:
        read = blank_unpainted if indices and has_opacity(page) else grey_of_channels
        pixels = read(pixels, page.axes.index("S"), where)
    return np.asarray(pixels, _native(pixels.dtype, painted=False)).reshape(shape)


def _raw_tags(path: Path) -> dict[str, Any]:
    """The tags of the first page by their number, such as `34682`: text and blobs as the bytes that the file holds,
    others as numbers."""
    with _open_file(path) as tif:
        return {str(tag.code): _raw_value(tif, tag) for tag in tif.pages.first.tags if tag.code not in _LAYOUT}


def _raw_value(tif: tifffile.TiffFile, tag: tifffile.TiffTag) -> Any:
    if tag.dtype not in _BYTES:
        return tag.value
    tif.filehandle.seek(tag.valueoffset)
    return tif.filehandle.read(tag.count)


TIFF = Format(
    "TIFF",
    (".tif", ".tiff"),
    open_tiff,
    sniff=starts_with(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    in_folders=True,
    decode_slice=read_tiff_slice,
    open_channels=open_channels,
)
