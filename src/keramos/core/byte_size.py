"""Sizes of memory: read from text, written as text, and that of this machine."""

from __future__ import annotations

import os
import re

from keramos.core.errors import SettingsError


def byte_size(text: str) -> int:
    """Number of bytes in a text such as `2GiB`, `512 MiB` or `2G`; prefixes are powers of 1024.

    Raises:
        SettingsError: the text is not a positive size.

    Example:
        >>> byte_size("1.5 KiB")
        1536
    """
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?b)?\s*", text.lower())
    if match is None or float(match[1]) == 0:
        raise SettingsError(f"expected a size such as 2GiB or 512MiB, found '{text}'")
    power = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}[match[2]]
    return int(float(match[1]) * 2**power)


def size_in_words(count: int) -> str:
    """A number of bytes as people read it.

    Example:
        >>> size_in_words(900), size_in_words(3 * 2**29)
        ('900 bytes', '1.5 GiB')
    """
    size, units = float(count), ["bytes", "KiB", "MiB", "GiB", "TiB"]
    while size >= 1024 and len(units) > 1:
        size /= 1024
        units.pop(0)
    return f"{size:.4g} {units[0]}"


def machine_memory() -> int | None:
    """The bytes of memory that this machine has; None where the system does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (AttributeError, ValueError, OSError):  # Windows
        return None
