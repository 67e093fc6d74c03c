"""Chunks that the index of a shard calls missing: the shard's file is there, and they read as the fill value."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from itertools import product
from math import ceil, prod
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MISSING = np.uint64(2**64 - 1)
"""Offset and size of a chunk that is not there (Zarr v3, codec `sharding_indexed`)."""
_ENTRY, _CHECKSUM = 16, 4
"""Bytes of an entry of the index, and of the CRC-32C that may follow it."""


def list_missing_in_shards(array: Any, folder: Path, present: set[str]) -> Iterator[tuple[int, ...]]:
    """The places, in the grid of chunks, that the indices of the shards that are `present` call missing; those beyond
    the end of the array do not count. An index that cannot be understood here is left to the reading of its pixels."""
    codec = array.metadata.codecs[0] if array.shards else None
    if not all(kind in ("BytesCodec", "Crc32cCodec") for kind in _index_codecs(codec)):
        return
    within = tuple(shard // chunk for shard, chunk in zip(array.shards or array.chunks, array.chunks, strict=True))
    ends = tuple(ceil(n / chunk) for n, chunk in zip(array.shape, array.chunks, strict=True))
    for place in product(*(range(ceil(end / count)) for end, count in zip(ends, within, strict=True))):
        key = array.metadata.encode_chunk_key(place)
        if key not in present:
            continue
        for inner in np.argwhere(_read_missing(folder / key, codec, within)):
            chunk = tuple(at * count + int(i) for at, count, i in zip(place, within, inner, strict=True))
            if all(at < end for at, end in zip(chunk, ends, strict=True)):
                yield chunk


def _index_codecs(codec: Any) -> list[str]:
    """The names of the codecs of a shard's index; one that nobody has where there are no shards."""
    return ["none"] if codec is None else [type(each).__name__ for each in codec.index_codecs]


def _read_missing(file: Path, codec: Any, within: Sequence[int]) -> NDArray[np.bool_]:
    """A mask of the chunks of a shard that its index calls missing; none of a file that is too short for an index."""
    length = _ENTRY * prod(within)
    whole = length + (_CHECKSUM if "Crc32cCodec" in _index_codecs(codec) else 0)
    with file.open("rb") as stream:
        if stream.seek(0, os.SEEK_END) < whole:
            return np.zeros(within, bool)
        stream.seek(*(0, os.SEEK_SET) if codec.index_location.value == "start" else (-whole, os.SEEK_END))
        entries = np.frombuffer(stream.read(length), "<u8").reshape(-1, 2)
    return np.asarray((entries == _MISSING).all(axis=1).reshape(within))
