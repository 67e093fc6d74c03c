"""The state of a drawing at one record of its journal, so that a long journal opens without being read whole."""

from __future__ import annotations

import io
import json
import zlib
from array import array
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing.planes import LabelPlanes
from keramos.annotation.drawing.state import DrawingState
from keramos.annotation.drawing.tally import Tally
from keramos.core import Triple
from keramos.core.files import write_bytes

_VERSION = 1


@dataclass(frozen=True, eq=False)
class Snapshot:
    """A state, and the place in the journal that it belongs to.

    Attributes:
        journal: identity of the journal.
        size: bytes of the journal that the state is made of.
        checksum: CRC-32 of the last line of them, so that a journal which was put back to an earlier one is noticed.
        offsets: where each record starts in the journal.
        state: the state.
    """

    journal: str
    size: int
    checksum: int
    offsets: array[int]
    state: DrawingState


class SnapshotWriter:
    """Writes snapshots; slices that did not change since the last one are not compressed again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._packed: dict[int, tuple[int, bytes]] = {}

    def write(self, snapshot: Snapshot) -> None:
        """Replace the file, whole or not at all. StorageError."""
        state = snapshot.state
        packed = {z: self._pack(z, state.planes) for z in sorted(state.planes.counts)}
        self._packed = packed
        meta = {
            "keramos-snapshot": _VERSION,
            "journal": snapshot.journal,
            "size": snapshot.size,
            "checksum": snapshot.checksum,
            "shape": state.planes.shape,
            "slices": [[z, len(content)] for z, (_, content) in packed.items()],
            "tally": state.tally.to_json(),
        }
        buffer = io.BytesIO()
        np.savez(
            buffer,
            meta=_to_bytes(json.dumps(meta).encode()),
            planes=_to_bytes(b"".join(content for _, content in packed.values())),
            offsets=np.array(snapshot.offsets, np.int64),
            undo=np.array(state.undo, np.int64),
            redo=np.array(state.redo, np.int64),
        )
        write_bytes(self._path, buffer.getvalue())

    def _pack(self, z: int, planes: LabelPlanes) -> tuple[int, bytes]:
        """The compressed labels and sources of a slice, with a checksum of what they are made of."""
        pixels = planes.codes(z).tobytes() + planes.sources(z).tobytes()
        checksum = zlib.crc32(pixels)
        earlier = self._packed.get(z)
        return earlier if earlier and earlier[0] == checksum else (checksum, zlib.compress(pixels, 1))


def read_snapshot(path: Path, journal: str, shape: Triple) -> Snapshot | None:
    """The snapshot of a journal; None if there is none, or it is damaged or of another journal."""
    try:
        with np.load(path, allow_pickle=False) as content:
            meta = json.loads(content["meta"].tobytes())
            if meta["keramos-snapshot"] != _VERSION or meta["journal"] != journal or tuple(meta["shape"]) != shape:
                return None
            planes = _unpack(meta, content["planes"].tobytes(), shape)
            undo, redo, offsets = (array("q", content[name].tobytes()) for name in ("undo", "redo", "offsets"))
        state = DrawingState(planes, undo, redo, Tally.from_json(meta["tally"]))
        return Snapshot(journal, int(meta["size"]), int(meta["checksum"]), offsets, state)
    except (OSError, ValueError, KeyError, TypeError, zlib.error, EOFError):
        return None


def _unpack(meta: dict[str, Any], content: bytes, shape: Triple) -> LabelPlanes:
    planes, start, area = LabelPlanes(shape), 0, shape[1] * shape[2]
    for z, size in meta["slices"]:
        pixels = zlib.decompressobj().decompress(content[start : start + size], 2 * area)
        codes, sources = np.frombuffer(pixels, np.uint8).reshape(2, *shape[1:])
        planes.put(z, codes, sources)
        start += size
    return planes


def _to_bytes(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(content, np.uint8)
