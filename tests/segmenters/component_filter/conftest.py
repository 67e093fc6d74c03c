"""Blocks of one chunk, so that a small volume has several."""

from __future__ import annotations

import pytest


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.segmenters.memory.REMOVAL_VOXELS", 1)
