"""Chunks of an OME-Zarr that are not there: read as the fill value without a word, so the word is said on opening."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import zarr

from keramos.core import Box, PhaseTable, VoxelSize
from keramos.io import create_image, create_labels, open_labels, open_volume

PIXELS = np.random.default_rng(8).integers(1, 256, (24, 40, 30), dtype=np.uint8)
AXES = [{"name": name, "type": "space"} for name in "zyx"]


def by_keramos(path: Path, pixels: np.ndarray) -> Path:
    writer = create_image(path, pixels.shape, pixels.dtype, voxel_size=VoxelSize(20, 5, 5), chunks=(8, 20, 30))
    writer.write(Box.whole(pixels.shape), pixels)
    writer.finish()
    return path


def by_others(path: Path, pixels: np.ndarray, version: int = 3, **options: Any) -> Path:
    scale = [{"type": "scale", "scale": [20.0, 5.0, 5.0]}]
    multiscale = {"version": "0.4", "axes": AXES, "datasets": [{"path": "0", "coordinateTransformations": scale}]}
    ome: dict[str, Any] = {"multiscales": [multiscale]}
    group = zarr.create_group(path, zarr_format=version, attributes={"ome": ome} if version == 3 else ome)
    group.create_array("0", shape=pixels.shape, dtype=pixels.dtype, fill_value=0, **options)[:] = pixels
    return path


def doubts(path: Path) -> list[Any]:
    return [finding for finding in open_volume(path).findings if finding.kind == "missing-chunks"]


def test_a_lost_chunk_of_our_own_is_fatal_with_its_place_and_share(tmp_path: Path) -> None:
    path = by_keramos(tmp_path / "a.zarr", PIXELS)
    assert not doubts(path)
    (path / "0" / "c" / "1" / "0" / "0").unlink()
    (finding,) = doubts(path)
    assert (finding.severity, finding.slices) == ("fatal", tuple(range(8, 16)))
    assert "1 of 6 chunks" in finding.message
    assert "16.7 % of the voxels, in slices 8-15, the first at 8:16,0:20,0:30" in finding.message
    assert "value 0" in finding.effect
    assert not open_volume(path, box="0:8,0:40,0:30").findings


@pytest.mark.parametrize("version", [2, 3])
def test_files_that_are_no_chunks_do_not_stand_in_for_lost_ones(tmp_path: Path, version: int) -> None:
    path = by_others(tmp_path / "a.zarr", PIXELS, version, chunks=(8, 20, 30))
    chunk = path / "0" / ("1.0.0" if version == 2 else "c/1/0/0")
    chunk.unlink()
    for name in (".DS_Store", "Thumbs.db", f"._{chunk.name}", f"{chunk.name}.partial"):
        (chunk.parent / name).write_bytes(b"none")
    (finding,) = doubts(path)
    assert "1 of 6 chunks" in finding.message


def test_the_number_of_chunks_that_is_kept_is_that_of_chunks_alone(tmp_path: Path) -> None:
    writer = create_image(tmp_path / "a.zarr", PIXELS.shape, PIXELS.dtype, voxel_size=None, chunks=(8, 20, 30))
    writer.write(Box((0, 0, 0), (8, 40, 30)), PIXELS[:8])
    (tmp_path / "a.zarr" / "0" / ".DS_Store").write_bytes(b"none")
    writer.finish()
    assert not doubts(tmp_path / "a.zarr")


def test_chunks_of_one_value_that_were_never_written_are_none_lost(tmp_path: Path) -> None:
    pixels = PIXELS.copy()
    pixels[:8] = 0
    path = by_keramos(tmp_path / "a.zarr", pixels)
    assert not (path / "0" / "c" / "0").exists()
    assert not doubts(path)
    (path / "0" / "c" / "2" / "1" / "0").unlink()
    (finding,) = doubts(path)
    assert finding.severity == "fatal"
    assert "1 of 4 chunks" in finding.message


def test_lost_labels_are_not_annotated_and_said(tmp_path: Path) -> None:
    codes = np.full(PIXELS.shape, 255, np.uint8)
    codes[3] = PIXELS[3] > 99
    table = PhaseTable.from_names(["void", "solid"])
    path = tmp_path / "a.zarr"
    writer = create_labels(path, codes.shape, phases=table, voxel_size=VoxelSize(20, 5, 5), chunks=(1, 40, 30))
    writer.write(Box.whole(codes.shape), codes)
    writer.finish()
    assert not open_labels(path).findings
    (path / "labels" / "segmentation" / "0" / "c" / "3" / "0" / "0").unlink()
    (finding,) = open_labels(path).findings
    assert (finding.kind, finding.severity) == ("missing-chunks", "warning")
    assert "not annotated" in finding.effect


@pytest.mark.parametrize(
    "options",
    [
        {"chunks": (8, 20, 30)},
        {"chunks": (8, 20, 30), "version": 2},
        {"chunks": (8, 20, 30), "version": 2, "chunk_key_encoding": {"name": "v2", "separator": "/"}},
        {"chunks": (4, 10, 30), "shards": (8, 20, 30)},
    ],
)
def test_stores_of_other_software_are_doubted(tmp_path: Path, options: dict[str, Any]) -> None:
    path = by_others(tmp_path / "a.zarr", PIXELS, **options)
    assert not doubts(path)
    marks = ("zarr.json", ".zarray", ".zattrs")
    files = sorted(file for file in (path / "0").rglob("*") if file.is_file() and file.name not in marks)
    files[-1].unlink()
    (finding,) = doubts(path)
    assert (finding.severity, finding.slices) == ("warning", tuple(range(16, 24)))
    assert "1 of 6 chunks" in finding.message
    assert "16.7 %" in finding.message


@pytest.mark.parametrize("where", ["end", "start"])
def test_a_chunk_that_a_shard_calls_missing_is_said_with_its_place(tmp_path: Path, where: str) -> None:
    shards = {"shape": (16, 20, 30), "index_location": where}
    path = by_others(tmp_path / "a.zarr", PIXELS, chunks=(4, 10, 30), shards=shards)
    assert not doubts(path), "chunks of the last shards that lie beyond the array are none lost"
    file = path / "0" / "c" / "0" / "1" / "0"
    raw, index = bytearray(file.read_bytes()), 4 * 2 * 16
    start = 0 if where == "start" else len(raw) - index - 4
    raw[start + 5 * 16 : start + 6 * 16] = b"\xff" * 16  # the third along z, the second along y
    raw[start + index : start + index + 4] = crc32c(raw[start : start + index])
    file.write_bytes(raw)
    assert open_volume(path).read(Box.whole(PIXELS.shape))[8:12, 30:40].max() == 0
    (finding,) = doubts(path)
    assert (finding.severity, finding.slices) == ("warning", tuple(range(8, 12)))
    assert "1 of 24 chunks in the shards" in finding.message
    assert "4.17 % of the voxels, in slices 8-11, the first at 8:12,30:40,0:30" in finding.message


def crc32c(data: bytes) -> bytes:
    """The CRC-32C of some bytes, bit by bit (RFC 3720)."""
    register = 0xFFFFFFFF
    for byte in data:
        register ^= byte
        for _ in range(8):
            register = register >> 1 ^ (0x82F63B78 if register & 1 else 0)
    return (register ^ 0xFFFFFFFF).to_bytes(4, "little")


def test_an_announcement_of_very_many_chunks_is_counted_not_listed(tmp_path: Path) -> None:
    path = tmp_path / "a.zarr"
    by_others(path, PIXELS[:1, :1, :1], chunks=(1, 1, 1))
    text = (path / "0" / "zarr.json").read_text(encoding="utf-8")
    array = zarr.open_array(path / "0", mode="r+")
    array.resize((10**5, 10**5, 10**5))
    assert text != (path / "0" / "zarr.json").read_text(encoding="utf-8")
    (finding,) = doubts(path)
    assert "999999999999999 of 1000000000000000 chunks" in finding.message
    assert not finding.slices
