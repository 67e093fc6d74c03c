"""Refuse or remove whole Zarr stores."""

from __future__ import annotations

import shutil
from pathlib import Path

from keramos.core.errors import StorageError
from keramos.core.files import PARTIAL, translate_os_errors
from keramos.core.object_path import as_path
from keramos.io.ngff_read import is_zarr


def refuse_existing(path: Path) -> None:
    """StorageError if something is there."""
    if path.exists():
        raise StorageError(f"{path} is already there; choose another name, or replace it with --fresh")


def remove_store(path: str | Path) -> None:
    """Delete a Zarr store, also one that a killed run has only begun, or an empty folder; nothing there is fine.

    Raises:
        StorageError: the path is anything else: nothing is deleted then.
    """
    path = as_path(path)
    if not path.exists():
        return
    if not is_zarr(path) and (path.is_file() or any(file.suffix != PARTIAL for file in path.iterdir())):
        raise StorageError(f"{path} holds something else than a Zarr store; choose another name, or delete it by hand")
    with translate_os_errors(path):
        shutil.rmtree(path)
