"""Raw tags of any file, whose values may be of another type than their maker writes."""

from __future__ import annotations

from keramos.acquisition.vendor import Tags

WIDTH, LENGTH = "256", "257"
"""TIFF tags of the pixels of a slice along x and along y."""


def bytes_of(tags: Tags, name: str) -> bytes:
    """The bytes of a tag; none where it is not there or holds numbers."""
    value = tags.get(name)
    if isinstance(value, str):
        return value.encode("utf-8", "replace")
    return bytes(value) if isinstance(value, bytes | bytearray | memoryview) else b""


def count_of(tags: Tags, name: str) -> int | None:
    """The whole number of a tag; None where it is not there or is none."""
    value = tags.get(name)
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
