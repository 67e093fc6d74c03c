"""The cores that threads of a computation may take in this process."""

from __future__ import annotations

import os

_limits: list[int] = []


def limit_cores(count: int) -> None:
    """Let computations of this process take so many cores from now on: others belong to other workers."""
    _limits[:] = [count]


def count_cores() -> int:
    """The cores of the machine, or as many as this process may take.

    Example:
        >>> count_cores() >= 1
        True
    """
    return min([os.cpu_count() or 1, *_limits])
