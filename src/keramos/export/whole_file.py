"""A file that is there whole or not at all."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keramos.store import make_folder, storing


@contextmanager
def whole_file(out: Path) -> Iterator[Path]:
    """A path beside `out` to write to, which becomes `out` when all has gone well and is gone otherwise.

    Raises:
        StorageError: the disk refuses.
    """
    make_folder(out.parent)
    part = out.with_name(out.name + ".part")
    with storing(out):
        try:
            yield part
            part.replace(out)
        finally:
            part.unlink(missing_ok=True)
