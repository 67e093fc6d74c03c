"""Waiting for what happens in a window of napari."""

from __future__ import annotations

import time
from collections.abc import Callable

_LONGEST_S = 120


def pump() -> None:
    """Let the window do what waits to be done."""
    from qtpy.QtWidgets import QApplication

    for _ in range(5):
        QApplication.processEvents()
        time.sleep(0.01)


def wait_for(is_so: Callable[[], bool]) -> None:
    """Let the window work until something is so."""
    end = time.monotonic() + _LONGEST_S
    while not is_so():
        assert time.monotonic() < end, "it took too long"
        pump()
