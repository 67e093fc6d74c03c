"""Blocks of one chunk, so that a small volume has several."""

from __future__ import annotations

import pytest

from keramos.blocks import Plan, plan_blocks
from keramos.core import Triple
from keramos.segmenters.memory import CHUNK


def chunk_by_chunk(shape: Triple) -> Plan:
    return plan_blocks(shape, chunk=CHUNK, max_voxels=1)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.segmenters.run.removal_plan", chunk_by_chunk)
