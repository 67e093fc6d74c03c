"""TIFFs that end before they should. TIFF readers tend to return the slices that are left, silently."""

from __future__ import annotations

from math import prod
from pathlib import Path

import tifffile

from keramos.io.memory_map import truncation_error
from keramos.io.tiff_series import run_start


def refuse_truncated(tif: tifffile.TiffFile, series: tifffile.TiffPageSeries, path: Path, depth: int) -> None:
    """Raise FormatError if page headers, announced slices or pixel data are missing."""
    announced = _count_announced_pixels(tif, series)
    if announced > prod(series.shape):
        raise truncation_error(path, f"the {announced} pixels that its header announces", f"{depth} slices of them")
    if _chain_is_cut(tif):
        raise truncation_error(path, "a header for every page", f"the file's end after {len(tif.pages)} pages")
    for part, needed in _data_ends(series, path).items():
        present = part.stat().st_size
        if needed > present:
            raise truncation_error(part, f"pixel data up to byte {needed}", f"the file's end at byte {present}")


def _chain_is_cut(tif: tifffile.TiffFile) -> bool:
    """Whether the last page that could be read points to another one."""
    field = tif.pages.next_page_offset
    if tif.is_imagej or field is None:  # ImageJ's own stacks have one header; the announced slices tell more
        return False
    handle = tif.filehandle
    handle.seek(field)
    pointer = handle.read(tif.tiff.offsetsize)
    return len(pointer) < tif.tiff.offsetsize or any(pointer)


def _count_announced_pixels(tif: tifffile.TiffFile, series: tifffile.TiffPageSeries) -> int:
    """The number of pixel values that the writer's own description announces; 0 if there is none."""
    if tif.imagej_metadata:
        # Beyond 4 GB ImageJ writes one page header and counts on `images`.
        return int(tif.imagej_metadata.get("images", 1)) * prod(series.keyframe.shape)
    if tif.shaped_metadata:
        return prod(int(length) for length in tif.shaped_metadata[0].get("shape", (0,)))
    return 0


def _data_ends(series: tifffile.TiffPageSeries, path: Path) -> dict[Path, int]:
    """The byte after the last pixel of the series in each of its files."""
    start = run_start(series)
    if start is not None:
        return {path: start + int(series.nbytes)}
    ends: dict[Path, int] = {}
    for page in series.pages:
        if page is not None:
            part = path.parent / page.parent.filehandle.name if series.is_multifile else path
            spans = zip(page.dataoffsets, page.databytecounts, strict=False)
            ends[part] = max([ends.get(part, 0), *(start + count for start, count in spans)])
    return ends
