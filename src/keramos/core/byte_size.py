"""Memory sizes written as text."""

from __future__ import annotations

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
