"""A quick identity of what a volume holds, for checkpoints."""

from __future__ import annotations

from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from keramos.core import Box, BoxSource, LabelVolume, PixelSource, Volume
from keramos.core.object_path import ObjectPath
from keramos.io.finite import FiniteSource
from keramos.io.images import open_volume
from keramos.io.label_source import LabelSource


def file_fingerprint(volume_or_path: Volume | LabelVolume | str | Path) -> str:
    """64 hex digits that change with shape, type, voxel size, crop, phase codes, and the files behind the pixels.

    Files count by name, size and modification time, so nothing is read; pixels in memory count by their bytes. Not
    detected: pixels changed in place while size and time stay the same (a tool that sets the time back, two writes
    within the clock's grain). A copy that does not keep times, or another name, counts as another content, though
    the pixels are the same; another folder does not. Objects of a store count by name and by the tag that the store
    gives their content.
    """
    volume = open_volume(volume_or_path) if isinstance(volume_or_path, (str, Path)) else volume_or_path
    digest = sha256(f"{volume.shape}|{volume.dtype}|{volume.voxel_size}".encode())
    if isinstance(volume, LabelVolume):
        digest.update(repr(volume.phases).encode())
    for part in _parts(volume.source):
        digest.update(part)
    for other in getattr(volume, "others", ()):
        digest.update(file_fingerprint(other).encode())
    return digest.hexdigest()


def source_fingerprint(volume: Volume) -> str:
    """64 hex digits of the files or pixels of a volume, the same whatever box of them is open."""
    source = volume.source
    while isinstance(source, BoxSource | FiniteSource):
        source = source.source
    digest = sha256(f"{source.shape}|{source.dtype}".encode())
    for part in _parts(source):
        digest.update(part)
    for other in volume.others:
        digest.update(source_fingerprint(other).encode())
    return digest.hexdigest()


def _parts(source: PixelSource) -> Iterator[bytes]:
    if isinstance(source, BoxSource):
        yield f"box {source.box}|".encode()
        yield from _parts(source.source)
    elif isinstance(source, FiniteSource):
        yield from _parts(source.source)
    elif isinstance(source, LabelSource):
        yield repr(source.codes).encode()
        yield from _parts(source.source)
    elif hasattr(source, "files"):
        yield from map(_file, source.files)
    else:
        yield from _pixels(source)


def _file(path: Path) -> bytes:
    if isinstance(path, ObjectPath):
        return f"{path.name}|{path.tag}|".encode()
    facts = path.stat()
    return f"{path.name}|{facts.st_size}|{facts.st_mtime_ns}|".encode()


def _pixels(source: Any) -> Iterator[bytes]:
    depth, height, width = source.shape
    for z in range(depth):
        yield np.ascontiguousarray(source.read(Box((z, 0, 0), (z + 1, height, width)))).tobytes()
