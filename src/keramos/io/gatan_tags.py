"""The tree of tags in a file of Gatan's DigitalMicrograph, version 3 or 4.

Layout: C. B. Boothroyd, DigitalMicrograph file format (personal.ntu.edu.sg/cbb/info/dmformat). Counts and names are
big-endian, values are in the byte order that the header names. Of pixels and other long arrays only the place is noted.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Any, BinaryIO, Literal

import numpy as np

from keramos.core.errors import FormatError

_DIRECTORY, _DATA, _MARK, _PIXELS = 20, 21, b"%%%%", "Data"
_TYPES = {2: "i2", 3: "i4", 4: "u2", 5: "u4", 6: "f4", 7: "f8", 8: "u1", 9: "i1", 10: "u1", 11: "i8", 12: "u8"}
_STRUCT, _STRING, _ARRAY = 15, 18, 20
_LONGEST_READ, _MOST_TAGS, _DEEPEST = 4096, 200_000, 40


@dataclass(frozen=True)
class StoredArray:
    """An array that was left in the file: where its bytes are, and how many."""

    offset: int
    size: int


class GatanReader:
    """Reads the tags of an open file into dictionaries and, where they have no names, lists.

    Raises:
        FormatError: the file is not of this kind, or damaged.
    """

    def __init__(self, file: BinaryIO, name: str) -> None:
        self._file, self._name, self._count = file, name, 0
        version = self._number("I")
        if version not in (3, 4):
            raise self._refuse(f"version {version}")
        self._is_long = version == 4
        self._number(self._word)
        order = self._number("I")
        if order not in (0, 1):
            raise self._refuse(f"byte order {order}")
        self.order: Literal["<", ">"] = "<" if order else ">"

    @property
    def _word(self) -> str:
        """The type of counts and lengths."""
        return "Q" if self._is_long else "I"

    def read(self) -> Any:
        """The tree below the root."""
        return self._read_directory(0)

    def _read_directory(self, depth: int) -> Any:
        if depth > _DEEPEST:
            raise self._refuse("tags within tags without end")
        self._bytes(2)  # whether it is sorted, and open
        entries = [self._read_entry(depth) for _ in range(self._refuse_many(self._number(self._word)))]
        names = [name for name, _ in entries]
        return dict(entries) if any(names) else [value for _, value in entries]

    def _read_entry(self, depth: int) -> tuple[str, Any]:
        kind = self._number("B")
        name = self._bytes(self._number("H")).decode("latin-1")
        if self._is_long:
            self._number("Q")  # the length of what follows
        if kind == _DIRECTORY:
            return name, self._read_directory(depth + 1)
        if kind != _DATA or self._bytes(4) != _MARK:
            raise self._refuse(f"a tag of kind {kind}")
        words = self._refuse_many(self._number(self._word))
        return name, self._read_data([self._number(self._word) for _ in range(words)], is_stored=name == _PIXELS)

    def _read_data(self, about: list[int], *, is_stored: bool) -> Any:
        kind = about[0] if about else 0
        if kind in _TYPES:
            return self._values(_TYPES[kind], 1)[0].item()
        if kind == _STRUCT and len(about) > 2:
            return [self._values(self._type(one), 1)[0].item() for one in about[4 : 3 + 2 * about[2] : 2]]
        if kind == _STRING and len(about) > 1:
            return self._bytes(2 * about[1]).decode("utf-16-le" if self.order == "<" else "utf-16-be", "replace")
        if kind == _ARRAY and len(about) > 2:
            fields = about[5 : 4 + 2 * about[3] : 2] if about[1] == _STRUCT and len(about) > 4 else [about[1]]
            width = sum(np.dtype(self._type(one)).itemsize for one in fields)
            if is_stored or width * about[-1] > _LONGEST_READ or about[1] not in _TYPES:
                place = self._file.tell()
                self._file.seek(width * about[-1], 1)
                return StoredArray(place, width * about[-1])
            return self._read_array(_TYPES[about[1]], about[-1])
        raise self._refuse(f"values of kind {kind}")

    def _read_array(self, kind: str, count: int) -> Any:
        values = self._values(kind, count).tolist()
        return "".join(map(chr, values)) if kind == "u2" else values  # texts are arrays of UTF-16

    def _type(self, kind: int) -> str:
        if kind not in _TYPES:
            raise self._refuse(f"values of kind {kind}")
        return _TYPES[kind]

    def _values(self, kind: str, count: int) -> Any:
        dtype = np.dtype(kind).newbyteorder(self.order)
        return np.frombuffer(self._bytes(dtype.itemsize * count), dtype)

    def _number(self, kind: str) -> int:
        value: int = struct.unpack(f">{kind}", self._bytes(struct.calcsize(f">{kind}")))[0]
        return value

    def _bytes(self, count: int) -> bytes:
        data = self._file.read(count) if count <= 16 * _LONGEST_READ else b""
        if len(data) != count:
            raise self._refuse("its end within a tag")
        return data

    def _refuse_many(self, count: int) -> int:
        self._count += count
        if self._count > _MOST_TAGS:
            raise self._refuse(f"{self._count} tags")
        return count

    def _refuse(self, what: str) -> FormatError:
        return FormatError(
            f"expected a file of DigitalMicrograph in {self._name}, found {what}; copy it again, or export it as TIFF"
        )
