"""MRC files as software writes them: signs of bytes, machine stamps, missing identifiers, permuted axes, odd cells.

The bytes are laid out here after the standard (MRC2014) and IMOD's description, without our reader's code.
"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from keramos.core import VoxelSize
from keramos.core.errors import FormatError
from keramos.io import open_labels, open_volume

GREY = np.random.default_rng(5).integers(40, 211, (6, 8, 10), dtype=np.uint8)
TYPES = {"int8": 0, "uint8": 0, "int16": 1, "float32": 2, "uint16": 6}


def write_mrc(path: Path, pixels: np.ndarray, order: str = "<", **fields: Any) -> Path:
    """An MRC of sections, rows and columns with 200 x 50 x 50 Å voxels, unless fields say otherwise."""
    sections, rows, columns = pixels.shape
    given = {
        "grid": (columns, rows, sections),
        "cell": (columns * 50.0, rows * 50.0, sections * 200.0),
        "map": (1, 2, 3),
        "range": (float(pixels.min()), float(pixels.max())),
        "stamp": b"\x44\x44\0\0" if order == "<" else b"\x11\x11\0\0",
        "mark": b"MAP ",
        "imod": None,
        "extended": b"",
        **fields,
    }
    header = bytearray(1024)
    struct.pack_into(f"{order}4i", header, 0, columns, rows, sections, TYPES[pixels.dtype.name])
    struct.pack_into(
        f"{order}3i3f3f3i2f", header, 28, *given["grid"], *given["cell"], 90, 90, 90, *given["map"], *given["range"]
    )
    struct.pack_into(f"{order}i", header, 92, len(given["extended"]))
    if given["imod"] is not None:
        header[152:156] = b"IMOD" if order == "<" else b"DOMI"
        struct.pack_into(f"{order}i", header, 156, given["imod"])
    header[208:212], header[212:216] = given["mark"], given["stamp"]
    path.write_bytes(bytes(header) + given["extended"] + pixels.astype(pixels.dtype.newbyteorder(order)).tobytes())
    return path


def test_unsigned_bytes_by_their_range_in_the_header(tmp_path: Path) -> None:
    volume = open_volume(write_mrc(tmp_path / "a.mrc", GREY))
    assert volume.dtype == np.uint8
    assert np.array_equal(volume.read(), GREY)
    assert not volume.findings
    assert volume.voxel_size == VoxelSize(20, 5, 5)


def test_signed_bytes_by_their_range(tmp_path: Path) -> None:
    signed = (GREY.astype(int) - 128).astype(np.int8)
    volume = open_volume(write_mrc(tmp_path / "a.mrc", signed))
    assert np.array_equal(volume.read(), signed)
    assert not volume.findings


@pytest.mark.parametrize("unset", [(0.0, 0.0), (0.0, -1.0)])
def test_bytes_without_a_range_are_read_as_their_histogram_suits_and_doubted(
    tmp_path: Path, unset: tuple[float, float]
) -> None:
    signed = np.random.default_rng(1).normal(0, 30, (6, 8, 10)).clip(-120, 120).astype(np.int8)
    labels = np.where(GREY > 99, 255, 0).astype(np.uint8)
    for name, pixels in (("grey", GREY), ("signed", signed), ("labels", labels)):
        volume = open_volume(write_mrc(tmp_path / f"{name}.mrc", pixels, range=unset))
        assert np.array_equal(volume.read(), pixels), name
        assert [finding.kind for finding in volume.findings] == ["signed-bytes"]
    small = open_volume(write_mrc(tmp_path / "small.mrc", GREY // 2, range=unset))
    assert np.array_equal(small.read(), GREY // 2)
    assert not small.findings


@pytest.mark.parametrize("order", ["<", ">"])
def test_flags_by_imod_say_whether_bytes_are_signed(tmp_path: Path, order: str) -> None:
    stored = (GREY ^ 128).view(np.int8)
    signed = open_volume(write_mrc(tmp_path / "s.mrc", stored, order, imod=1))
    assert signed.dtype == np.uint8
    assert np.array_equal(signed.read(), GREY)
    plain = open_volume(write_mrc(tmp_path / "u.mrc", GREY, order, imod=0, range=(0.0, 0.0)))
    assert np.array_equal(plain.read(), GREY)
    assert not (*signed.findings, *plain.findings)


def test_labels_in_signed_bytes_by_imod_are_0_and_1(tmp_path: Path) -> None:
    truth = (GREY > 99).astype(np.uint8)
    labels = open_labels(write_mrc(tmp_path / "l.mrc", (truth.astype(int) - 128).astype(np.int8), imod=1))
    assert np.array_equal(labels.read(), truth)


@pytest.mark.parametrize("stamp", [b"\x44\x20\x20\x20", b"\0\0\0\0", b"\x44\x41\0\0"])
@pytest.mark.parametrize("order", ["<", ">"])
def test_unusual_machine_stamps(tmp_path: Path, stamp: bytes, order: str) -> None:
    deep = GREY.astype(np.int16) * 100
    volume = open_volume(write_mrc(tmp_path / "a.mrc", deep, order, stamp=stamp))
    assert np.array_equal(volume.read(), deep)
    assert volume.voxel_size == VoxelSize(20, 5, 5)


def test_without_the_identifier_the_sizes_must_agree(tmp_path: Path) -> None:
    path = write_mrc(tmp_path / "a.mrc", GREY.astype(np.int16), mark=b"\0\0\0\0", extended=b"x" * 80)
    assert np.array_equal(open_volume(path).read(), GREY)
    path.write_bytes(path.read_bytes() + b"more")
    with pytest.raises(FormatError, match=r"expected an MRC image in .*, found something else .*identifier MAP"):
        open_volume(path)


@pytest.mark.parametrize("axes", [(1, 2, 3), (2, 1, 3), (3, 2, 1), (1, 3, 2), (2, 3, 1), (3, 1, 2)])
def test_axes_in_any_order_are_put_right_with_the_voxel_size(tmp_path: Path, axes: tuple[int, int, int]) -> None:
    stored = GREY.transpose([3 - axis for axis in reversed(axes)])  # sections, rows, columns
    path = write_mrc(tmp_path / "a.mrc", stored, map=axes, grid=(10, 8, 6), cell=(500.0, 480.0, 1200.0))
    volume = open_volume(path)
    assert np.array_equal(volume.read(), GREY)
    assert volume.voxel_size == VoxelSize(20, 6, 5)
    assert np.array_equal(open_volume(path, box="1:4,2:7,3:9").read(), GREY[1:4, 2:7, 3:9])


def test_axes_that_cannot_be_are_doubted_and_missing_ones_are_not(tmp_path: Path) -> None:
    assert [one.kind for one in open_volume(write_mrc(tmp_path / "a.mrc", GREY, map=(1, 1, 7))).findings] == [
        "axis-order"
    ]
    unset = open_volume(write_mrc(tmp_path / "b.mrc", GREY, map=(0, 0, 0)))
    assert np.array_equal(unset.read(), GREY)
    assert not unset.findings


@pytest.mark.parametrize(
    ("grid", "cell", "right", "severity"),
    [
        ((10, 8, 1), (500.0, 400.0, 6 * 200.0), (20, 5, 5), "warning"),  # the cell's whole depth
        ((10, 8, 1), (500.0, 400.0, 200.0), (20, 5, 5), "note"),  # one slice's
        ((1, 1, 1), (500.0, 400.0, 1200.0), (20, 5, 5), "warning"),  # the whole cell, along all axes
        ((1, 1, 1), (50.0, 50.0, 200.0), (20, 5, 5), "note"),  # one voxel's
    ],
)
def test_a_grid_of_one_voxel_where_there_are_more(
    tmp_path: Path, grid: Any, cell: Any, right: tuple[float, ...], severity: str
) -> None:
    volume = open_volume(write_mrc(tmp_path / "a.mrc", GREY, grid=grid, cell=cell))
    assert volume.voxel_size == VoxelSize.of(right)
    (finding,) = volume.findings
    assert (finding.kind, finding.severity) == ("voxel-size", severity)


def test_one_angstrom_everywhere_means_unknown(tmp_path: Path) -> None:
    volume = open_volume(write_mrc(tmp_path / "a.mrc", GREY, cell=(10.0, 8.0, 6.0)))
    assert volume.voxel_size is None
    assert [finding.kind for finding in volume.findings] == ["voxel-size"]
    known = open_volume(tmp_path / "a.mrc", voxel_size=VoxelSize(20, 5, 5))
    assert known.voxel_size == VoxelSize(20, 5, 5)
    assert not known.findings


def test_complex_numbers_and_series_of_volumes_are_refused(tmp_path: Path) -> None:
    path = write_mrc(tmp_path / "a.mrc", GREY)
    data = bytearray(path.read_bytes())
    struct.pack_into("<i", data, 12, 4)
    path.write_bytes(data)
    with pytest.raises(FormatError, match="found an MRC of complex numbers"):
        open_volume(path)
    struct.pack_into("<i", data, 12, 0)
    struct.pack_into("<i", data, 36, 3)
    struct.pack_into("<i", data, 88, 401)
    path.write_bytes(data)
    with pytest.raises(FormatError, match="found a series of 2"):
        open_volume(path)
