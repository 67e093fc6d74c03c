"""Chunks of a Zarr array that are not there: lost in a copy, or never written because they hold one value only."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import islice, product
from math import ceil, prod
from pathlib import Path
from typing import Any

from keramos.core import Box, Finding, Severity, name_ranges, triple
from keramos.io.shard_index import list_missing_in_shards

CHUNKS = "chunks"
"""Key of the number of chunks that a finished store by Keramos has, beside the metadata that all images have."""
_MOST_NAMED = 10**6
_CHUNK_KEY = re.compile(r"(c[/.])?\d+([/.]\d+)*")
"""Keys of chunks in Zarr v3 (c/1/0/2) and v2 (1.0.2 or 1/0/2). A folder may hold other files, such as .DS_Store."""


def count_chunks(folder: Path) -> int:
    """The number of files of chunks (or of shards) of an array."""
    return len(_chunk_keys(folder))


def _chunk_keys(folder: Path) -> set[str]:
    """The paths in an array's folder that are keys of chunks."""
    files = (path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    return {path for path in files if _CHUNK_KEY.fullmatch(path)}


def check_chunks(array: Any, axes: Sequence[str], folder: Path, written: int | None, kind: str) -> list[Finding]:
    """A finding where chunks of a Zarr array are not there, which is read as if they held the fill value.

    `written` is the number of chunks that the writer has left, None if it does not say: much software leaves out chunks
    that hold nothing but the fill value. Of labels these are background, or not annotated.
    """
    grid = tuple(ceil(n / c) for n, c in zip(array.shape, _stored_shape(array), strict=True))
    present = _chunk_keys(folder)
    total = prod(grid)
    expected = total if written is None else min(written, total)
    if len(present) >= expected:
        return _check_shards(array, axes, folder, present, kind) if total <= _MOST_NAMED else []
    boxes = _missing_boxes(array, axes, grid, present) if total <= _MOST_NAMED else []
    share = 1 - len(present) / expected
    if boxes and expected == total:
        share = sum(box.voxels for box in boxes) / prod(n for a, n in zip(axes, array.shape, strict=True) if a in "zyx")
    slices = tuple(sorted({z for box in boxes for z in range(box.start[0], box.stop[0])}))
    among = "in" if expected == total else "some of those in"
    where = f", {among} slices {name_ranges(slices)}, the first at {boxes[0]}" if boxes else ""
    count = f"{expected - len(present)} of {expected} chunks of {folder}"
    place = f"({100 * share:.3g} % of the voxels{where})"
    return [_report(count, place, _name_fill(array, kind), slices, kind, is_lost=written is not None)]


def _check_shards(array: Any, axes: Sequence[str], folder: Path, present: set[str], kind: str) -> list[Finding]:
    """A finding where chunks are missing in shards that are there."""
    places = list(islice(list_missing_in_shards(array, folder, present), _MOST_NAMED))
    if not places:
        return []
    boxes = [_box_of(place, array.chunks, array.shape, axes) for place in places]
    slices = tuple(sorted({z for box in boxes for z in range(box.start[0], box.stop[0])}))
    share = sum(box.voxels for box in boxes) / prod(n for a, n in zip(axes, array.shape, strict=True) if a in "zyx")
    total = prod(ceil(n / c) for n, c in zip(array.shape, array.chunks, strict=True))
    count = f"{len(places)} of {total} chunks in the shards of {folder}"
    place = f"({100 * share:.3g} % of the voxels, in slices {name_ranges(slices)}, the first at {boxes[0]})"
    return [_report(count, place, _name_fill(array, kind), slices, kind, is_lost=False)]


def _name_fill(array: Any, kind: str) -> str:
    return "not annotated" if kind == "labels" and array.fill_value == 255 else f"of value {array.fill_value}"


def _stored_shape(array: Any) -> tuple[int, ...]:
    """The voxels in one file."""
    return tuple(array.shards or array.chunks)


def _missing_boxes(array: Any, axes: Sequence[str], grid: Sequence[int], present: set[str]) -> list[Box]:
    """The voxels of the chunks that are not there, Z Y X."""
    places = product(*map(range, grid))
    missing = (place for place in places if array.metadata.encode_chunk_key(place) not in present)
    return [_box_of(place, _stored_shape(array), array.shape, axes) for place in missing]


def _box_of(place: Sequence[int], cell: Sequence[int], shape: Sequence[int], axes: Sequence[str]) -> Box:
    """The voxels (Z Y X) at a place in a grid of cells."""
    edges = zip(axes, place, cell, shape, strict=True)
    spans = {axis: (i * edge, min(n, (i + 1) * edge)) for axis, i, edge, n in edges}
    low, high = zip(*(spans.get(axis, (0, 1)) for axis in "zyx"), strict=True)
    return Box(triple(low), triple(high))


def _report(count: str, place: str, what: str, slices: tuple[int, ...], kind: str, *, is_lost: bool) -> Finding:
    """A finding about an image (fatal where chunks are known to be lost), or about labels or the like."""
    severity: tuple[Severity, Severity] = ("warning", "fatal") if kind == "image" else ("note", "warning")
    return Finding(
        "missing-chunks",
        f"{count} {'have been lost' if is_lost else 'are not there'} {place}",
        f"these voxels are read as {what}",
        "copy the store again from where it was made"
        if is_lost
        else "copy it again, unless the software that wrote it leaves out chunks of one value",
        severity=severity[is_lost],
        slices=slices,
    )
