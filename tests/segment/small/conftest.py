"""Blocks of one chunk, so that a small volume has several."""

from __future__ import annotations

import pytest

from keramos.segment.memory import CHUNK
from keramos.tiling import Plan, plan_blocks
from keramos.volume import Triple


def chunk_by_chunk(shape: Triple) -> Plan:
    return plan_blocks(shape, chunk=CHUNK, max_voxels=1)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.segment.run.removal_plan", chunk_by_chunk)
