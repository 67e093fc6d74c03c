"""A bound on the memory that a library may take while it reads a file that it trusts too much."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def memory_bound(more_bytes: int) -> Iterator[None]:
    """Let the process take so many bytes more than it has, and no further: beyond them allocations fail. On Linux only,
    as other systems know no such bound; it holds for all threads, so keep it short."""
    if sys.platform != "linux":
        yield
        return
    import resource

    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
    before = resource.getrlimit(resource.RLIMIT_AS)
    bound = pages * resource.getpagesize() + more_bytes
    if before[0] != resource.RLIM_INFINITY:
        bound = min(bound, before[0])
    resource.setrlimit(resource.RLIMIT_AS, (bound, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, before)
