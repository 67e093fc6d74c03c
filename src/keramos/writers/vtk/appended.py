"""VTK's XML file with its arrays behind the XML, raw and little-endian (VTK File Formats, 19.3), written in pieces.

<VTKFile type="ImageData" ... header_type="UInt64">
  <ImageData ...><Piece ...><PointData><DataArray format="appended" offset="0"/></PointData></Piece></ImageData>
  <AppendedData encoding="raw">_[bytes][array][bytes][array] ...
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from io import SEEK_CUR, SEEK_END
from pathlib import Path
from typing import Any, BinaryIO
from xml.sax.saxutils import quoteattr

import numpy as np
from numpy.typing import NDArray

from keramos.core import PhaseTable

_LENGTH = np.dtype("<u8")
_FAST = 1  # a higher zlib level costs much time and gains little on labels
_TYPES = {
    "u1": "UInt8",
    "u2": "UInt16",
    "u4": "UInt32",
    "u8": "UInt64",
    "i1": "Int8",
    "i2": "Int16",
    "i4": "Int32",
    "i8": "Int64",
    "f4": "Float32",
    "f8": "Float64",
}


@dataclass(frozen=True)
class Array:
    """An array of a file: its pieces, one after the other, have `tuples` times `components` numbers in all.

    `blocks` is how many pieces there are, all of one size, in an array that is to be compressed.
    """

    name: str
    dtype: np.dtype[Any]
    tuples: int
    pieces: Callable[[], Iterable[NDArray[Any]]]
    components: int = 1
    blocks: int = 0

    @property
    def nbytes(self) -> int:
        return self.tuples * self.components * self.dtype.itemsize

    def pack(self) -> Iterable[bytes]:
        """The pieces as bytes, as they lie in the file."""
        little = self.dtype.newbyteorder("<")
        return (np.ascontiguousarray(piece, little).tobytes() for piece in self.pieces())

    def element(self, offset: int) -> str:
        kind = _TYPES[self.dtype.str[1:]]
        # As VTK itself: meshio makes a column of a list that says it has one component.
        shape = f' NumberOfComponents="{self.components}"' if self.components > 1 else ""
        return f'<DataArray type="{kind}" Name="{self.name}"{shape} format="appended" offset="{offset}"/>'


@dataclass(frozen=True)
class Grid:
    """A grid of VTK: the attributes of its own element and of its one piece, and the arrays of each section.

    `scalars` names the array that is to be shown first.
    """

    kind: str
    piece: Mapping[str, object]
    sections: Mapping[str, Sequence[Array]]
    attributes: Mapping[str, object]
    scalars: str = ""
    phases: PhaseTable | None = None

    @property
    def arrays(self) -> list[Array]:
        return [array for arrays in self.sections.values() for array in arrays]


def write_grid(grid: Grid, out: Path, *, compress: bool = False) -> None:
    """Write the file piece by piece. `compress` is for a grid with a single array, that says its `blocks`: each becomes
    a block of zlib."""
    with out.open("wb") as file:
        file.write(_head(grid, compress).encode("utf-8"))
        write = _write_compressed if compress else _write_raw
        for array in grid.arrays:
            write(array, file)
        file.write(b"\n</AppendedData>\n</VTKFile>\n")


def _head(grid: Grid, compress: bool) -> str:
    compressor = ' compressor="vtkZLibDataCompressor"' if compress else ""
    lines = [
        '<?xml version="1.0"?>',
        "<!-- by Keramos -->",
        f'<VTKFile type="{grid.kind}" version="1.0" byte_order="LittleEndian" header_type="UInt64"{compressor}>',
        f"<{grid.kind}{_attributes(grid.attributes)}>",
        *([] if grid.phases is None else [_codes(grid.phases)]),
        f"<Piece{_attributes(grid.piece)}>",
    ]
    offset = 0
    for section, arrays in grid.sections.items():
        shown = {"Scalars": grid.scalars} if any(array.name == grid.scalars for array in arrays) else {}
        lines.append(f"<{section}{_attributes(shown)}>")
        for array in arrays:
            lines.append(array.element(offset))
            offset += _LENGTH.itemsize + array.nbytes
        lines.append(f"</{section}>")
    return "\n".join([*lines, "</Piece>", f"</{grid.kind}>", '<AppendedData encoding="raw">', "_"])  # data follows "_"


def _attributes(values: Mapping[str, object]) -> str:
    return "".join(f' {name}="{value}"' for name, value in values.items())


def _codes(phases: PhaseTable) -> str:
    """Each phase's code under its name, not as an array of texts, which meshio cannot read."""
    rows = "".join(
        f'<DataArray type="UInt8" Name={quoteattr(name)} NumberOfTuples="1" format="ascii">{code}</DataArray>'
        for code, name in enumerate(phases.names)
    )
    return f"<FieldData>{rows}</FieldData>"


def _write_raw(array: Array, file: BinaryIO) -> None:
    file.write(np.array([array.nbytes], _LENGTH).tobytes())
    for piece in array.pack():
        file.write(piece)


def _write_compressed(array: Array, file: BinaryIO) -> None:
    """A block for each piece, behind a table of their sizes, which is known only when the last of them is written."""
    table = file.tell()
    file.seek((3 + array.blocks) * _LENGTH.itemsize, SEEK_CUR)
    sizes = [file.write(zlib.compress(piece, _FAST)) for piece in array.pack()]
    file.seek(table)
    all_are_full = 0
    file.write(np.array([array.blocks, array.nbytes // array.blocks, all_are_full, *sizes], _LENGTH).tobytes())
    file.seek(0, SEEK_END)
