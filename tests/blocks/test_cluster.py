"""On a cluster every block is run, also when a worker dies or joins late; mistakes reach the user as they are."""

from __future__ import annotations

import os
import re
import signal
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from threading import Thread
from uuid import uuid4

import dask
import pytest
from distributed import LocalCluster

from keramos.blocks import Block, Plan, open_checkpoint, run_plan
from keramos.core.errors import SettingsError, StorageError

ROOT = Path(__file__).resolve().parents[2]
PLAN = Plan((6, 8, 8), (2, 2, 2))  # 48 blocks


@pytest.fixture(autouse=True)
def _workers_find_the_tasks_below(monkeypatch: pytest.MonkeyPatch) -> None:
    """Spawned processes take over where modules are looked for."""
    monkeypatch.syspath_prepend(ROOT)


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """One worker, for the tests that any cluster will do for: to start one takes longer than they do."""
    with (
        pytest.MonkeyPatch.context() as patch,
        LocalCluster(n_workers=0, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster,
    ):
        patch.syspath_prepend(ROOT)
        cluster.scale(1)
        yield cluster


@dataclass
class Marks:
    """Leaves a file for each block that it ran, with the number of its process, and for each model that it loaded;
    pickled to the workers."""

    folder: Path
    seconds: float = 0.0

    @cached_property
    def model(self) -> None:
        (self.folder / f"model-{os.getpid()}-{uuid4().hex}").touch()

    def take_device(self, worker: int) -> None:
        assert "model" not in self.__dict__
        (self.folder / f"device-{os.getpid()}").write_text(str(worker))

    def __call__(self, block: Block) -> None:
        _ = self.model
        time.sleep(self.seconds)
        (self.folder / f"{block.index}").write_text(str(os.getpid()))

    def limit_threads(self, threads: int) -> None:
        (self.folder / f"threads-{os.getpid()}").write_text(str(threads))


@dataclass
class WaitsForAnother(Marks):
    """Once a process was killed, blocks wait for the one in its place, however long a busy machine takes for it."""

    def __call__(self, block: Block) -> None:
        until = time.monotonic() + 60
        while (self.folder / "killed").exists() and time.monotonic() < until:
            if len(list(self.folder.glob("threads-*"))) > 2:
                break
            time.sleep(0.01)
        super().__call__(block)


@dataclass
class FullDisk:
    at: int

    def __call__(self, block: Block) -> None:
        if block.index == self.at:
            raise StorageError("expected room on the disk, found none; make room and run again")


@dataclass
class Kills:
    """The process that runs block 3 dies over it, every time."""

    def __call__(self, block: Block) -> None:
        if block.index == 3:
            os.kill(os.getpid(), signal.SIGKILL)


def blocks_run(folder: Path) -> dict[int, int]:
    return {int(file.name): int(file.read_text()) for file in folder.iterdir() if file.name.isdigit()}


def wait_until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 60
    while not true():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_every_block_once_by_several_single_threaded_processes(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    checkpoint = open_checkpoint(tmp_path / "checkpoint", {}, output=tmp_path)
    made = tmp_path / "made"
    made.mkdir()
    run_plan(PLAN, Marks(made, 0.02), checkpoint=checkpoint, workers=2, progress=lambda *counts: told.append(counts))
    assert blocks_run(made).keys() == checkpoint.done == set(range(48))
    assert told == [(n, 48) for n in range(49)]
    processes = set(blocks_run(made).values())
    assert len(processes) == 2
    assert os.getpid() not in processes
    assert [(made / f"threads-{number}").read_text() for number in processes] == ["1", "1"]
    assert len(list(made.glob("model-*"))) == 2, "each process loads its model once, for all its blocks"
    assert {(made / f"device-{number}").read_text() for number in processes} == {"0", "1"}


def test_only_what_is_left_is_run(tmp_path: Path, cluster: LocalCluster) -> None:
    checkpoint = open_checkpoint(tmp_path / "checkpoint", {}, output=tmp_path)
    for index in range(40):
        checkpoint.record(index)
    made = tmp_path / "made"
    made.mkdir()
    run_plan(PLAN, Marks(made), checkpoint=checkpoint, scheduler=cluster.scheduler_address)
    assert blocks_run(made).keys() == set(range(40, 48))


def test_a_worker_that_is_killed_is_survived(tmp_path: Path) -> None:
    killed: list[int] = []

    def kill(done: int, _: int) -> None:
        if done >= 8 and not killed:
            killed.append(next(iter(blocks_run(tmp_path).values())))
            os.kill(killed[0], signal.SIGKILL)
            (tmp_path / "killed").touch()

    run_plan(PLAN, WaitsForAnother(tmp_path, 0.02), workers=2, progress=kill)
    found = blocks_run(tmp_path)
    assert found.keys() == set(range(48))
    assert len(killed) == 1
    assert len(set(found.values())) == 3, "the one that was killed, the one that lived, and another in its place"


def test_a_block_that_kills_every_worker_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.blocks.cluster._CONNECT_S", 300)  # a busy machine takes long to start the next ones
    # Dask's own number of deaths is three.
    with (
        dask.config.set({"distributed.scheduler.allowed-failures": 1}),
        pytest.raises(StorageError, match="several workers died on the same block"),
    ):
        run_plan(PLAN, Kills(), workers=2)


def test_a_full_disk_is_told_as_it_is(tmp_path: Path, cluster: LocalCluster) -> None:
    checkpoint = open_checkpoint(tmp_path / "checkpoint", {}, output=tmp_path)
    with pytest.raises(StorageError, match="expected room on the disk"):
        run_plan(PLAN, FullDisk(20), checkpoint=checkpoint, scheduler=cluster.scheduler_address)
    assert 20 not in checkpoint.done
    assert len(checkpoint.done) > 10


def test_a_cluster_elsewhere_and_a_worker_that_joins_late(tmp_path: Path, cluster: LocalCluster) -> None:
    joined: list[bool] = []

    def join(done: int, _: int) -> None:
        if done >= 2 and not joined:
            joined.append(True)
            cluster.scale(2)
            wait_until(lambda: len(cluster.scheduler.workers) == 2)

    run_plan(PLAN, Marks(tmp_path, 0.02), scheduler=cluster.scheduler_address, progress=join)
    found = blocks_run(tmp_path)
    assert found.keys() == set(range(48))
    assert len(set(found.values())) == 2
    cluster.scale(1)


def test_no_scheduler_there_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.blocks.cluster._CONNECT_S", 1)
    for address in ("tcp://127.0.0.1:1", "nonsense"):
        with pytest.raises(SettingsError, match=f"a Dask scheduler at {address}"):
            run_plan(PLAN, FullDisk(-1), scheduler=address)


def test_a_scheduler_without_workers_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.blocks.cluster._CONNECT_S", 1)
    with (
        LocalCluster(n_workers=0, dashboard_address=None) as cluster,
        pytest.raises(SettingsError, match="expected workers at the Dask scheduler"),
    ):
        run_plan(PLAN, FullDisk(-1), scheduler=cluster.scheduler_address)


def close_workers(cluster: LocalCluster) -> None:
    cluster.scale(0)


def close_workers_with_answers(cluster: LocalCluster) -> None:
    """Close them once they have run all blocks that they were given, and nobody has fetched the last answers yet."""
    wait_until(lambda: not any(worker.processing for worker in cluster.scheduler.workers.values()))
    time.sleep(0.1)  # the client hears that they are finished
    cluster.scale(0)
    wait_until(lambda: not cluster.scheduler.workers)


def close_scheduler(cluster: LocalCluster) -> None:
    cluster.sync(cluster.scheduler.close)


def error_of(call: Callable[[], object]) -> BaseException | None:
    """What a call raises; fails, where the call itself would wait for ever, after a minute."""
    raised: list[BaseException | None] = []

    def run() -> None:
        try:
            call()
            raised.append(None)
        except BaseException as error:
            raised.append(error)

    thread = Thread(target=run, daemon=True)
    thread.start()
    thread.join(60)
    assert raised, "it has not ended within a minute"
    return raised[0]


NO_WORKER = "no worker has been left on the Dask scheduler for 1 s; finished blocks"


@pytest.mark.parametrize(
    ("lose", "sentence"),
    [
        (close_workers, NO_WORKER),
        (close_workers_with_answers, NO_WORKER),
        (close_scheduler, "the Dask scheduler (is|has been) gone.*; finished"),
    ],
    ids=["workers", "workers with answers", "scheduler"],
)
def test_a_cluster_that_is_lost_ends_in_one_sentence(
    lose: Callable[[LocalCluster], object], sentence: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("keramos.blocks.cluster._CONNECT_S", 1)
    checkpoint, made = open_checkpoint(tmp_path / "checkpoint", {}, output=tmp_path), tmp_path / "made"
    made.mkdir()
    with (
        dask.config.set({"distributed.comm.timeouts.connect": "1s"}),
        LocalCluster(n_workers=1, threads_per_worker=1, processes=False, dashboard_address=None) as cluster,
    ):

        def kill(done: int, _: int) -> None:
            if done == 3:
                lose(cluster)

        address, marks = cluster.scheduler_address, Marks(made, 0.05)
        error = error_of(lambda: run_plan(PLAN, marks, checkpoint=checkpoint, scheduler=address, progress=kill))
    assert isinstance(error, StorageError)
    assert re.search(sentence, str(error))
    assert set(range(3)) <= checkpoint.done < set(range(48))
    run_plan(PLAN, Marks(made), checkpoint=checkpoint)
    assert checkpoint.done == set(range(48))
