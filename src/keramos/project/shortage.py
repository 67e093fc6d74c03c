"""Running out of memory, in NumPy, in torch and on a device, said in one sentence with what to use less of."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from keramos.core.errors import KeramosError, MemoryShortageError
from keramos.core.options import Settings, list_options

_IN_TORCH = re.compile(r"out of memory|can't allocate memory|not enough memory|Invalid buffer size|CUBLAS_STATUS_ALLOC")
_AMOUNT = re.compile(r"allocate ([0-9.]+ (?:bytes|[KMGT]i?B))")
_HUNGRY = {
    "memory": "a lower memory",
    "workers": "fewer workers",
    "batch": "a smaller batch",
    "crop": "a smaller crop",
    "size": "a smaller size of network",
    "width": "a smaller width of network",
    "domain": "a smaller domain",
    "edge": "a smaller edge",
    "shape": "a smaller shape",
    "box": "a smaller box",
}
"""Options that decide how much memory is taken, and what to use where it is too much."""


@contextmanager
def shortage_told(settings: Settings) -> Iterator[None]:
    """MemoryShortageError, which names the options of the settings that help, where memory runs out inside."""
    try:
        yield
    except KeramosError:
        raise
    except (MemoryError, RuntimeError) as error:  # torch's is a RuntimeError
        if isinstance(error, RuntimeError) and not _IN_TORCH.search(str(error)):
            raise
        names = {row.name for row in list_options(type(settings))}
        *others, last = [less for name, less in _HUNGRY.items() if name in names] or ["a smaller file"]
        advice = f"use {', '.join(others)} or {last}" if others else f"use {last}"
        amount = _AMOUNT.search(str(error))
        asked = f" when {amount[1]} were asked for" if amount else ""
        raise MemoryShortageError(f"expected enough memory, found too little{asked}; {advice}") from error
