"""The numbers of a mesh in few characters, for `surface_unpacking.js`."""

from __future__ import annotations

import zlib

import numpy as np
from numpy.typing import NDArray

from keramos.reports.embedded import embed_bytes

_LEVEL = 6
"""A fifth of the time of level 9, and 1 % more bytes."""


def pack_bytes(numbers: NDArray[np.int8]) -> str:
    """8-bit numbers, deflated, as base64."""
    return embed_bytes(zlib.compress(numbers.tobytes(), _LEVEL))


def pack_steps(numbers: NDArray[np.integer]) -> str:
    """16-bit numbers in one row, as the differences from each to the next (modulo 2¹⁶), all low bytes before all high
    bytes, deflated, as base64: neighbours in a mesh are alike, so that most high bytes are the same."""
    steps = np.diff(numbers.astype(np.int64), prepend=0).astype(np.uint16)
    low, high = (steps & 255).astype(np.uint8), (steps >> 8).astype(np.uint8)
    return embed_bytes(zlib.compress(low.tobytes() + high.tobytes(), _LEVEL))
