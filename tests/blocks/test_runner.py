"""The runner: every block once, only what is left after a crash, the same in worker processes."""

from __future__ import annotations

from pathlib import Path

import pytest

from keramos.blocks import Block, Plan, open_checkpoint, run_plan
from keramos.core.errors import SettingsError

PLAN = Plan((4, 6, 6), (2, 3, 3))


def test_every_block_once_and_progress_counts_up_to_all() -> None:
    seen: list[int] = []
    told: list[tuple[int, int]] = []
    run_plan(PLAN, lambda block: seen.append(block.index), progress=lambda *counts: told.append(counts))
    assert sorted(seen) == list(range(8))
    assert told == [(n, 8) for n in range(9)]


def test_a_run_that_failed_goes_on_where_it_stopped(tmp_path: Path) -> None:
    seen: list[int] = []

    def fails_at_five(block: Block) -> None:
        if block.index == 5:
            raise RuntimeError("power cut")
        seen.append(block.index)

    with pytest.raises(RuntimeError, match="power cut"):
        run_plan(PLAN, fails_at_five, checkpoint=open_checkpoint(tmp_path / "checkpoint", {}, output=tmp_path))
    assert seen == [0, 1, 2, 3, 4]
    told: list[tuple[int, int]] = []
    checkpoint = open_checkpoint(tmp_path / "checkpoint", {}, output=tmp_path)
    run_plan(PLAN, lambda b: seen.append(b.index), checkpoint=checkpoint, progress=lambda *c: told.append(c))
    assert seen == list(range(8))
    assert told[0] == (5, 8)


def test_no_worker_is_refused() -> None:
    with pytest.raises(SettingsError, match="at least one worker, found 0"):
        run_plan(PLAN, lambda _: None, workers=0)
