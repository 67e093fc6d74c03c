"""The stack in a TIFF: its only image, or pages of one size and type that were written one by one."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

import tifffile

from keramos.core import Triple
from keramos.core.errors import FormatError
from keramos.io.error_text import one_line
from keramos.io.grey import refuse_channels

JOINED = "joined"
"""Kind of a series whose pages are decoded each in its own way."""
_PLAIN = ("generic", "uniform", "shaped")
_MOST_NAMES = 3


def stack_of(tif: tifffile.TiffFile, path: Path) -> tifffile.TiffPageSeries:
    """The only image of a file; thumbnails beside it do not count. Pages of one size and type that are stored
    differently, or were written one by one, are one stack in their order.

    Raises:
        FormatError: several images, pages of several sizes or types, files of an OME-TIFF that are not there.
    """
    try:
        series = [one for one in tif.series if not one.keyframe.is_reduced]
    except Exception as error:  # tifffile raises what it likes on damaged metadata
        raise FormatError(
            f"expected a readable TIFF in {path}, found damage ({one_line(error)}); export it again"
        ) from error
    if len(series) == 1:
        _refuse_missing_parts(tif, series[0], path)
        return series[0]
    if series and all(one.kind in _PLAIN and (one.kind != "shaped" or len(one.pages) == 1) for one in series):
        return _join([page for page in _pages(tif) if not page.is_reduced], tif, path)
    shapes = [tuple(one.shape) for one in series[:_MOST_NAMES]]
    wanted = "one image" if len(set(shapes)) == 1 else "slices of one size"
    raise FormatError(
        f"expected {wanted} in {path}, found {len(series)} images of shapes {shapes}; "
        "save the stack alone, for example with Fiji (Image > Duplicate, then File > Save As > Tiff)"
    )


def _pages(tif: tifffile.TiffFile) -> list[Any]:
    return list(tif.pages)


def _join(pages: Sequence[Any], tif: tifffile.TiffFile, path: Path) -> tifffile.TiffPageSeries:
    """One series of all pages; FormatError where they are no slices of one stack."""
    for what, values, advice in (
        ("size", [page.shape for page in pages], "save the stack alone, for example with Fiji (Image > Duplicate)"),
        ("type", [page.dtype for page in pages], "convert all to one type in Fiji (Image > Type)"),
        ("display", [_name_display(page) for page in pages], "save all with one lookup table"),
    ):
        if len(set(values)) > 1:
            counts = Counter(values).most_common(_MOST_NAMES)
            listed = " and ".join(f"{count} of {value} (page {values.index(value)})" for value, count in counts)
            raise FormatError(f"expected slices of one {what} in {path}, found {listed}; {advice}")
    first = pages[0]
    return tifffile.TiffPageSeries(
        pages, (len(pages), *first.shape), first.dtype, "I" + first.axes, parent=tif, kind=JOINED
    )


def _name_display(page: Any) -> str:
    return "0 shown white" if page.photometric == 0 else "0 shown black"


def _refuse_missing_parts(tif: tifffile.TiffFile, series: tifffile.TiffPageSeries, path: Path) -> None:
    """FormatError where an OME-TIFF names files that are not beside it."""
    missing = [z for z, page in enumerate(series.pages) if page is None] if series.kind == "ome" else []
    if not missing:
        return
    names = re.findall(r'FileName="([^"<>/\\\\]+)"', tif.ome_metadata or "")
    absent = [name for name in dict.fromkeys(names) if not (path.parent / name).is_file()]
    listed = ", ".join(absent[:_MOST_NAMES]) + (", ..." if len(absent) > _MOST_NAMES else "")
    raise FormatError(
        f"expected the {len(series.pages)} slices that the OME-XML of {path} announces, found {len(missing)} missing"
        + (f" (no file {listed})" if absent else "")
        + "; put all files of the set in one folder, or export the stack again"
    )


def run_start(series: tifffile.TiffPageSeries) -> int | None:
    """The byte from which the pixels lie in one run in the file, as they are; None where they do not."""
    return None if series.kind == JOINED else series.dataoffset


def files_of(series: tifffile.TiffPageSeries, path: Path) -> tuple[Path, ...]:
    """The files that hold the pages, in their order; an OME-TIFF may have one for each slice."""
    if not series.is_multifile:
        return (path,)
    names = (page.parent.filehandle.name for page in series.pages if page is not None)
    return tuple(path.parent / name for name in dict.fromkeys(names))


def planes_of(series: tifffile.TiffPageSeries, path: Path) -> Triple:
    """Lengths Z Y X. At most one axis besides Y, X and samples may be longer than 1, and it must not be channels."""
    lengths = dict(zip(series.axes, series.shape, strict=True))
    stacked = {axis: n for axis, n in lengths.items() if axis not in "YXS" and n > 1}
    if 1 < stacked.get("C", 1) <= 4 or ("C" in stacked and len(stacked) > 1):
        raise refuse_channels(stacked["C"], str(path), is_stack=len(stacked) > 1)
    if len(stacked) > 1 or not {"Y", "X"} <= set(lengths):
        raise FormatError(
            f"expected a stack along one axis in {path}, found axes {series.axes} of lengths {tuple(series.shape)}; "
            "in Fiji, Image > Hyperstacks > Re-order puts the slices along z"
        )
    return (prod(stacked.values()), lengths["Y"], lengths["X"])
