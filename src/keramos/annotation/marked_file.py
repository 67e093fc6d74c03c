"""JSON files of Keramos' own, known by a key: their content, or a ValueError."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

_VERSION = 1


def encode(key: str, content: dict[str, Any], **layout: Any) -> str:
    """The text of a file with that key; `layout` is of `json.dumps`."""
    return json.dumps({key: _VERSION, **content}, **layout) + "\n"


def decode(path: Path, key: str, most_bytes: int) -> dict[str, Any]:
    """The content of a file with that key.

    Raises:
        OSError, ValueError, KeyError, TypeError, RecursionError: another file, or one of more bytes.
    """
    if path.stat().st_size > most_bytes:
        raise ValueError(path)
    content: dict[str, Any] = json.loads(path.read_text("utf-8"))
    if content[key] != _VERSION:
        raise ValueError(path)
    return content
