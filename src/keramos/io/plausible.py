"""Sizes that a file states, held against the bytes that it has, before anything is allocated for them."""

from __future__ import annotations

from collections.abc import Sequence
from math import prod
from pathlib import Path
from typing import Any

from keramos.core import machine_memory, size_in_words
from keramos.core.errors import FormatError, OptionError

DEFLATE_RATIO = 1032
"""The most bytes that deflate makes of one (https://zlib.net/zlib_tech.html)."""
_SLACK = 2**16
_USUAL_BYTES = 2**28
"""What reading takes anyway: the cache of decoded slices."""
_LONGEST = 2**31 - 1


def refuse_lengths(path: Path, shape: Sequence[int]) -> None:
    """FormatError unless every length of an array is one that an array can have."""
    if any(not 0 < length <= _LONGEST for length in shape):
        listed = " x ".join(map(str, shape)) or "no axes"
        raise FormatError(
            f"expected lengths of at least one pixel in the header of {path}, found {listed}; the file is damaged or "
            "empty: copy or export it again"
        )


def refuse_inflated(path: Path, decoded: int, stored: int, ratio: float, what: str = "its pixels") -> None:
    """FormatError where `decoded` bytes cannot come from so many stored ones: no codec gains more than `ratio`."""
    if decoded > stored * ratio + _SLACK:
        raise FormatError(
            f"expected {size_in_words(decoded)} for {what} as the header of {path} says, found "
            f"{size_in_words(stored)} that cannot hold them: the file is truncated or damaged; copy or export it again"
        )


def refuse_large_pieces(name: str, source: Any) -> None:
    """FormatError where a slice or a chunk, which is decoded whole, does not fit into the memory of this machine."""
    piece, present = piece_bytes(source), machine_memory()
    if present is not None and 2 * piece > present:
        raise FormatError(
            f"expected slices or chunks in {name} that fit into {size_in_words(present)} of memory, found "
            f"{size_in_words(piece)} that are decoded at once; save it in smaller chunks, or as uncompressed TIFF"
        )


def refuse_pieces_beyond(source: Any, memory_bytes: int) -> None:
    """OptionError where a slice or a chunk that is decoded whole takes more than the memory that was allowed: it is
    there as it comes, as it is kept, and as numbers to compute with."""
    piece = piece_bytes(source)
    if 3 * piece > max(memory_bytes, _USUAL_BYTES):
        raise OptionError(
            "memory",
            f"expected at least {size_in_words(3 * piece)}, as slices or chunks of {size_in_words(piece)} are decoded "
            f"whole, found {size_in_words(memory_bytes)}; allow more, or save them in smaller chunks",
        )


def piece_bytes(source: Any) -> int:
    """The bytes that are decoded at once for any voxel of a source: a slice or a chunk; 0 where pixels are mapped."""
    while getattr(source, "piece_shape", None) is None:
        source = getattr(source, "source", None)
        if source is None:
            return 0
    return int(prod(source.piece_shape) * source.dtype.itemsize)
