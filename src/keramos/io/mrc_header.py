"""The header of an MRC file: byte order, type, axes and cell, also where writers leave the standard.

The standard is MRC2014 (Cheng et al., J. Struct. Biol. 192, 146, 2015, https://doi.org/10.1016/j.jsb.2015.04.002);
what IMOD adds is at https://bio3d.colorado.edu/imod/doc/mrc_format.txt.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import prod
from pathlib import Path
from typing import Any

import numpy as np
from mrcfile.dtypes import HEADER_DTYPE

from keramos.core import Triple, triple
from keramos.core.errors import FormatError
from keramos.io.memory_map import truncation_error

HEADER_BYTES = 1024
MARK_AT, MARK = 208, b"MAP"
_TYPES = {0: np.int8, 1: np.int16, 2: np.float32, 6: np.uint16, 12: np.float16}
_OTHER_TYPES = {3: "complex numbers", 4: "complex numbers", 16: "colours (RGB)", 101: "values of 4 bits"}
_BIG_ENDIAN = b"\x11"
_IMOD_AT, _IMOD, _SIGNED_BYTES = 40, 1146047817, 1
_USUAL_AXES = (3, 2, 1)


@dataclass(frozen=True)
class MrcHeader:
    """A header in the byte order in which it makes sense. `record` has the fields of MRC2014."""

    record: Any
    byte_order: str

    @property
    def stored_shape(self) -> Triple:
        """Sections, rows and columns, as they are stored."""
        return triple([int(self.record[name]) for name in ("nz", "ny", "nx")])

    @property
    def axes(self) -> Triple:
        """The axes of sections, rows and columns, as numbers in Z Y X. A header without valid ones means Z Y X."""
        numbers = self._axis_numbers
        return triple([3 - number for number in (numbers if sorted(numbers) == [1, 2, 3] else _USUAL_AXES)])

    @property
    def has_odd_axes(self) -> bool:
        """Whether the header names its axes in a way that cannot be."""
        return any(self._axis_numbers) and sorted(self._axis_numbers) != [1, 2, 3]

    @property
    def _axis_numbers(self) -> Triple:
        return triple([int(self.record[name]) for name in ("maps", "mapr", "mapc")])

    @property
    def shape(self) -> Triple:
        """Z Y X."""
        return triple([self.stored_shape[self.axes.index(axis)] for axis in range(3)])

    @property
    def mode(self) -> int:
        return int(self.record["mode"])

    @property
    def dtype(self) -> np.dtype[Any]:
        """The type of the voxels; bytes are signed by the standard."""
        native: np.dtype[Any] = np.dtype(_TYPES[self.mode])
        return native.newbyteorder("<" if self.byte_order == "<" else ">")

    @property
    def offset(self) -> int:
        """The byte at which the voxels begin."""
        return HEADER_BYTES + int(self.record["nsymbt"])

    @property
    def end(self) -> int:
        """The byte after the last voxel; 0 for a header that makes no sense."""
        sensible = min(self.stored_shape) > 0 and int(self.record["nsymbt"]) >= 0 and self.mode in _TYPES
        return self.offset + prod(self.stored_shape) * self.dtype.itemsize if sensible else 0

    @property
    def imod_flags(self) -> int | None:
        """The flags by IMOD; None in files of other software."""
        stamp, flags = np.frombuffer(self.record["extra2"].tobytes(), f"{self.byte_order}i4", 2, _IMOD_AT)
        return int(flags) if stamp == _IMOD else None

    @property
    def has_imod_signed_bytes(self) -> bool:
        """Whether IMOD has stored bytes less 128."""
        return self.mode == 0 and bool((self.imod_flags or 0) & _SIGNED_BYTES)


def read_mrc_header(path: Path) -> MrcHeader:
    """The header of an MRC file. One without the identifier `MAP` is taken if the file is exactly as long as it says,
    and of an unusual machine stamp the byte order that makes sense.

    Raises:
        FormatError: not an MRC file, one of numbers that are no grey values, or truncated.
    """
    with path.open("rb") as file:
        start = file.read(HEADER_BYTES)
    if len(start) < HEADER_BYTES:
        raise _not_mrc(path, f"only {len(start)} bytes")
    size, is_marked = path.stat().st_size, start[MARK_AT : MARK_AT + len(MARK)] == MARK
    orders = "><" if start[212:213] == _BIG_ENDIAN else "<>"
    headers = [MrcHeader(np.frombuffer(start, HEADER_DTYPE.newbyteorder(order))[0], order) for order in orders]
    sensible = [one for one in headers if (0 < one.end <= size if is_marked else one.end == size)]
    if sensible:
        return sensible[0]
    cut = next((one for one in headers if is_marked and one.end > 0), None)
    if cut is not None:
        raise truncation_error(path, f"{cut.end} bytes for {cut.shape} voxels (z, y, x)", f"{size} bytes")
    other = next((_OTHER_TYPES[one.mode] for one in headers if is_marked and one.mode in _OTHER_TYPES), None)
    if other is not None:
        raise FormatError(f"expected grey values in {path}, found an MRC of {other}; convert it to 8 or 16 bits")
    raise _not_mrc(path, "a header whose sizes make no sense" if is_marked else "a header without the identifier MAP")


def _not_mrc(path: Path, content: str) -> FormatError:
    return FormatError(f"expected an MRC image in {path}, found something else ({content}); export it again")
