"""Addresses of objects, `s3://bucket/key`, as paths: what can be asked of a file can be asked of an object.

Folders are what keys have in common. Objects are written by `keramos.core.files` alone, whole.
"""

from __future__ import annotations

import errno
import io
import os
import re
import stat as modes
from collections.abc import Generator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from keramos.core.object_store import (
    StoredObject,
    delete_objects,
    find_object,
    has_objects,
    list_names,
    list_objects,
    read_object,
    read_range,
)

SCHEME = "s3://"
_ADDRESS = re.compile("s3:/+", re.IGNORECASE)
_READ_AHEAD = 2**16

if TYPE_CHECKING:
    _Base = Path
else:
    _Base = type(Path())


def is_address(path: str | Path) -> bool:
    """Whether a text or path names an object of a store."""
    return bool(_ADDRESS.match(path)) if isinstance(path, str) else path.parts[:1] == (SCHEME.rstrip("/"),)


def as_path(path: str | Path) -> Path:
    """The path that a text names: of an object where it begins with `s3://` (or `s3:/`, as paths write it), else of a
    file.

    Example:
        >>> str(as_path("s3://bucket/stack.ome.zarr") / "labels"), as_path("stack.tif").name
        ('s3://bucket/stack.ome.zarr/labels', 'stack.tif')
    """
    if isinstance(path, ObjectPath) or not is_address(path):
        return path if isinstance(path, Path) else Path(path)
    return ObjectPath(_ADDRESS.sub(SCHEME, str(path)))


class ObjectPath(_Base):
    """The address of an object, or of all objects below it."""

    _listed: StoredObject | None = None

    def __str__(self) -> str:
        return SCHEME + "/".join(self.parts[1:])

    def __repr__(self) -> str:
        return f"ObjectPath('{self}')"

    def __fspath__(self) -> str:
        return str(self)

    def __reduce__(self) -> tuple[Any, ...]:
        return ObjectPath, (str(self),)

    @property
    def bucket(self) -> str:
        return self.parts[1] if len(self.parts) > 1 else ""

    @property
    def key(self) -> str:
        return "/".join(self.parts[2:])

    @property
    def tag(self) -> str:
        """The name that the store gives this content; FileNotFoundError if there is no such object."""
        found = self._find()
        if found is None:
            raise FileNotFoundError(errno.ENOENT, "no such object", str(self))
        return found.tag

    def as_posix(self) -> str:
        return str(self)

    def resolve(self, strict: bool = False) -> ObjectPath:  # noqa: ARG002 (as of a file)
        return self

    def absolute(self) -> ObjectPath:
        return self

    def is_absolute(self) -> bool:
        return True

    def relative_to(self, other: Any, *_: Any, **__: Any) -> PurePosixPath:  # type: ignore[override]
        """The part of the key behind `other`; ValueError if this does not lie below it."""
        above = as_path(other).parts
        if self.parts[: len(above)] != above:
            raise ValueError(f"{self} does not lie below {other}")
        return PurePosixPath(*self.parts[len(above) :])

    def exists(self, *, follow_symlinks: bool = True) -> bool:  # noqa: ARG002 (as of a file)
        return self.is_file() or self.is_dir()

    def is_file(self, *, follow_symlinks: bool = True) -> bool:  # noqa: ARG002 (as of a file)
        return self._find() is not None

    def is_dir(self, *, follow_symlinks: bool = True) -> bool:  # noqa: ARG002 (as of a file)
        return self._listed is None and bool(self.bucket) and has_objects(self.bucket, self.key)

    def stat(self, *, follow_symlinks: bool = True) -> os.stat_result:  # noqa: ARG002 (as of a file)
        found = self._find()
        if found is None:
            raise FileNotFoundError(errno.ENOENT, "no such object", str(self))
        seconds = found.modified.timestamp()
        times = (seconds, seconds, seconds)
        nanoseconds = round(seconds * 1000) * 10**6
        return os.stat_result((modes.S_IFREG | 0o644, 0, 0, 1, 0, 0, found.size, *times), {"st_mtime_ns": nanoseconds})

    def open(self, mode: str = "r", *_: Any, encoding: str | None = None, **__: Any) -> Any:
        """A stream that reads the object in parts."""
        if set(mode) - set("rbt"):
            raise OSError(errno.EROFS, "objects are written whole", str(self))
        raw = io.BufferedReader(_ObjectReader(self.bucket, self.key, self.stat().st_size), _READ_AHEAD)
        return raw if "b" in mode else io.TextIOWrapper(raw, encoding or "utf-8")

    def read_bytes(self) -> bytes:
        return read_object(self.bucket, self.key)[0]

    def read_text(self, encoding: str | None = None, *_: Any, **__: Any) -> str:
        return self.read_bytes().decode(encoding or "utf-8")

    def iterdir(self) -> Generator[ObjectPath, None, None]:
        folders, objects = list_names(self.bucket, self.key)
        yield from (self._at(key) for key in folders)
        yield from map(self._at_object, objects)

    def glob(self, pattern: str, **_: Any) -> Generator[ObjectPath, None, None]:
        """Objects and folders directly in this folder that have a name of the pattern."""
        yield from (path for path in self.iterdir() if fnmatchcase(path.name, pattern))

    def rglob(self, pattern: str, **_: Any) -> Generator[ObjectPath, None, None]:
        """The objects at any depth that have a name of the pattern; folders are not listed."""
        paths = map(self._at_object, list_objects(self.bucket, self.key))
        yield from (path for path in paths if fnmatchcase(path.name, pattern))

    def mkdir(self, *_: Any, **__: Any) -> None:
        """Nothing: folders of a store need not be made."""

    def unlink(self, missing_ok: bool = False) -> None:
        if not missing_ok and not self.is_file():
            raise FileNotFoundError(errno.ENOENT, "no such object", str(self))
        delete_objects(self.bucket, [self.key])

    def rename(self, _target: Any) -> ObjectPath:
        raise OSError(errno.EXDEV, "objects cannot be renamed", str(self))

    def replace(self, _target: Any) -> ObjectPath:
        raise OSError(errno.EXDEV, "objects cannot be renamed", str(self))

    def _find(self) -> StoredObject | None:
        if self._listed is not None:
            return self._listed
        return find_object(self.bucket, self.key) if self.key else None

    def _at(self, key: str) -> ObjectPath:
        return ObjectPath(f"{SCHEME}{self.bucket}/{key}")

    def _at_object(self, found: StoredObject) -> ObjectPath:
        """The path of a listed object, which is not asked for again."""
        path = self._at(found.key)
        path._listed = found
        return path


class _ObjectReader(io.RawIOBase):
    """The bytes of an object, read in ranges."""

    def __init__(self, bucket: str, key: str, size: int) -> None:
        self._bucket, self._key, self._size, self._place = bucket, key, size, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        self._place = offset + {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._size}[whence]
        return self._place

    def readinto(self, buffer: Any) -> int:
        stop = min(self._place + len(buffer), self._size)
        if stop <= self._place:
            return 0
        part = read_range(self._bucket, self._key, self._place, stop)
        buffer[: len(part)] = part
        self._place += len(part)
        return len(part)
