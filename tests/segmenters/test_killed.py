"""Killed at any moment, a run goes on and gives the same bytes as one that nobody disturbed."""

from __future__ import annotations

import random
import resource
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import get_context
from pathlib import Path

import pytest

from keramos.core.errors import StorageError
from keramos.io import open_volume
from keramos.segmenters import Sauvola, SegmentSettings, segment_volume

ROOT = Path(__file__).resolve().parents[2]
MOMENTS = 20
SETTINGS = SegmentSettings(scores=True, memory_bytes=575 * 2**20)  # blocks of one chunk: twelve of them


def run(stack: Path, out: Path) -> None:
    segment_volume(open_volume(stack), Sauvola(window=51), out, settings=SETTINGS)


def run_on_a_full_disk(stack: Path, out: Path) -> None:
    """No file may grow beyond 12 kB: some chunks fit, others do not."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))
    try:
        run(stack, out)
    except StorageError:
        sys.exit(7)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Callable[[Path, Path], object]:
    """Starts a run in a process of its own, forked from one that has everything loaded."""
    monkeypatch.syspath_prepend(ROOT)
    context = get_context("forkserver")
    context.set_forkserver_preload(["keramos.segmenters", "keramos.io"])

    def start(stack: Path, out: Path, target: Callable[[Path, Path], None] = run) -> object:
        process = context.Process(target=target, args=(stack, out))
        process.start()
        return process

    return start


def test_killed_at_twenty_random_moments(
    stack: Path, tmp_path: Path, same_bytes: Callable[[Path, Path], bool], started: Callable[[Path, Path], object]
) -> None:
    undisturbed = tmp_path / "undisturbed.ome.zarr"
    for _ in range(2):  # the first also starts the server that the others are forked from
        began = time.monotonic()
        process = started(stack, undisturbed if not undisturbed.exists() else tmp_path / "again.ome.zarr")
        process.join()  # type: ignore[attr-defined]
        seconds = time.monotonic() - began
    moments = random.Random(0)
    cut_short = 0
    for number in range(MOMENTS):
        out = tmp_path / f"killed-{number}.ome.zarr"
        process = started(stack, out)
        time.sleep(moments.uniform(0, 0.9 * seconds))
        process.kill()  # type: ignore[attr-defined]
        process.join()  # type: ignore[attr-defined]
        ledger = out / "keramos-ledger.jsonl"
        cut_short += not ledger.exists() or "finished" not in ledger.read_text(encoding="utf-8")
        run(stack, out)
        assert same_bytes(out, undisturbed), f"killed at moment {number}"
    assert cut_short >= MOMENTS // 2, "most were killed before they were finished"


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(
    stack: Path, tmp_path: Path, same_bytes: Callable[[Path, Path], bool], started: Callable[..., object]
) -> None:
    out = tmp_path / "full.ome.zarr"
    process = started(stack, out, run_on_a_full_disk)
    process.join()  # type: ignore[attr-defined]
    assert process.exitcode == 7, "a StorageError"  # type: ignore[attr-defined]
    assert "finished" not in (out / "keramos-ledger.jsonl").read_text(encoding="utf-8")
    run(stack, out)
    run(stack, tmp_path / "undisturbed.ome.zarr")
    assert same_bytes(out, tmp_path / "undisturbed.ome.zarr")
