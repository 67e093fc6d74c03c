"""A studio that is served, and a browser that looks at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from studio_browser import SHAPE, Browser, grey_of, run_studio

from keramos.core import Volume, VoxelSize
from keramos.io import save_volume


@pytest.fixture(scope="module")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A stack whose grey values tell where they are, with coarser levels."""
    path = tmp_path_factory.mktemp("stack") / "stack.ome.zarr"
    pixels = np.fromfunction(grey_of, SHAPE, dtype=int).astype(np.uint8)
    save_volume(path, Volume.from_array(pixels, VoxelSize(20, 10, 10)))
    return path


@pytest.fixture(scope="module")
def browser(stack: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Browser]:
    """A browser that looks at a studio of the stack."""
    with run_studio(tmp_path_factory.mktemp("project") / "stack-studio", stack) as opened:
        yield opened
