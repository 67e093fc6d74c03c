"""Logs in a bucket, where objects cannot be added to: what is added lies in parts beside the object until all is there.

KEY              what the log began with; all of it when it is complete
KEY.parts/00000  what was added, a part for each so many bytes: only the last part is written anew with each line
"""

from __future__ import annotations

from keramos.core.object_store import (
    StoredObject,
    append_to_object,
    delete_objects,
    find_object,
    forget_objects,
    list_objects,
    read_object,
    refuse_others,
    write_object,
)

PART_BYTES = 2**12
"""A log of n lines writes n times half of this, and not n times half of all lines."""


def begin_log(bucket: str, key: str, content: bytes) -> None:
    """Write the beginning of a log, in place of one that is there."""
    remove_log(bucket, key)
    write_object(bucket, key, content)


def append_to_log(bucket: str, key: str, content: bytes) -> None:
    """Add bytes to a log. OutputInUseError if another process has written to it since this one did."""
    parts = _list_parts(bucket, key)
    refuse_others(bucket, parts[-1] if parts else find_object(bucket, key))
    has_room = bool(parts) and parts[-1].size + len(content) <= PART_BYTES
    append_to_object(bucket, parts[-1].key if has_room else f"{_folder(key)}/{len(parts):05d}", content)


def read_log(bucket: str, key: str) -> bytes:
    """The bytes of a log. FileNotFoundError if it was not begun."""
    return b"".join(read_object(bucket, each)[0] for each in (key, *(part.key for part in _list_parts(bucket, key))))


def complete_log(bucket: str, key: str) -> None:
    """Put a log to which nothing more is added into one object."""
    write_object(bucket, key, read_log(bucket, key))
    _remove_parts(bucket, key)


def remove_log(bucket: str, key: str) -> None:
    """Delete a log; one that is not there is fine."""
    delete_objects(bucket, [key])
    _remove_parts(bucket, key)


def _remove_parts(bucket: str, key: str) -> None:
    delete_objects(bucket, [part.key for part in _list_parts(bucket, key)])
    forget_objects(bucket, _folder(key))


def _list_parts(bucket: str, key: str) -> list[StoredObject]:
    return sorted(list_objects(bucket, _folder(key)), key=lambda part: part.key)


def _folder(key: str) -> str:
    return f"{key}.parts"
