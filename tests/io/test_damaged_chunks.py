"""Chunks of an OME-Zarr that an interrupted copy has cut: refused with their name, never decoded beyond their end."""

from __future__ import annotations

import asyncio
import json
import struct
import zlib

import numcodecs
import numpy as np
import pytest
import zarr
from zarr.codecs import BloscCodec, Crc32cCodec, GzipCodec, ZstdCodec
from zarr.core.sync import sync

from keramos.core import Box
from keramos.core.errors import FormatError
from keramos.io import create_image, open_volume

SHAPE = (16, 32, 32)
METADATA = {
    "multiscales": [
        {
            "axes": [{"name": axis, "type": "space"} for axis in "zyx"],
            "datasets": [{"path": "0", "coordinateTransformations": [{"type": "scale", "scale": [1, 1, 1]}]}],
        }
    ]
}
V3 = {
    "blosc": {"compressors": BloscCodec()},
    "blosc and checksum": {"compressors": [BloscCodec(), Crc32cCodec()]},
    "zstd": {"compressors": ZstdCodec()},
    "gzip": {"compressors": GzipCodec()},
    "raw": {"compressors": None},
    "shards": {"shards": (8, 32, 32), "compressors": BloscCodec()},
}
V2 = {name: {"compressors": getattr(numcodecs, name)(), "zarr_format": 2} for name in ("Blosc", "GZip", "LZ4", "Zstd")}
CODECS = {**V3, **V2, "Blosc and filter": {**V2["Blosc"], "filters": [numcodecs.Delta(dtype="u2")]}}


def store(path, pixels, version=3, **codecs):
    """An image group by another software, and its files of chunks."""
    group = zarr.create_group(path, zarr_format=version, attributes={"ome": METADATA} if version == 3 else METADATA)
    array = group.create_array(name="0", shape=pixels.shape, dtype=pixels.dtype, chunks=(8, 16, 32), **codecs)
    array[:] = pixels
    marks = ("zarr.json", ".zarray", ".zattrs")
    return sorted(file for file in (path / "0").rglob("*") if file.is_file() and file.name not in marks)


@pytest.mark.parametrize("name", CODECS)
def test_a_cut_chunk_is_named(tmp_path, name):
    codecs = dict(CODECS[name])
    pixels = np.random.default_rng(1).integers(0, 9, SHAPE, dtype=np.uint16)
    chunk = store(tmp_path / "a.zarr", pixels, codecs.pop("zarr_format", 3), **codecs)[-1]
    assert np.array_equal(open_volume(tmp_path / "a.zarr").read(), pixels)
    whole = chunk.read_bytes()
    place = chunk.relative_to(tmp_path / "a.zarr" / "0").as_posix()
    for length in (0, 3, 20, len(whole) // 2, len(whole) - 1):
        chunk.write_bytes(whole[:length])
        with pytest.raises(FormatError, match=rf"damage in {place}") as caught:
            open_volume(tmp_path / "a.zarr").read()
        assert "b'" not in str(caught.value)
        assert "reshape" not in str(caught.value)


def test_a_chunk_that_claims_more_bytes_than_belong_is_not_decoded(tmp_path):
    pixels = np.ones(SHAPE, np.uint8)
    chunk = store(tmp_path / "blosc.zarr", pixels, compressors=BloscCodec())[0]
    data = bytearray(chunk.read_bytes())
    struct.pack_into("<I", data, 4, 2**31 - 32)  # the size before compression
    chunk.write_bytes(data)
    bomb = store(tmp_path / "gzip.zarr", pixels, compressors=GzipCodec())[0]
    packer = zlib.compressobj(wbits=31)
    bomb.write_bytes(packer.compress(bytes(2**24)) + packer.flush())
    zstd = store(tmp_path / "zstd.zarr", pixels, compressors=ZstdCodec())[0]
    zstd.write_bytes(numcodecs.Zstd().encode(bytes(2**24)))
    for name in ("blosc", "gzip", "zstd"):
        with pytest.raises(FormatError, match="bytes or more where 4160 belong"):
            open_volume(tmp_path / f"{name}.zarr").read()


def test_a_flipped_bit_in_what_keramos_wrote_is_noticed(tmp_path):
    writer = create_image(tmp_path / "a.zarr", SHAPE, np.uint8, voxel_size=None)
    writer.write(Box.whole(SHAPE), np.random.default_rng(1).integers(0, 9, SHAPE, dtype=np.uint8))
    codecs = json.loads((tmp_path / "a.zarr" / "0" / "zarr.json").read_text())["codecs"]
    assert [codec["name"] for codec in codecs] == ["bytes", "blosc", "crc32c"]
    chunk = tmp_path / "a.zarr" / "0" / "c" / "0" / "0" / "0"
    data = bytearray(chunk.read_bytes())
    data[len(data) // 2] ^= 1
    chunk.write_bytes(data)
    with pytest.raises(FormatError, match=r"damage in c/0/0/0 \(.*checksum does not fit"):
        open_volume(tmp_path / "a.zarr").read()


def test_nothing_is_still_being_read_when_damage_has_been_said(tmp_path):
    """What is left would be listed by asyncio on standard error, hundreds of lines of it, when the process ends."""

    async def count_others():
        return len(asyncio.all_tasks()) - 1

    pixels = np.random.default_rng(1).integers(0, 9, (64, 64, 64), dtype=np.uint8)
    for chunk in store(tmp_path / "a.zarr", pixels, compressors=BloscCodec())[::3]:
        chunk.write_bytes(chunk.read_bytes()[:-9])
    with pytest.raises(FormatError, match="damage in c/0/0/0"):
        open_volume(tmp_path / "a.zarr").read()
    assert sync(count_others()) == 0
