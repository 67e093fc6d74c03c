"""A bound on memory holds while it is meant to, and no longer."""

from __future__ import annotations

import sys

import numpy as np
import pytest

from keramos.core.memory_bound import memory_bound


@pytest.mark.skipif(sys.platform != "linux", reason="other systems know no such bound")
def test_allocations_beyond_the_bound_fail() -> None:
    with pytest.raises(MemoryError), memory_bound(2**26):
        np.empty(2**30, np.uint8)
    assert np.empty(2**30, np.uint8).nbytes == 2**30
