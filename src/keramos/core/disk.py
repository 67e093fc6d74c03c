"""Room on a disk, looked at before hours of work are written to it."""

from __future__ import annotations

import shutil
from pathlib import Path

from keramos.core.byte_size import size_in_words
from keramos.core.errors import StorageError
from keramos.core.object_path import ObjectPath


def refuse_beyond_disk(path: Path, needed: int, what: str) -> None:
    """StorageError if a result of at least `needed` bytes cannot fit on the disk of `path`, which need not exist.
    Object stores have no end."""
    if isinstance(path, ObjectPath):
        return
    place = path.absolute()
    while not place.exists() and place != place.parent:
        place = place.parent
    free = shutil.disk_usage(place).free
    if needed > free:
        raise StorageError(
            f"expected {size_in_words(needed)} or more for {what} on the disk of {path}, found {size_in_words(free)} "
            "free; write elsewhere, or use a smaller region"
        )
