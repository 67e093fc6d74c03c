"""Whether the bytes of an MRC of mode 0 are signed: the standard says so, much software does otherwise."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Finding, SourceView
from keramos.io.memory_map import MapSource
from keramos.io.mrc_header import MrcHeader

_PIECES, _PIECE_BYTES = 64, 16384
_FEWEST_VALUES = 16
"""An image with fewer values is one of labels, whose values do not tell."""
_NEAR = 8


class ImodBytes(SourceView):
    """Bytes that IMOD has stored less 128, as the 0 to 255 that they stand for."""

    @property
    def dtype(self) -> np.dtype[Any]:
        return np.dtype(np.uint8)

    @property
    def files(self) -> tuple[Path, ...]:
        files: tuple[Path, ...] = getattr(self.source, "files", ())
        return files

    def read(self, box: Box) -> NDArray[np.uint8]:
        stored: NDArray[np.uint8] = self.source.read(box).view(np.uint8)
        return stored ^ np.uint8(128)


def has_signed_bytes(header: MrcHeader, path: Path) -> tuple[bool, Finding | None]:
    """Whether the bytes are signed, and a finding where the header does not say so.

    Flags by IMOD tell, else the least and the greatest value in the header. Where these are not set the bytes
    themselves are looked at: grey values are frequent on both sides of where the other reading cuts them apart.
    """
    if header.imod_flags is not None:
        return header.has_imod_signed_bytes, None
    low, high = float(header.record["dmin"]), float(header.record["dmax"])
    if high > low and (low >= 0 or high <= 127):
        return low < 0, None
    counts = np.bincount(_sample(header, path), minlength=256)
    if not counts[128:].any():
        return False, None
    is_signed = bool(np.count_nonzero(counts) >= _FEWEST_VALUES) and _joint(counts, 256) > _joint(counts, 128)
    return is_signed, _report_doubt(path, is_signed)


def _joint(counts: NDArray[np.intp], place: int) -> int:
    """The number of bytes that lie near a place in the circle of their values, on the side with fewer."""
    turned = np.roll(counts, -place + _NEAR)
    return int(min(turned[:_NEAR].sum(), turned[_NEAR : 2 * _NEAR].sum()))


def _sample(header: MrcHeader, path: Path) -> NDArray[np.uint8]:
    """Bytes from all over the file."""
    stored = MapSource(path, (1, 1, header.end - header.offset), np.dtype(np.uint8), header.offset)
    length = stored.shape[2]
    starts = np.unique(np.linspace(0, max(0, length - _PIECE_BYTES), _PIECES).astype(int))
    pieces = [stored.read(Box((0, 0, a), (1, 1, min(length, a + _PIECE_BYTES))))[0, 0] for a in starts]
    return np.concatenate(pieces)


def _report_doubt(path: Path, is_signed: bool) -> Finding:
    read, other = ("signed", "unsigned") if is_signed else ("unsigned", "signed")
    return Finding(
        "signed-bytes",
        f"the header of {path} does not say whether its bytes are signed; they are read as {read}, which suits their "
        "histogram",
        f"bright and dark would change places if they were {other}",
        "look at a slice, and if it is wrong export the stack as TIFF",
    )
