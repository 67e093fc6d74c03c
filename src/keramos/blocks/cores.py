"""The cores that threads of a computation may take."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_limit: ContextVar[int | None] = ContextVar("_limit", default=None)


@contextmanager
def limit_cores(count: int | None) -> Iterator[None]:
    """Let computations that this thread begins meanwhile take so many cores, where others belong to other workers; None
    for all of them.

    Example:
        >>> with limit_cores(1):
        ...     count_cores()
        1
    """
    before = _limit.set(count)
    try:
        yield
    finally:
        _limit.reset(before)


def count_cores() -> int:
    """The cores of the machine, or as many as this thread may take.

    Example:
        >>> count_cores() >= 1
        True
    """
    return min(os.cpu_count() or 1, _limit.get() or sys.maxsize)
