"""The state of a drawing at one record of its journal, so that a long journal opens without being read whole.

The file has a line of JSON with the version and a checksum (CRC-32) of the rest, which is an archive of arrays (npz).
"""

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

_SNAPSHOT = "keramos-snapshot"
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


class SnapshotFile:
    """The file that holds a snapshot; slices that did not change since it was read or written are not compressed
    again."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._packed: dict[int, tuple[int, bytes]] = {}

    def write(self, snapshot: Snapshot) -> None:
        """Replace the file, whole or not at all. StorageError."""
        state = snapshot.state
        self._packed = {z: self._pack(z, state.planes) for z in sorted(state.planes.counts)}
        meta = {
            "journal": snapshot.journal,
            "size": snapshot.size,
            "checksum": snapshot.checksum,
            "shape": state.planes.shape,
            "slices": [[z, len(content)] for z, (_, content) in self._packed.items()],
            "tally": state.tally.to_json(),
        }
        buffer = io.BytesIO()
        np.savez(
            buffer,
            meta=_to_bytes(json.dumps(meta).encode()),
            planes=_to_bytes(b"".join(content for _, content in self._packed.values())),
            offsets=np.array(snapshot.offsets, np.int64),
            undo=np.array(state.undo, np.int64),
            redo=np.array(state.redo, np.int64),
        )
        content = buffer.getvalue()
        write_bytes(
            self._path, json.dumps({_SNAPSHOT: _VERSION, "crc": zlib.crc32(content)}).encode() + b"\n" + content
        )

    def read(self, journal: str, shape: Triple) -> Snapshot | None:
        """The snapshot of a journal; None if there is none, or it is damaged or of another journal."""
        try:
            head, _, content = self._path.read_bytes().partition(b"\n")
            if json.loads(head) != {_SNAPSHOT: _VERSION, "crc": zlib.crc32(content)}:
                return None
        except (OSError, ValueError):
            return None
        with np.load(io.BytesIO(content), allow_pickle=False) as parts:
            meta = json.loads(parts["meta"].tobytes())
            if meta["journal"] != journal or tuple(meta["shape"]) != shape:
                return None
            planes = self._unpack(meta, parts["planes"].tobytes(), shape)
            undo, redo, offsets = (array("q", parts[name].tobytes()) for name in ("undo", "redo", "offsets"))
        state = DrawingState(planes, undo, redo, Tally.from_json(meta["tally"]))
        return Snapshot(journal, int(meta["size"]), int(meta["checksum"]), offsets, state)

    def forget(self) -> None:
        """Compress all slices anew the next time: they are others than those of the snapshot that was read."""
        self._packed = {}

    def _pack(self, z: int, planes: LabelPlanes) -> tuple[int, bytes]:
        """The revision of a slice, and its compressed labels and sources."""
        revision, earlier = planes.revision(z), self._packed.get(z)
        if earlier is not None and earlier[0] == revision:
            return earlier
        return revision, zlib.compress(planes.codes(z).tobytes() + planes.sources(z).tobytes(), 1)

    def _unpack(self, meta: dict[str, Any], content: bytes, shape: Triple) -> LabelPlanes:
        planes, start, area = LabelPlanes(shape), 0, shape[1] * shape[2]
        for z, size in meta["slices"]:
            packed = content[start : start + size]
            pixels = zlib.decompressobj().decompress(packed, 2 * area)
            codes, sources = np.frombuffer(pixels, np.uint8).reshape(2, *shape[1:])
            planes.put(z, codes, sources)
            self._packed[z] = planes.revision(z), packed
            start += size
        return planes


def _to_bytes(content: bytes) -> NDArray[np.uint8]:
    return np.frombuffer(content, np.uint8)
