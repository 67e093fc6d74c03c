"""Sizes of memory as people write them."""

from __future__ import annotations

import re

from keramos.core.errors import SettingsError


def byte_size(text: str) -> int:
    """Bytes in `2GiB`, `512 MiB`, `2G`: powers of 1024. SettingsError for anything else."""
    match = re.fullmatch(r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?b)?\s*", text.lower())
    if match is None or float(match[1]) == 0:
        raise SettingsError(f"expected a --memory such as 2GiB or 512MiB, found '{text}'")
    power = {"": 0, "k": 10, "m": 20, "g": 30, "t": 40}[match[2]]
    return int(float(match[1]) * 2**power)
