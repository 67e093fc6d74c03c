"""The queue of places in a file, so that it is there again at once."""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from keramos.annotation.marked_file import decode, encode
from keramos.annotation.proofreading.place import Place
from keramos.core.errors import FormatError, MissingFileError
from keramos.core.files import write_text

_KEY = "keramos-places"
_MOST_BYTES = 2**28


def save_places(path: str | Path, places: Iterable[Place], about: dict[str, Any]) -> None:
    """Write a queue with what it is about (JSON values), whole or not at all. StorageError."""
    rows = [place.to_json(with_mask=True) for place in places]
    write_text(Path(path), encode(_KEY, {"about": about, "places": rows}, separators=(",", ":")))


def load_places(path: str | Path) -> tuple[tuple[Place, ...], dict[str, Any]]:
    """The places of a queue in their order, and what it is about.

    Raises:
        MissingFileError: there is no such file.
        FormatError: it is no queue.
    """
    place = Path(path)
    if not place.is_file():
        raise MissingFileError(f"there is no queue of places {place}; look for places first")
    try:
        content = decode(place, _KEY, _MOST_BYTES)
        return tuple(Place.from_json(row) for row in content["places"]), dict(content["about"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, zlib.error):
        raise FormatError(f"{place} holds no queue of places; look for places again") from None
