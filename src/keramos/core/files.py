"""Files that are written whole or not at all, and failures of the disk as one sentence."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from keramos.core.errors import KeramosError, StorageError

PARTIAL = ".partial"
"""Suffix of a file that is still being written; a run that was killed may leave one, and a resumed run removes it."""


@contextmanager
def translate_os_errors(path: Path) -> Iterator[None]:
    """Turn an OSError (disk full, not permitted, ...) into a StorageError that names the path."""
    try:
        yield
    except KeramosError:
        raise
    except OSError as error:
        blocked = isinstance(error, FileExistsError | NotADirectoryError)
        reason = "a file where a folder should be" if blocked else error.strerror or str(error)
        raise StorageError(
            f"expected to write {path}, found: {reason}; free space or choose another folder, then run again"
        ) from error


def make_folder(path: Path) -> None:
    """Create a folder and its parents; one that exists is fine. StorageError if that cannot be done."""
    with translate_os_errors(path):
        path.mkdir(parents=True, exist_ok=True)


@contextmanager
def whole_file(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to: it replaces `path` if all goes well, and is removed if not.

    An earlier file at `path` stays as it was until the new one is complete. The folder is made if need be.

    Raises:
        StorageError: the disk refuses.
    """
    make_folder(path.parent)
    partial = path.with_name(path.name + PARTIAL)
    with translate_os_errors(path):
        try:
            yield partial
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)


def write_whole(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """Let `write` fill a file that appears whole or not at all, for large content. StorageError."""
    with whole_file(path) as partial, partial.open("wb") as file:
        write(file)


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, its folder made if need be. StorageError."""
    write_whole(path, lambda file: file.write(content))


def write_text(path: Path, text: str) -> None:
    """Write a text file (UTF-8) whole or not at all, its folder made if need be. StorageError."""
    write_bytes(path, text.encode("utf-8"))
