"""MRC files, read through a memory map."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from keramos.core import Finding, PixelSource
from keramos.core.errors import FormatError
from keramos.io.format import Format, LazyTags, Opened
from keramos.io.memory_map import MapSource
from keramos.io.mrc_bytes import ImodBytes, has_signed_bytes
from keramos.io.mrc_header import HEADER_BYTES, MARK, MARK_AT, MrcHeader, read_mrc_header
from keramos.io.mrc_voxel_size import mrc_edges

_VOLUME_STACKS = range(401, 631)
"""Space groups that mean a series of volumes."""


def open_mrc(path: Path, _indices: bool = False) -> Opened:
    """The pixels of an image or a volume, Z Y X whatever the order in the file, and its voxel size.

    Raises:
        FormatError: not an MRC file, truncated, or neither 2-D nor 3-D real numbers.
    """
    header = read_mrc_header(path)
    _refuse_series(header, path)
    source, doubts = _source(header, path)
    edges, findings = mrc_edges(header, path)
    if header.has_odd_axes:
        findings.append(_report_axes(path))
    return Opened(source, edges=edges, tags=(LazyTags(lambda: _tags(path)),), findings=(*findings, *doubts))


def _source(header: MrcHeader, path: Path) -> tuple[PixelSource, list[Finding]]:
    """The pixels, and findings about their type."""
    dtype, doubt = header.dtype, None
    if header.mode == 0:
        is_signed, doubt = has_signed_bytes(header, path)
        dtype = np.dtype(np.int8 if is_signed else np.uint8)
    source = MapSource(path, header.shape, dtype, header.offset, header.axes)
    return ImodBytes(source) if header.has_imod_signed_bytes else source, [doubt] if doubt else []


def _refuse_series(header: MrcHeader, path: Path) -> None:
    depth, sections = int(header.record["mz"]), header.stored_shape[0]
    if int(header.record["ispg"]) in _VOLUME_STACKS and 0 < depth < sections:
        raise FormatError(
            f"expected one volume in {path}, found a series of {sections // depth}; save one of them by itself"
        )


def _report_axes(path: Path) -> Finding:
    return Finding(
        "axis-order",
        f"the header of {path} does not say which axis its columns, rows and sections lie along (mapc, mapr, maps)",
        "columns are taken as x, rows as y and sections as z",
        "export it again if that is wrong",
    )


def _tags(path: Path) -> dict[str, Any]:
    """The fields of the header, and the extended header as bytes."""
    header = read_mrc_header(path)
    with path.open("rb") as file:
        file.seek(HEADER_BYTES)
        extended = file.read(header.offset - HEADER_BYTES)
    return {**{name: header.record[name].tolist() for name in header.record.dtype.names}, "extended_header": extended}


def _is_mrc(path: Path) -> bool:
    with path.open("rb") as file:
        file.seek(MARK_AT)
        return file.read(len(MARK)) == MARK


MRC = Format("MRC", (".mrc", ".rec", ".map"), open_mrc, sniff=_is_mrc)
