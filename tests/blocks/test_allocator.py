"""Freed memory is kept for the next block."""

from __future__ import annotations

import subprocess
import sys

import pytest

FAULTS = """
import resource, numpy as np
from keramos.blocks import keep_freed_memory
{call}
def faults():
    np.ones(2**23)  # the heap grows once
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        np.ones(2**23)
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before
print(faults())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="glibc only")
def test_large_arrays_are_not_cleared_again() -> None:
    def faults(call: str) -> int:
        done = subprocess.run([sys.executable, "-c", FAULTS.format(call=call)], capture_output=True, check=True)
        return int(done.stdout)

    assert faults("assert keep_freed_memory()") < faults("") / 2
