"""Refuse, begin or remove whole Zarr stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from keramos.core.errors import StorageError
from keramos.core.files import PARTIAL, follow_link, remove_file, remove_folder, translate_os_errors, write_text
from keramos.core.object_path import ObjectPath, as_path
from keramos.io.ngff_read import is_zarr


def refuse_existing(path: Path) -> None:
    """StorageError if something is there."""
    if path.exists():
        raise StorageError(f"{path} is already there; choose another name, or replace it with --fresh")


def remove_store(path: str | Path) -> None:
    """Delete a Zarr store, also one that a killed run has only begun, or an empty folder; nothing there is fine. One
    that is killed meanwhile leaves nothing that is taken for a whole store or for something else. A symbolic link
    stays, and leads to nothing.

    Raises:
        StorageError: the path is anything else: nothing is deleted then.
    """
    path = as_path(path)
    _remove_remains(path)
    if not path.exists():
        return
    if not (is_begun(path) or is_zarr(path)) and (
        path.is_file() or any(file.suffix != PARTIAL for file in path.iterdir())
    ):
        raise StorageError(f"{path} holds something else than a Zarr store; choose another name, or delete it by hand")
    if isinstance(path, ObjectPath):
        write_text(_partial(path), "removed")
        remove_folder(path)
        remove_file(_partial(path))
        return
    with translate_os_errors(path):
        follow_link(path).rename(_remains(path))
    _remove_remains(path)


def _remove_remains(path: Path) -> None:
    """Delete what a run left that was killed while it deleted the store at `path`."""
    if not isinstance(path, ObjectPath) and _remains(path).is_dir():
        remove_folder(_remains(path))


def _remains(path: Path) -> Path:
    target = follow_link(path)
    return target.with_name(f".{target.name}{PARTIAL}")


@contextmanager
def whole_store(out: Path) -> Iterator[Path]:
    """A path at which to create a store with all that a resumed run needs: `out` appears whole.

    Objects cannot be renamed: in a bucket the path is `out` itself, and until it is whole an object beside it says that
    it is not (`is_begun`). What a killed run left is removed first.
    """
    out = follow_link(out)
    partial = _partial(out)
    if isinstance(out, ObjectPath):
        if partial.is_file():
            remove_folder(out)
        write_text(partial, "begun")
        yield out
        remove_file(partial)
        return
    _remove_remains(out)
    remove_store(partial)
    yield partial
    with translate_os_errors(out):
        partial.rename(out)


def is_begun(out: Path) -> bool:
    """Whether a run that was killed has only begun to create, or to remove, what is at `out`."""
    return isinstance(out, ObjectPath) and _partial(out).is_file()


def _partial(out: Path) -> Path:
    return out.with_name(f"{out.name}{PARTIAL}")
