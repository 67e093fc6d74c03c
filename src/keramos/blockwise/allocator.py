"""Let a process keep the memory that it frees: blocks are alike, and the next one needs as much."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_MAX = -1, -4  # glibc's malloc.h
_KEPT = 2**31 - 1


def keep_freed_memory() -> bool:
    """Ask glibc not to hand large arrays back to the kernel, which would clear every page of them again for the next
    block (a tenth of the time, at times a third). True if it agreed; elsewhere than on Linux nothing is done."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False  # another C library
    return bool(mallopt(_TRIM_THRESHOLD, _KEPT) and mallopt(_MMAP_MAX, 0))
