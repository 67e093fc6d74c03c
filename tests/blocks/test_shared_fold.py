"""A fold on a cluster merges in the order of the blocks, holds few values, and keeps what it has when it fails."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import dask
import pytest
from distributed import LocalCluster

from keramos.blocks import Block, FoldCheckpoint, Plan, fold, fold_blocks, measure_in_order
from keramos.core.errors import SettingsError, StorageError

ROOT = Path(__file__).resolve().parents[2]
PLAN = Plan((6, 8, 8), (2, 2, 2))  # 48 blocks
AHEAD = 4
"""Blocks that two threads are given: two each."""


def threads() -> LocalCluster:
    """A cluster in this process: to start one of processes takes longer than the tests do."""
    return LocalCluster(n_workers=1, threads_per_worker=2, processes=False, dashboard_address=None)


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    with threads() as cluster:
        yield cluster.scheduler_address


@dataclass
class Measures:
    """A block's number, in a list; every third block takes longer than those after it, and one may fail."""

    folder: Path
    fails: int = -1

    def __call__(self, block: Block) -> list[int]:
        (self.folder / str(block.index)).touch()
        if block.index == self.fails:
            raise StorageError("the store is gone")
        time.sleep(0.03 if block.index % 3 == 0 else 0)
        return [block.index]


def merge(first: list[int], second: list[int]) -> list[int]:
    return [*first, *second]


def measured(folder: Path) -> set[int]:
    return {int(file.name) for file in folder.iterdir() if file.name.isdigit()}


def checkpoint(folder: Path) -> FoldCheckpoint:
    """It saves nothing by itself within an hour."""
    return FoldCheckpoint(folder / "checkpoint", {}, every_s=3600)


def test_values_are_merged_in_the_order_of_the_blocks_few_ahead(tmp_path: Path, address: str) -> None:
    ahead: list[int] = []

    def watch(done: int, total: int) -> None:
        assert total == 48
        ahead.append(len(measured(tmp_path)) - done)

    found = fold_blocks(PLAN, Measures(tmp_path), merge, scheduler=address, progress=watch)
    assert found == list(range(48))
    assert max(ahead) <= AHEAD
    assert len(ahead) == 48


def test_what_was_merged_is_kept_when_a_block_fails(tmp_path: Path, address: str) -> None:
    for scheduler, first in ((address, 0), (None, 20)):
        (out := tmp_path / str(first)).mkdir()
        with pytest.raises(StorageError, match=r"^the store is gone$"):
            fold_blocks(PLAN, Measures(out, 30), merge, scheduler=scheduler, checkpoint=checkpoint(out))
        again = tmp_path / f"again {first}"
        again.mkdir()
        found = fold_blocks(PLAN, Measures(again), merge, scheduler=scheduler, checkpoint=checkpoint(out))
        assert found == list(range(48))
        assert measured(again) == set(range(30, 48))


@pytest.mark.parametrize("keeps", [True, False])
def test_a_lost_scheduler_is_one_sentence(keeps: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.blocks.cluster._CONNECT_S", 1)
    kept = "finished blocks are kept: " if keeps else ""
    start = "start it again with `dask scheduler` and `dask worker`, then give the same command again"
    with dask.config.set({"distributed.comm.timeouts.connect": "1s"}), threads() as cluster:

        def lose(done: int, _: int) -> None:
            if done == 3:
                cluster.sync(cluster.scheduler.close)

        options: dict[str, Any] = {"checkpoint": checkpoint(tmp_path)} if keeps else {}
        with pytest.raises(StorageError, match=rf"^the Dask scheduler (is|has been) gone.*; {kept}{start}$"):
            fold_blocks(PLAN, Measures(tmp_path), merge, scheduler=cluster.scheduler_address, progress=lose, **options)
    if keeps:
        found = checkpoint(tmp_path).load(PLAN)
        assert found is not None
        assert found[0] >= 3
        assert found[1] == list(range(found[0]))


def test_workers_are_started_for_several_blocks_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[dict[str, Any]] = []

    def stands_in(measure: Measures, blocks: list[Block], **options: Any) -> Iterator[tuple[Block, list[int]]]:
        asked.append(options)
        return ((block, measure(block)) for block in blocks)

    monkeypatch.setattr(fold, "on_cluster", stands_in)
    assert fold_blocks(PLAN, Measures(tmp_path), merge, workers=3) == list(range(48))
    assert [(one["workers"], one["scheduler"]) for one in asked] == [(3, None)]
    fold_blocks(Plan((2, 2, 2), (2, 2, 2)), Measures(tmp_path), merge, workers=3, scheduler="tcp://nowhere:1")
    assert len(asked) == 1


RUNNING: list[int] = []


class TakesAllMemory:
    """The number of blocks that run in this process, this one among them."""

    one_at_a_time = True

    def __call__(self, block: Block) -> int:
        RUNNING.append(block.index)
        time.sleep(0.05)
        count = len(RUNNING)
        RUNNING.remove(block.index)
        return count


MET = threading.Barrier(2, timeout=60)


class TakesLittleMemory:
    """Waits until another block runs at the same time."""

    def __call__(self, block: Block) -> int:
        MET.wait()
        return block.index


def test_a_worker_of_several_threads_runs_one_block_at_a_time_where_that_takes_all_memory(address: str) -> None:
    blocks = list(Plan((2, 4, 4), (2, 2, 2)))
    assert set(measure_in_order(blocks, TakesAllMemory(), scheduler=address)) == {1}
    assert list(measure_in_order(blocks, TakesLittleMemory(), scheduler=address)) == [0, 1, 2, 3]


@pytest.mark.parametrize("name", ["thread", "worker"])
def test_none_is_refused(name: str, tmp_path: Path) -> None:
    counts: dict[str, Any] = {f"{name}s": 0}
    with pytest.raises(SettingsError, match=f"at least one {name}, found 0"):
        fold_blocks(PLAN, Measures(tmp_path), merge, **counts)
