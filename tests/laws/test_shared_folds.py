"""Law: quantify writes the same bytes with any number of workers, in whatever blocks, killed and resumed."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from distributed import LocalCluster
from doubles import Dies, Killed
from scipy import ndimage

import keramos
from keramos.blocks import FoldCheckpoint
from keramos.core.progress import Progress, Reporter
from keramos.project.verbs import quantify as quantifying

PASS = "measure the volume"
OPTIONS: dict[str, Any] = {
    "voxel_size": (20, 26.4, 20.8),
    "phases": "pore=0,carbon=1,binder=2",
    "transport": False,
    "fabric": True,
    "heterogeneity": True,
    "objects": "carbon",
    "memory": 2**20,  # eight blocks
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """One process, to which tests add a second."""
    with LocalCluster(n_workers=1, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster:
        yield cluster


@pytest.fixture(scope="module")
def labels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three phases, and voxels in a corner that nobody annotated."""
    random = np.random.default_rng(0).random((128, 24, 24))
    codes = np.digitize(ndimage.gaussian_filter(random, 1), [0.45, 0.55]).astype(np.uint8)
    codes[100:, :9, 13:] = 255
    path = tmp_path_factory.mktemp("labels") / "labels.tif"
    tifffile.imwrite(path, codes, photometric="minisblack")
    return path


@pytest.fixture(scope="module")
def whole(labels: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """The files of one process that measures all at once."""
    return files_of(labels, tmp_path_factory.mktemp("whole"), memory=2**31)


def files_of(labels: Path, out: Path, **options: Any) -> dict[str, bytes]:
    keramos.quantify(labels, out=out, **{**OPTIONS, **options})
    return {file.name: file.read_bytes() for file in out.iterdir()}


class Watches(Reporter):
    """Remembers the progress of a task, and does something at each step of it."""

    def __init__(self, step: Callable[[int], object] = lambda _: None, task: str = PASS) -> None:
        self.counts: list[tuple[int, int]] = []
        self.step, self.task = step, task

    def progress(self, task: str, unit: str = "block") -> Progress:
        return self._count if task == self.task else super().progress(task, unit)

    def _count(self, done: int, total: int) -> None:
        self.counts.append((done, total))
        self.step(done)


def test_any_workers_and_blocks(labels: Path, whole: dict[str, bytes], cluster: LocalCluster, tmp_path: Path) -> None:
    address, counts = cluster.scheduler_address, [(n, 8) for n in range(1, 9)]
    one, two = Watches(), Watches()
    assert files_of(labels, tmp_path / "one", scheduler=address, reporter=one) == whole
    cluster.scale(2)
    cluster.wait_for_workers(2)
    assert files_of(labels, tmp_path / "two", scheduler=address, reporter=two) == whole
    assert files_of(labels, tmp_path / "other blocks", scheduler=address, memory=2**22) == whole
    assert one.counts == two.counts == counts


def test_killed_and_resumed_with_or_without_workers(
    labels: Path, whole: dict[str, bytes], cluster: LocalCluster, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It goes on in the blocks that it began with, though the memory would allow larger ones."""
    monkeypatch.setattr(quantifying, "FoldCheckpoint", partial(FoldCheckpoint, every_s=0.0))
    for first, then in ((cluster.scheduler_address, None), (None, cluster.scheduler_address)):
        out = tmp_path / f"{first is None}"
        with pytest.raises(Killed):
            files_of(labels, out, scheduler=first, reporter=Dies(3, PASS))
        more = {"scheduler": then, "memory": 2**22, "reporter": (watches := Watches())}
        assert files_of(labels, out, **more) == whole
        assert watches.counts == [(n, 8) for n in range(3, 9)]


def test_subvolumes_are_shared_out_to_the_same_bytes(labels: Path, cluster: LocalCluster, tmp_path: Path) -> None:
    options = {"transport": True, "thickness": True, "paths": True, "domain": 8, "objects": "", "memory": 2**31}
    alone = files_of(labels, tmp_path / "alone", **options)
    shared = Watches(task="measure subvolumes")
    options |= {"scheduler": cluster.scheduler_address, "reporter": shared}
    assert files_of(labels, tmp_path / "shared", **options) == alone
    assert shared.counts == [(n, 9) for n in range(1, 10)], "transport in the middle, sizes and paths in eight"


def test_a_worker_that_is_killed_changes_nothing(
    labels: Path, whole: dict[str, bytes], cluster: LocalCluster, tmp_path: Path
) -> None:
    killed: list[int] = []

    def kill(done: int) -> None:
        if done == 2:
            killed.append(next(iter(cluster.workers.values())).pid)
            os.kill(killed[0], signal.SIGKILL)

    assert files_of(labels, tmp_path, scheduler=cluster.scheduler_address, reporter=Watches(kill)) == whole
    assert killed
