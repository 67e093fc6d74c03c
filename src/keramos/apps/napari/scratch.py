"""Folders for results that nobody has given a place: they are deleted when the program ends."""

from __future__ import annotations

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path


def make_folder() -> Path:
    """A new empty folder."""
    return Path(tempfile.mkdtemp(dir=_root()))


@cache
def _root() -> Path:
    folder = Path(tempfile.mkdtemp(prefix="keramos-napari-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
