"""A small porous volume as OME-Zarr, and a way to compare two segmentations byte by byte."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from scipy.ndimage import gaussian_filter

from keramos.core import Volume, VoxelSize
from keramos.io import open_volume, save_volume

SHAPE = (34, 264, 340)


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """34 x 264 x 340 voxels: several chunks along every axis."""
    rng = np.random.default_rng(0)
    smooth = gaussian_filter(rng.standard_normal(SHAPE), (2, 4, 4))
    grey = np.clip(80 + 70 * (smooth > 0) + rng.normal(0, 20, SHAPE), 0, 255).astype(np.uint8)
    path = tmp_path_factory.mktemp("stack") / "images.ome.zarr"
    save_volume(path, Volume.from_array(grey, VoxelSize(20, 26.4, 20.8)))
    return path


@pytest.fixture
def volume(stack: Path) -> Volume:
    return open_volume(stack)


@pytest.fixture
def same_bytes() -> Callable[[Path, Path], bool]:
    """Whether two stores hold the same files with the same bytes, the ledger apart."""

    def files(store: Path) -> dict[str, bytes]:
        return {
            path.relative_to(store).as_posix(): path.read_bytes()
            for path in store.rglob("*")
            if path.is_file() and path.suffix != ".jsonl"
        }

    return lambda a, b: files(a) == files(b)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Blocks of one chunk, so that a small volume has several."""
    monkeypatch.setattr("keramos.segmenters.memory.REMOVAL_VOXELS", 1)
    monkeypatch.setattr("keramos.segmenters.memory.SETTLING_VOXELS", 1)
