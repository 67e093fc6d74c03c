"""Buckets in memory in place of a server: what a store answers, without sockets."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import obstore
import pytest
from obstore.store import MemoryStore

from keramos.blocks import lock
from keramos.core import object_store

_LOCKS = TemporaryDirectory()
"""Of this process: another one that runs tests has buckets of the same names."""


class Buckets:
    """The buckets of a store, made when they are first asked for."""

    def __init__(self) -> None:
        self._stores: dict[str, MemoryStore] = {}

    def __call__(self, bucket: str) -> MemoryStore:
        return self._stores.setdefault(bucket, MemoryStore())

    def upload(self, path: Path, key: str) -> str:
        """Copy a file, or all files of a folder, below a key of the bucket `lab`; the address."""
        for file in [path] if path.is_file() else path.rglob("*"):
            if file.is_file():
                inner = "" if file == path else f"/{file.relative_to(path).as_posix()}"
                obstore.put(self("lab"), f"{key}{inner}", file.read_bytes())
        return f"s3://lab/{key}"

    def content(self, key: str) -> dict[str, bytes]:
        """The bytes of all objects below a key, by what follows it."""
        rows: list[Any] = [row for rows in obstore.list(self("lab"), key) for row in rows]
        return {row["path"][len(key) + 1 :]: bytes(obstore.get(self("lab"), row["path"]).bytes()) for row in rows}


def put_buckets(monkeypatch: pytest.MonkeyPatch) -> Buckets:
    """Replace the client of the store by buckets in memory."""
    buckets = Buckets()
    monkeypatch.setattr(object_store, "_make_client", buckets)
    monkeypatch.setattr(lock, "gettempdir", lambda: _LOCKS.name)
    return buckets
