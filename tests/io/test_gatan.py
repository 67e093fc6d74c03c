"""DM3 and DM4 files, built tag by tag as DigitalMicrograph lays them out."""

from __future__ import annotations

import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keramos.core import VoxelSize
from keramos.core.errors import FormatError
from keramos.io import describe, open_volume

KINDS = {"i2": (1, 2), "f4": (2, 6), "u1": (6, 10), "i4": (7, 3), "i1": (9, 9), "u2": (10, 4), "u4": (11, 5)}
"""DigitalMicrograph's type of pixels, and of the tag that holds them."""


class Writer:
    """Lays out tags; values in little-endian order if `little`."""

    def __init__(self, version: int, little: bool) -> None:
        self.version, self.end = version, "<" if little else ">"
        self.word = "Q" if version == 4 else "I"

    def words(self, *values: int) -> bytes:
        return struct.pack(f">{len(values)}{self.word}", *values)

    def tag(self, name: str, kind: int, body: bytes) -> bytes:
        length = struct.pack(">Q", len(body)) if self.version == 4 else b""
        return struct.pack(">BH", kind, len(name)) + name.encode("latin-1") + length + body

    def directory(self, name: str, *tags: bytes) -> bytes:
        return self.tag(name, 20, b"\1\0" + self.words(len(tags)) + b"".join(tags))

    def value(self, name: str, kind: int, form: str, value: Any) -> bytes:
        return self.tag(name, 21, b"%%%%" + self.words(1, kind) + struct.pack(self.end + form, value))

    def array(self, name: str, kind: int, count: int, data: bytes) -> bytes:
        return self.tag(name, 21, b"%%%%" + self.words(3, 20, kind, count) + data)

    def image(self, pixels: np.ndarray, edges: list[float], unit: str, kind: int | None = None) -> bytes:
        code = pixels.dtype.str[1:]
        stored = pixels.astype(pixels.dtype.newbyteorder(self.end)).tobytes()
        text = unit.encode("utf-16-le" if self.end == "<" else "utf-16-be")
        rows = [
            self.directory("", self.value("Scale", 6, "f", edge), self.array("Units", 4, len(unit), text))
            for edge in edges
        ]
        data = self.directory(
            "ImageData",
            self.directory("Calibrations", self.directory("Dimension", *rows)),
            self.array("Data", KINDS[code][1], pixels.size, stored),
            self.value("DataType", 5, "I", kind or KINDS[code][0]),
            self.directory("Dimensions", *(self.value("", 5, "I", n) for n in pixels.shape[::-1])),
        )
        return self.directory("", data)

    def file(self, *images: bytes) -> bytes:
        # A structure and a text that readers pass by: a rectangle of four numbers, and a string.
        rectangle = self.words(11, 15, 0, 4, 0, 3, 0, 3, 0, 3, 0, 3) + struct.pack(self.end + "4i", 0, 0, 9, 7)
        text = self.words(2, 18, 2) + "ab".encode("utf-16-le" if self.end == "<" else "utf-16-be")
        tags = [
            self.tag("Bounds", 21, b"%%%%" + rectangle),
            self.tag("Name", 21, b"%%%%" + text),
            self.directory("ImageList", *images),
        ]
        root = b"\0\0" + self.words(len(tags)) + b"".join(tags)
        header = struct.pack(">I", self.version) + self.words(len(root)) + struct.pack(">I", int(self.end == "<"))
        return header + root + b"\0" * 8


THUMBNAIL = np.zeros((4, 4), np.uint8)


@pytest.mark.parametrize("little", [True, False])
@pytest.mark.parametrize("version", [3, 4])
@pytest.mark.parametrize("code", KINDS)
def test_pixels_and_edges_of_a_stack(tmp_path: Path, version: int, code: str, little: bool) -> None:
    writer = Writer(version, little)
    pixels = np.random.default_rng(1).integers(0, 120, (5, 70, 30)).astype(code)
    data = writer.file(writer.image(THUMBNAIL, [1.0, 1.0], ""), writer.image(pixels, [5.0, 6.0, 20.0], "nm"))
    path = tmp_path / f"a.dm{version}"
    path.write_bytes(data)
    volume = open_volume(path)
    np.testing.assert_array_equal(volume.read(), pixels)
    assert (volume.voxel_size, volume.dtype) == (VoxelSize(20, 6, 5), pixels.dtype)


@pytest.mark.parametrize("version", [3, 4])
def test_slices_in_a_folder(tmp_path: Path, version: int) -> None:
    writer = Writer(version, little=True)
    pixels = np.random.default_rng(1).integers(0, 60000, (4, 9, 7)).astype(np.uint16)
    for z in range(4):
        (tmp_path / f"s_{z}.dm{version}").write_bytes(writer.file(writer.image(pixels[z], [0.005, 0.006], "µm")))
    np.testing.assert_array_equal(open_volume(tmp_path).read(), pixels)
    facts = describe(tmp_path)
    assert facts["voxel_size_nm"] == [None, 6.0, 5.0]
    assert facts["sources"]["y"] == "Calibrations.Dimension[1]"


def test_colour_and_damage_are_refused(tmp_path: Path) -> None:
    writer, path = Writer(3, little=True), tmp_path / "a.dm3"
    path.write_bytes(writer.file(writer.image(np.zeros((9, 7), np.int32), [1.0, 1.0], "nm", kind=23)))
    with pytest.raises(FormatError, match="pixels of type 23"):
        open_volume(path)
    whole = writer.file(writer.image(np.zeros((9, 7), np.uint8), [1.0, 1.0], "nm"))
    rng = np.random.default_rng(0)
    for cut in (0, 3, 11, 40, 90, len(whole) // 2):
        path.write_bytes(whole[:cut])
        with pytest.raises(FormatError):
            open_volume(path)
    for _ in range(150):
        damaged = bytearray(whole)
        for place in rng.integers(0, len(whole), 3):
            damaged[place] = rng.integers(256)
        path.write_bytes(damaged)
        with suppress(FormatError):
            open_volume(path).read()
