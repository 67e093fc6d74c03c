"""Zarr arrays whose compressed chunks are checked before they are decoded.

Blosc trusts the sizes in a chunk's header: of a chunk that was cut it decodes what lies in memory behind it. All codecs
give as many bytes as a chunk says, however many that are.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import islice, product
from math import prod
from pathlib import Path
from typing import Any, Literal

import numpy as np
import zarr
from numcodecs.abc import Codec as Numcodec
from numpy.typing import NDArray
from zarr.abc.codec import BytesBytesCodec, Codec
from zarr.codecs import ShardingCodec
from zarr.core.sync import sync

from keramos.core.errors import FormatError, StorageError
from keramos.io.error_text import one_line
from keramos.io.zarr_store import ChunkError, open_array

_BLOSC_HEADER = 16
_ZSTD_MARK = 0xFD2FB528
_GZIP_OR_ZLIB = 47  # zlib's number for: whichever of the two the header says
_DEFLATED = ("gzip", "zlib")
_MOST_TRIED = 4096
_PATIENCE_S = 5.0


def open_checked_array(path: Path, mode: Literal["r", "r+"] = "r") -> Any:
    """The Zarr array at `path`, to be read by `read_part`; FormatError if it cannot be opened."""
    try:
        array: Any = open_array(path, mode)
        return _check_chunks(array)
    except StorageError:
        raise
    except Exception as error:  # Zarr raises what it likes on damaged metadata
        raise FormatError(
            f"expected a Zarr array in {path}, found none that opens ({one_line(error)}); copy it again"
        ) from error


def _check_chunks(array: Any) -> Any:
    """The same array, whose codecs raise ChunkError for a chunk whose compressed bytes are cut or too many."""
    metadata = array.metadata
    if metadata.zarr_format == 3:
        checked = replace(metadata, codecs=tuple(map(_check_codec, metadata.codecs)))
    elif metadata.compressor is None:
        return array
    else:
        limit = prod(metadata.chunks) * metadata.dtype.to_native_dtype().itemsize
        # Filters may have changed the width of the numbers.
        compressor = _CheckedNumcodec(metadata.compressor, limit if not metadata.filters else 8 * limit)
        checked = replace(metadata, compressor=compressor)
    inner = array.async_array
    # All chunks of a shard are written, so that one that is missing is one that was lost.
    config = replace(inner.config, write_empty_chunks=True) if array.shards else inner.config
    return zarr.Array(type(inner)(checked, inner.store_path, config))


def read_part(array: Any, index: Sequence[slice | int], place: Path) -> NDArray[Any]:
    """The part of an array of `open_checked_array` at `place`; FormatError, which names the chunk, for damage."""
    try:
        return np.asarray(array[tuple(index)])
    except StorageError:
        sync(_finish_others())
        raise
    except Exception as error:  # codecs and stores raise what they like
        sync(_finish_others())
        damaged = _find_damaged_chunk(array, index)
        detail = f" ({error})" if isinstance(error, ChunkError) else ""
        raise FormatError(
            f"expected readable chunks in {place}, found damage in {damaged or 'one of them'}{detail}; copy it again"
        ) from error


async def _finish_others() -> None:
    """Wait until Zarr has read the other chunks: at the end of the process asyncio would list those left behind."""
    others = asyncio.all_tasks() - {asyncio.current_task()}
    if others:
        await asyncio.wait(others, timeout=_PATIENCE_S)


def _find_damaged_chunk(array: Any, index: Sequence[slice | int]) -> str:
    """The name, within the array, of the first chunk of a part that cannot be read; empty if there is none."""
    cells = array.shards or array.chunks
    ends = [
        (at, at + 1) if isinstance(at, int) else at.indices(n)[:2] for at, n in zip(index, array.shape, strict=True)
    ]
    grid = product(*(range(low // cell, -(-high // cell)) for (low, high), cell in zip(ends, cells, strict=True)))
    for place in islice(grid, _MOST_TRIED):
        try:
            array[tuple(slice(at * cell, (at + 1) * cell) for at, cell in zip(place, cells, strict=True))]
        except Exception:  # codecs and stores raise what they like
            return str(array.metadata.encode_chunk_key(place))
    return ""


def check_encoded(codec: str, encoded: bytes, limit: int) -> None:
    """ChunkError unless the header of a chunk that a codec of that name wrote agrees with its bytes, and with the
    `limit` of bytes that it may decode to."""
    kind = codec.lower()
    if "blosc" in kind:
        _check_blosc(encoded, limit)
    elif "zstd" in kind:
        _check_zstd(encoded, limit)
    elif "lz4" in kind:
        _check_lz4(encoded, limit)


def _check_blosc(encoded: bytes, limit: int) -> None:
    if len(encoded) < _BLOSC_HEADER:
        raise ChunkError(f"a chunk of {len(encoded)} bytes, which is cut")
    decoded, _, present = struct.unpack_from("<III", encoded, 4)
    if present > len(encoded):
        raise ChunkError(f"a chunk that is cut after {len(encoded)} of its {present} bytes")
    _refuse_more(decoded, limit)


def _check_zstd(encoded: bytes, limit: int) -> None:
    """The frame's header: RFC 8878, section 3.1.1.1."""
    if len(encoded) < 5 or struct.unpack_from("<I", encoded)[0] != _ZSTD_MARK:
        return  # zstd itself refuses it
    flags = encoded[4]
    single, size_code, dictionary = bool(flags & 32), flags >> 6, (0, 1, 2, 4)[flags & 3]
    width = (int(single), 2, 4, 8)[size_code]
    at = 5 + (not single) + dictionary
    if width and at + width <= len(encoded):
        size = int.from_bytes(encoded[at : at + width], "little")
        _refuse_more(size + 256 if width == 2 else size, limit)


def _inflate(encoded: bytes, limit: int) -> bytes:
    """The bytes that gzip or zlib packed, in one piece or several; ChunkError for more than `limit`, or a cut."""
    parts: list[bytes] = []
    left, rest = limit, encoded
    while rest:
        decoder = zlib.decompressobj(_GZIP_OR_ZLIB)
        parts.append(decoder.decompress(rest, left + 1))
        left -= len(parts[-1])
        _refuse_more(limit - left, limit)
        if not decoder.eof:
            raise ChunkError(f"a chunk that is cut after {len(encoded)} bytes")
        rest = decoder.unused_data
    return b"".join(parts)


def _check_lz4(encoded: bytes, limit: int) -> None:
    if len(encoded) < 4:
        raise ChunkError(f"a chunk of {len(encoded)} bytes, which is cut")
    _refuse_more(int(struct.unpack_from("<I", encoded)[0]), limit)


def _refuse_more(decoded: int, limit: int) -> None:
    if decoded > limit:
        raise ChunkError(f"a chunk of {decoded} bytes or more where {limit} belong")


def _check_codec(codec: Codec) -> Codec:
    if isinstance(codec, ShardingCodec):
        return replace(codec, codecs=tuple(map(_check_codec, codec.codecs)))
    return _CheckedCodec(codec) if isinstance(codec, BytesBytesCodec) else codec


@dataclass(frozen=True)
class _CheckedCodec(BytesBytesCodec):
    """A codec of Zarr v3 that looks at a chunk before it decodes it."""

    inner: BytesBytesCodec

    @property
    def is_fixed_size(self) -> bool:  # type: ignore[override]
        return self.inner.is_fixed_size

    def to_dict(self) -> dict[str, Any]:
        return dict(self.inner.to_dict())

    def evolve_from_array_spec(self, array_spec: Any) -> _CheckedCodec:
        return _CheckedCodec(self.inner.evolve_from_array_spec(array_spec))

    def compute_encoded_size(self, input_byte_length: int, chunk_spec: Any) -> int:
        return self.inner.compute_encoded_size(input_byte_length, chunk_spec)

    async def _decode_single(self, chunk_data: Any, chunk_spec: Any) -> Any:
        # A checksum of a few bytes may be among what is compressed.
        limit = prod(chunk_spec.shape) * chunk_spec.dtype.to_native_dtype().itemsize + 64
        name, encoded = str(self.inner.to_dict().get("name", "")).lower(), chunk_data.to_bytes()
        if name.endswith(_DEFLATED):
            return chunk_spec.prototype.buffer.from_bytes(_inflate(encoded, limit))
        check_encoded(name, encoded, limit)
        try:
            return await self.inner._decode_single(chunk_data, chunk_spec)
        except (ValueError, RuntimeError) as error:
            what = "whose checksum does not fit" if name == "crc32c" else f"that {name} cannot decode"
            raise ChunkError(f"a chunk of {len(encoded)} bytes {what}") from error

    async def _encode_single(self, chunk_data: Any, chunk_spec: Any) -> Any:
        return await self.inner._encode_single(chunk_data, chunk_spec)


class _CheckedNumcodec(Numcodec):  # type: ignore[misc]
    """A codec of Zarr v2 that looks at a chunk before it decodes it."""

    codec_id = "keramos-checked"

    def __init__(self, inner: Any, limit: int) -> None:
        self.inner, self.limit = inner, limit

    def encode(self, buf: Any) -> Any:
        return self.inner.encode(buf)

    def decode(self, buf: Any, out: Any = None) -> Any:
        encoded = np.ascontiguousarray(buf).view(np.uint8).tobytes()
        if self.inner.codec_id in _DEFLATED:
            return _inflate(encoded, self.limit)
        check_encoded(self.inner.codec_id, encoded, self.limit)
        return self.inner.decode(buf, out)

    def get_config(self) -> dict[str, Any]:
        return dict(self.inner.get_config())
