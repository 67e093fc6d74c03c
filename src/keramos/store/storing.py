"""Failures of the disk, said in one sentence; and the removal of stores."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from keramos.errors import KeramosError, StorageError
from keramos.store.ngff_read import is_zarr


@contextmanager
def storing(path: Path) -> Iterator[None]:
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


def refuse_existing(path: Path) -> None:
    """StorageError if something is there."""
    if path.exists():
        raise StorageError(
            f"expected a new path for the result, found {path} already there; "
            "choose another name, or start afresh (--fresh) to replace it"
        )


def remove_store(path: str | Path) -> None:
    """Delete a Zarr store or an empty folder; a path that does not exist is left alone.

    Raises:
        StorageError: the path is anything else: nothing is deleted then.
    """
    path = Path(path)
    if not path.exists():
        return
    if not is_zarr(path) and (path.is_file() or any(path.iterdir())):
        raise StorageError(f"expected a Zarr store to replace, found something else in {path}; delete it by hand")
    with storing(path):
        shutil.rmtree(path)


def make_folder(path: Path) -> None:
    """Create a folder and its parents; one that exists is fine. StorageError if that cannot be."""
    with storing(path):
        path.mkdir(parents=True, exist_ok=True)


def write_text(path: Path, text: str) -> None:
    """Write a text file (UTF-8) whole or not at all, its folder made if need be; StorageError if that cannot be."""
    write_bytes(path, text.encode("utf-8"))


def write_bytes(path: Path, content: bytes) -> None:
    """Write a file whole or not at all, its folder made if need be; StorageError if that cannot be."""
    write_with(path, lambda file: file.write(content))


def write_with(path: Path, write: Callable[[BinaryIO], object]) -> None:
    """What `write` puts into a file, whole or not at all, for what is too large to be held as bytes. StorageError."""
    make_folder(path.parent)
    partial = path.with_name(path.name + ".partial")
    with storing(path):
        with partial.open("wb") as file:
            write(file)
        partial.replace(path)
