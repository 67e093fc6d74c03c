"""Let a process keep the memory that it frees: blocks are alike, and the next one needs as much."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8  # glibc's malloc.h


def keep_freed_memory(most: int = 2**31 - 1) -> bool:
    """Ask glibc not to hand large arrays back to the kernel, which would clear every page of them again for the next
    block (a tenth of the time, at times a third). At most `most` bytes at the end of the heap are kept. True if it
    agreed; elsewhere than on Linux nothing is done."""
    if sys.platform != "linux":
        return False
    try:
        mallopt = ctypes.CDLL(None).mallopt
    except (OSError, AttributeError):
        return False  # another C library
    # One heap for all threads: what one of them frees, another takes.
    return bool(mallopt(_TRIM_THRESHOLD, most) and mallopt(_MMAP_MAX, 0) and mallopt(_ARENA_MAX, 1))


def release_freed_memory() -> bool:
    """Hand what this process has freed back to the kernel: others need it now. True where there was any."""
    if sys.platform != "linux":
        return False
    try:
        return bool(ctypes.CDLL(None).malloc_trim(0))
    except (OSError, AttributeError):
        return False
