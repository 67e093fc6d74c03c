"""One small stack for the tests of the store: odd lengths, so that axes cannot be mistaken for one another."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import VoxelSize


@pytest.fixture
def stack() -> NDArray[np.uint8]:
    return np.random.default_rng(7).integers(0, 256, (12, 23, 31), dtype=np.uint8)


@pytest.fixture
def edges() -> VoxelSize:
    return VoxelSize(20.0, 26.4, 20.8)
