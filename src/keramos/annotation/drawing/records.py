"""Records of a journal as lines of JSON with a checksum.

An edit     {"record": 7, "edit": {"tool": ..., "patches": [{"z", "y", "x", "height", "width", "codes"}, ...], ...}, "crc": ...}
Undo, redo  {"record": 8, "undo": 7, "time": ..., "crc": ...}

`codes` are the codes before, the codes after and the sources before, uint8, row by row, compressed by zlib, as base64.
The checksum (CRC-32) is of the line up to `,"crc":`.
"""  # noqa: E501

from __future__ import annotations

import json
import re
import zlib
from base64 import b64decode, b64encode
from typing import Any

import numpy as np

from keramos.annotation.drawing.edit import SOURCES, Edit, Record, Undone
from keramos.annotation.drawing.patch import Codes, Patch

_CRC = b',"crc":'
_RECORD = re.compile(rb'(?=(\{"record":.*?,"crc":\d+\}))')
"""Looked for at each place where one may begin: one whose end was damaged does not swallow the next."""
_LEVEL = 1
"""Of compression: patches are runs of few codes, which the fastest level makes about as small as the best."""


def encode_row(row: dict[str, Any]) -> bytes:
    """A line of JSON with its checksum and line break."""
    body = json.dumps(row, separators=(",", ":")).encode()[:-1]
    return b"%s%s%d}\n" % (body, _CRC, zlib.crc32(body))


def decode_row(line: bytes) -> dict[str, Any] | None:
    """The JSON of a line; None unless its checksum is right."""
    body, mark, checksum = line.rstrip(b"\r\n").rpartition(_CRC)
    if not mark or checksum != b"%d}" % zlib.crc32(body):
        return None
    row: dict[str, Any] = json.loads(body + b"}")
    return row


def salvage_rows(line: bytes) -> list[tuple[int, dict[str, Any]]]:
    """The rows that are whole in a line that is damaged, such as two whose line break was lost, with their places."""
    rows = ((match.start(1), decode_row(match[1])) for match in _RECORD.finditer(line))
    return [(start, row) for start, row in rows if row is not None]


def encode_record(record: Record) -> bytes:
    """The line of an edit, an undo or a redo."""
    if isinstance(record, Undone):
        verb = "redo" if record.again else "undo"
        return encode_row({"record": record.number, verb: record.of, "time": record.time})
    edit = {
        "tool": record.tool,
        "phase": record.phase,
        "source": record.source,
        "time": record.time,
        "details": dict(record.details),
        "patches": [_encode_patch(patch) for patch in record.patches],
    }
    return encode_row({"record": record.number, "edit": edit})


def decode_record(row: dict[str, Any]) -> Record:
    """The record of a row. KeyError, TypeError or ValueError for anything else, such as that of a later version."""
    number = int(row["record"])
    if "edit" not in row:
        again = "redo" in row
        return Undone(int(row["redo" if again else "undo"]), again, number, str(row["time"]))
    edit = row["edit"]
    patches = tuple(_decode_patch(patch) for patch in edit["patches"])
    if edit["source"] not in SOURCES:
        raise ValueError(edit["source"])
    return Edit(edit["tool"], patches, edit["phase"], edit["source"], edit["details"], number, edit["time"])


def _encode_patch(patch: Patch) -> dict[str, Any]:
    height, width = patch.before.shape
    sources = np.zeros_like(patch.before) if patch.sources is None else patch.sources
    pixels = b"".join(array.tobytes() for array in (patch.before, patch.after, sources))
    codes = b64encode(zlib.compress(pixels, _LEVEL)).decode()
    place = {"z": int(patch.z), "y": int(patch.y), "x": int(patch.x)}
    return {**place, "height": height, "width": width, "codes": codes}


def _decode_patch(row: dict[str, Any]) -> Patch:
    height, width = int(row["height"]), int(row["width"])
    pixels = zlib.decompressobj().decompress(b64decode(row["codes"]), 3 * height * width)
    planes: Codes = np.frombuffer(pixels, np.uint8).reshape(3, height, width)
    return Patch(int(row["z"]), int(row["y"]), int(row["x"]), planes[0], planes[1], planes[2])
