"""Running out of memory, in NumPy, in torch and on a device, said in one sentence with what to lower."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from keramos.core.errors import KeramosError, MemoryShortageError
from keramos.core.options import Settings, declared_options

_IN_TORCH = re.compile(r"out of memory|can't allocate memory|not enough memory|Invalid buffer size|CUBLAS_STATUS_ALLOC")
_AMOUNT = re.compile(r"allocate ([0-9.]+ (?:bytes|[KMGT]i?B))")
_HUNGRY = ("memory", "workers", "batch", "crop", "size", "width", "domain", "edge", "shape", "box")
"""Options that decide how much memory is taken."""


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
        options = [row.name for row in declared_options(type(settings)) if row.name in _HUNGRY]
        amount = _AMOUNT.search(str(error))
        asked = f" when {amount[1]} were asked for" if amount else ""
        advice = f"lower {' or '.join(options)}" if options else "use a smaller file"
        raise MemoryShortageError(f"expected enough memory, found too little{asked}; {advice}") from error
