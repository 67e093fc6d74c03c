"""Objects in buckets of a store that speaks S3: listed, read in part, written whole, deleted.

The store's address and its credentials are read by the client library from the environment variables of the AWS command
line (`AWS_ENDPOINT_URL`, `AWS_ACCESS_KEY_ID`, ...). Failures are StorageErrors.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from itertools import chain
from typing import Any

from keramos.core.errors import OutputInUseError, StorageError
from keramos.core.optional import import_optional

_RETRIES = {
    "max_retries": 8,
    "retry_timeout": timedelta(minutes=2),
    "backoff": {"init_backoff": timedelta(milliseconds=100), "max_backoff": timedelta(seconds=5), "base": 2},
}
"""A store that does not answer for some seconds ends no run of hours."""
_IN_USE = "another run has written to this output meanwhile; wait until it has ended, or write elsewhere"
_known: dict[tuple[str, str], str] = {}
"""The tags of what this process has read or written whole."""


@dataclass(frozen=True, slots=True)
class StoredObject:
    """An object as a store lists it: its key, its bytes, when it was written, and the tag of its content."""

    key: str
    size: int
    modified: datetime
    tag: str


def bucket_client(bucket: str) -> Any:
    """The client of a bucket. MissingPackageError without the extra `s3`."""
    _obstore()
    return _make_client(bucket)


def _obstore() -> Any:
    return import_optional("obstore", extra="s3", purpose="read and write addresses that begin with s3://")


@cache
def _make_client(bucket: str) -> Any:
    stores: Any = import_optional("obstore.store", extra="s3", purpose="read and write addresses that begin with s3://")
    with translate_store_errors():
        return stores.S3Store(bucket, retry_config=_RETRIES)


@contextmanager
def translate_store_errors() -> Iterator[None]:
    """Turn what the client library raises into a StorageError; of an object that is not there it raises
    FileNotFoundError itself."""
    base = import_optional("obstore.exceptions", extra="s3", purpose="read and write stores").BaseError
    try:
        yield
    except base as error:
        if type(error).__name__ in ("PreconditionError", "AlreadyExistsError"):
            raise OutputInUseError(_IN_USE) from None
        raise StorageError(
            f"expected an object store that answers, found: {_reason(str(error))}; then run the same command again"
        ) from error
    except BaseException as error:
        if type(error).__name__ != "PanicException":  # how the library ends where it did not expect an address
            raise
        raise StorageError(
            "expected an address of the object store that begins with https://, found another; correct AWS_ENDPOINT_URL"
        ) from None


def _reason(text: str) -> str:
    """A line that says why a store refuses, without the library's many."""
    code = re.search(r"<Code>(\w+)</Code>", text)
    if code is not None and code[1] == "NoSuchBucket":
        return "no such bucket; make it, or correct its name"
    if "169.254.169.254" in text or "token request" in text:
        return "no credentials; set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_SKIP_SIGNATURE=true"
    if "scheme is not allowed" in text or "builder error" in text:
        return "an address that begins with http://; set AWS_ALLOW_HTTP=true to allow it"
    if "error sending request" in text or "Connect" in text:
        return "no answer; check AWS_ENDPOINT_URL and the network"
    if code is not None:
        return f"the answer {code[1]}; check the credentials and the address"
    return f"{text.split(chr(10), 1)[0].strip()}; check the address"


def find_object(bucket: str, key: str) -> StoredObject | None:
    """An object as the store lists it; None if there is none."""
    with translate_store_errors():
        try:
            return _describe(_obstore().head(bucket_client(bucket), key))
        except FileNotFoundError:
            return None


def list_objects(bucket: str, prefix: str) -> Iterator[StoredObject]:
    """All objects whose keys lie below a prefix, as in a folder of that name."""
    with translate_store_errors():
        yield from map(_describe, chain.from_iterable(_obstore().list(bucket_client(bucket), prefix or None)))


def has_objects(bucket: str, prefix: str) -> bool:
    """Whether any object lies below a prefix."""
    with translate_store_errors():
        stream = _obstore().list(bucket_client(bucket), prefix or None, chunk_size=1)
        return any(True for _ in chain.from_iterable(stream))


def list_names(bucket: str, prefix: str) -> tuple[list[str], list[StoredObject]]:
    """The keys of the folders directly below a prefix, and the objects there."""
    with translate_store_errors():
        listed = _obstore().list_with_delimiter(bucket_client(bucket), prefix or None)
        return [str(name) for name in listed["common_prefixes"]], [_describe(each) for each in listed["objects"]]


def read_object(bucket: str, key: str) -> tuple[bytes, str]:
    """The bytes of an object, and the tag that the store gives this content. FileNotFoundError."""
    content, tag = _read(bucket, key)
    _known[bucket, key] = tag
    return content, tag


def _read(bucket: str, key: str) -> tuple[bytes, str]:
    with translate_store_errors():
        answer = _obstore().get(bucket_client(bucket), key)
        return answer.bytes().to_bytes(), str(answer.meta["e_tag"])


def read_range(bucket: str, key: str, start: int, stop: int) -> bytes:
    """A part of the bytes of an object."""
    with translate_store_errors():
        return bytes(_obstore().get_range(bucket_client(bucket), key, start=start, end=stop).to_bytes())


def write_object(bucket: str, key: str, content: bytes, *, replacing: str | None = None, is_new: bool = False) -> str:
    """Write an object whole, and give its tag; only if the content that it has now is tagged `replacing`, where that is
    given, or if there is none, where it `is_new` (OutputInUseError otherwise)."""
    with translate_store_errors():
        mode = ("create" if is_new else "overwrite") if replacing is None else {"e_tag": replacing}
        tag = str(_obstore().put(bucket_client(bucket), key, content, mode=mode)["e_tag"])
    _known[bucket, key] = tag
    return tag


def append_to_object(bucket: str, key: str, content: bytes) -> None:
    """Add bytes to an object, which is made if need be. OutputInUseError if another process has written to it since
    this one did: two runs on one output are noticed, on whatever machines."""
    before, tag = b"", None
    with suppress(FileNotFoundError):
        before, tag = _read(bucket, key)
    if _known.get((bucket, key), tag) != tag:
        raise OutputInUseError(_IN_USE)
    try:
        write_object(bucket, key, before + content, replacing=tag, is_new=tag is None)
    except OutputInUseError:
        # A write whose answer was lost is tried again by the library, and refused for what it has written itself.
        if read_object(bucket, key)[0] != before + content:
            raise


def refuse_others(bucket: str, found: StoredObject | None) -> None:
    """OutputInUseError if an object is not there, or its content is not what this process wrote or read last."""
    if found is None or found.tag != _known.get((bucket, found.key)):
        raise OutputInUseError(_IN_USE)


def forget_objects(bucket: str, folder: str) -> None:
    """Forget what this process has written to objects below a key."""
    for name in [name for name in _known if name[0] == bucket and name[1].startswith(f"{folder}/")]:
        del _known[name]


def delete_objects(bucket: str, keys: list[str]) -> None:
    """Delete objects; those that are not there are fine."""
    for key in keys:
        _known.pop((bucket, key), None)
    if keys:
        with translate_store_errors():
            _obstore().delete(bucket_client(bucket), keys)


def _describe(row: Any) -> StoredObject:
    return StoredObject(str(row["path"]), int(row["size"]), row["last_modified"], str(row["e_tag"]))
