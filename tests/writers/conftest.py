"""A reader of VTK's XML files that shares nothing with their writer, and phases to write."""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from doubles import Notes

from keramos.core import LabelVolume, PhaseTable, VoxelSize

SIZE = VoxelSize(20, 26.4, 20.8)
NUMBERS = {
    "UInt8": "<u1",
    "Int8": "<i1",
    "UInt16": "<u2",
    "Int32": "<i4",
    "Int64": "<i8",
    "Float32": "<f4",
    "Float64": "<f8",
}


@dataclass
class VtkFile:
    """The XML without its data, the arrays by name, and each array's section."""

    root: ElementTree.Element
    arrays: dict[str, np.ndarray]
    sections: dict[str, str]
    fields: dict[str, int]

    def attribute(self, path: str, name: str) -> list[float]:
        element = self.root.find(path)
        assert element is not None
        return [float(text) for text in element.attrib[name].split()]


def blocks_at(data: bytes, offset: int, compressed: bool) -> tuple[bytes, int]:
    """An array's bytes and where what follows it begins."""
    if not compressed:
        (length,) = struct.unpack_from("<Q", data, offset)
        return data[offset + 8 : offset + 8 + length], offset + 8 + length
    count, size, rest = struct.unpack_from("<3Q", data, offset)
    lengths = struct.unpack_from(f"<{count}Q", data, offset + 24)
    place, found = offset + 24 + 8 * count, b""
    for number, length in enumerate(lengths):
        block = zlib.decompress(data[place : place + length])
        assert len(block) == (rest if rest and number == count - 1 else size)
        found, place = found + block, place + length
    return found, place


def read(path: Path) -> VtkFile:
    """By the format's description: XML, then _, then [bytes][numbers] of each array at its offset, without gaps."""
    raw = path.read_bytes()
    start = re.search(rb'<AppendedData encoding="raw">\s*_', raw)
    assert start is not None
    end = raw.rindex(b"\n</AppendedData>")
    root = ElementTree.fromstring(raw[: start.end()] + raw[end:])
    assert (root.attrib["byte_order"], root.attrib["header_type"]) == ("LittleEndian", "UInt64")
    data = raw[start.end() : end]
    (grid,) = (child for child in root if child.tag != "AppendedData")
    assert grid.tag == root.attrib["type"]
    file, expected = VtkFile(root, {}, {}, {}), 0
    for section in grid.findall("Piece/*"):
        for array in section:
            name = array.attrib["Name"]
            assert (array.attrib["format"], int(array.attrib["offset"])) == ("appended", expected)
            content, expected = blocks_at(data, expected, "compressor" in root.attrib)
            numbers = np.frombuffer(content, NUMBERS[array.attrib["type"]])
            components = int(array.attrib.get("NumberOfComponents", 1))
            file.arrays[name] = numbers.reshape(-1, components) if components > 1 else numbers
            file.sections[name] = section.tag
    assert expected == len(data)
    for array in grid.findall("FieldData/DataArray"):
        file.fields[array.attrib["Name"]] = int(array.text or "")
    return file


@pytest.fixture
def read_vtk() -> Callable[[Path], VtkFile]:
    return read


@pytest.fixture
def ternary() -> LabelVolume:
    """Three phases in noise, some of it not annotated, on voxels with three different edges."""
    rng = np.random.default_rng(5)
    codes = rng.integers(0, 3, (6, 7, 9)).astype(np.uint8)
    codes[rng.random(codes.shape) < 0.1] = 255
    phases = PhaseTable.from_names(["void", 'ce"r<ia', "nickel & φ"], 'ce"r<ia')
    return LabelVolume.from_array(codes, phases, SIZE, "ternary.tif")


@pytest.fixture
def notes() -> Notes:
    return Notes()
