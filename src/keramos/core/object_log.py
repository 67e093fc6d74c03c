"""Logs in a bucket, where objects cannot be added to: what is added lies in parts beside the object until all is there.

KEY                  what the log began with; all of it when it is complete
KEY.parts/TAG/00000  what was added, a part for each so many bytes: only the last part is written anew with each line

TAG is the store's of the content of KEY: parts of what was at KEY before, which a killed run could not delete any more,
are not read.
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
    """Write the beginning of a log, in place of one that is there: whole, or not at all."""
    if find_object(bucket, key) is None:  # parts without a log, which would be its own if their tags are the same
        _remove_parts(bucket, key)
    write_object(bucket, key, content)
    _remove_parts(bucket, key)


def append_to_log(bucket: str, key: str, content: bytes) -> None:
    """Add bytes to a log. OutputInUseError if another process has written to it since this one did."""
    log = find_object(bucket, key)
    refuse_others(bucket, log)
    folder = _folder(key, log.tag if log else "")
    parts = _list_parts(bucket, folder)
    if parts:
        refuse_others(bucket, parts[-1])
    has_room = bool(parts) and parts[-1].size + len(content) <= PART_BYTES
    append_to_object(bucket, parts[-1].key if has_room else f"{folder}/{len(parts):05d}", content)


def read_log(bucket: str, key: str) -> bytes:
    """The bytes of a log. FileNotFoundError if it was not begun."""
    content, tag = read_object(bucket, key)
    return content + b"".join(read_object(bucket, part.key)[0] for part in _list_parts(bucket, _folder(key, tag)))


def complete_log(bucket: str, key: str) -> None:
    """Put a log to which nothing more is added into one object. A call that was killed is finished by another one."""
    if _list_parts(bucket, _folder(key)):
        write_object(bucket, key, read_log(bucket, key))
        _remove_parts(bucket, key)


def remove_log(bucket: str, key: str) -> None:
    """Delete a log; one that is not there is fine."""
    delete_objects(bucket, [key])
    _remove_parts(bucket, key)


def _remove_parts(bucket: str, key: str) -> None:
    delete_objects(bucket, [part.key for part in _list_parts(bucket, _folder(key))])
    forget_objects(bucket, _folder(key))


def _list_parts(bucket: str, folder: str) -> list[StoredObject]:
    return sorted(list_objects(bucket, folder), key=lambda part: part.key)


def _folder(key: str, tag: str = "") -> str:
    """The folder of the parts of a log whose object has this tag; without one, that of all parts."""
    name = "".join(filter(str.isalnum, tag))
    return f"{key}.parts/{name}" if name else f"{key}.parts"
