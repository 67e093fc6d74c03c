"""Zarr groups and arrays in a folder or in an object store."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any, Literal

import zarr
from zarr.abc.store import Store
from zarr.storage import LocalStore

from keramos.core.object_path import ObjectPath
from keramos.core.object_store import bucket_client, translate_store_errors

_ZarrMode = Literal["r", "r+"]


class ChunkError(ValueError):
    """A compressed chunk that is cut, or that does not hold a chunk's bytes."""


def open_group(path: Path, mode: _ZarrMode = "r") -> zarr.Group:
    """The group at a path; Zarr's own errors."""
    store, inner = _store(path, mode)
    return zarr.open_group(store, path=inner, mode=mode, zarr_format=_known_format(path))


def create_group(path: Path, attributes: dict[str, Any] | None = None) -> zarr.Group:
    """A new group (Zarr v3) at a path; Zarr's own errors."""
    store, inner = _store(path, "r+")
    return zarr.create_group(store, path=inner, zarr_format=3, attributes=attributes)


def open_array(path: Path, mode: _ZarrMode = "r") -> Any:
    """The array at a path, which says ChunkError for a chunk without any byte; Zarr's own errors."""
    store, inner = _store(path, mode)
    return zarr.open_array(store, path=inner, mode=mode, zarr_format=_known_format(path))


def _known_format(path: Path) -> Literal[3] | None:
    """3 where a folder says so, so that Zarr does not look for the files of version 2, too; in a bucket it looks for
    all of them at once."""
    return 3 if not isinstance(path, ObjectPath) and (path / "zarr.json").is_file() else None


def _store(path: Path, mode: _ZarrMode) -> tuple[Store, str]:
    """The store that holds a path, and the path inside it."""
    if isinstance(path, ObjectPath):
        return _object_store()(bucket_client(path.bucket), path.key, read_only=mode == "r"), path.key
    return _FolderStore(path, read_only=mode == "r"), ""


class _FolderStore(LocalStore):
    """A folder in which a file without any byte is damage: Zarr takes an empty shard for one that was never written."""

    async def get(self, key: str, prototype: Any = None, byte_range: Any = None) -> Any:
        return _refuse_empty(key, await super().get(key, prototype, byte_range))


def _refuse_empty(key: str, value: Any) -> Any:
    if value is not None and len(value) == 0:
        raise ChunkError(f"the empty file {key}")
    return value


@cache
def _object_store() -> Any:
    """The class of stores in buckets: made when the first is opened, as its library may not be installed."""
    from zarr.storage import ObjectStore

    class BucketStore(ObjectStore[Any]):
        """A bucket in which an object without any byte is damage, and whose failures are StorageErrors."""

        def __init__(self, client: Any, root: str, *, read_only: bool = False) -> None:
            super().__init__(client, read_only=read_only)
            self._root = root

        def with_read_only(self, read_only: bool = False) -> Any:
            return type(self)(self.store, self._root, read_only=read_only)

        async def get(self, key: str, prototype: Any, byte_range: Any = None) -> Any:
            with translate_store_errors():
                return _refuse_empty(key, await super().get(key, prototype, byte_range))

        async def get_partial_values(self, prototype: Any, key_ranges: Any) -> Any:
            with translate_store_errors():
                return await super().get_partial_values(prototype, key_ranges)

        async def exists(self, key: str) -> bool:
            with translate_store_errors():
                return await super().exists(key)

        async def set(self, key: str, value: Any) -> None:
            with translate_store_errors():
                await super().set(key, value)

        async def set_if_not_exists(self, key: str, value: Any) -> None:
            # Zarr makes a group of every folder above a new one; those above the root are nobody's.
            if key.startswith(f"{self._root}/"):
                with translate_store_errors():
                    await super().set_if_not_exists(key, value)

        async def delete(self, key: str) -> None:
            with translate_store_errors():
                await super().delete(key)

        async def delete_dir(self, prefix: str) -> None:
            with translate_store_errors():
                await super().delete_dir(prefix)

        async def list_prefix(self, prefix: str) -> Any:
            with translate_store_errors():
                async for key in super().list_prefix(prefix):
                    yield key

    return BucketStore
