"""Law: quantify writes the same bytes with any number of workers, in whatever blocks, killed and resumed."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from distributed import LocalCluster
from doubles import Dies, Killed, Notes
from scipy import ndimage

import keramos
from keramos.blocks import FoldCheckpoint
from keramos.core.progress import Progress
from keramos.project.verbs import quantify as quantifying

OPTIONS: dict[str, Any] = {
    "voxel_size": (20, 26.4, 20.8),
    "phases": "pore=0,carbon=1,binder=2",
    "transport": False,
    "fabric": True,
    "heterogeneity": True,
    "memory": 2**20,  # eight blocks
}


@pytest.fixture(scope="module")
def cluster() -> Iterator[LocalCluster]:
    """Two processes, once for all."""
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None, memory_limit=0) as cluster:
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


@pytest.mark.parametrize("workers", [1, 2])
@pytest.mark.parametrize("memory", [2**20, 2**22])
def test_any_workers_and_blocks(
    workers: int, memory: int, labels: Path, whole: dict[str, bytes], cluster: LocalCluster, tmp_path: Path
) -> None:
    address = cluster.scheduler_address
    assert files_of(labels, tmp_path, memory=memory, workers=workers, scheduler=address) == whole


class Counts(Notes):
    """Remembers the progress of the pass over the volume."""

    def __init__(self) -> None:
        super().__init__()
        self.counts: list[tuple[int, int]] = []

    def progress(self, task: str, unit: str = "block") -> Progress:
        measures = task == "measure the volume"
        return (lambda *counts: self.counts.append(counts)) if measures else super().progress(task, unit)


@pytest.mark.parametrize("first", ["shared", "alone"])
def test_killed_and_resumed_with_or_without_workers(
    first: str,
    labels: Path,
    whole: dict[str, bytes],
    cluster: LocalCluster,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(quantifying, "FoldCheckpoint", partial(FoldCheckpoint, every_s=0.0))
    shared, alone = {"scheduler": cluster.scheduler_address}, {"scheduler": None}
    before, after = (shared, alone) if first == "shared" else (alone, shared)
    with pytest.raises(Killed):
        files_of(labels, tmp_path, **before, reporter=Dies(3, "measure the volume"))
    assert files_of(labels, tmp_path, **after, reporter=(counts := Counts())) == whole
    assert counts.counts == [(n, 8) for n in range(3, 9)]
