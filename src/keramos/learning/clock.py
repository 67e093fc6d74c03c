"""The clock that time budgets are measured with: wall time, unless a benchmark says that processor time is fairer."""

from __future__ import annotations

import time
from collections.abc import Callable

now: Callable[[], float] = time.monotonic
