"""Killed at any moment, a run goes on and gives the same bytes as one that nobody disturbed.

A run changes its output file by file, and an audit hook hears of each change. So a run is first recorded; then, for
every kind of file and change, another run is ended by force just before the middle one of that kind.
"""

from __future__ import annotations

import os
import re
import resource
import signal
import sys
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import pytest
from doubles import Soft

from keramos.core import Box
from keramos.core.errors import StorageError
from keramos.io import open_volume
from keramos.segmenters import memory, segment_volume
from keramos.settings.segment import SegmentationOptions

ROOT = Path(__file__).resolve().parents[2]
SHARDS = 4
BOX = Box((0, 0, 0), (18, 72, 258))  # four blocks of one chunk, with the memory below
SETTINGS = SegmentationOptions(
    scores=True, uncertainty=True, flicker="remove", remove_specks=30, fill_holes=20, memory=418 * 2**20
)
Start = Callable[..., int]


def run(stack: Path, out: Path) -> None:
    """Every stage there is: scores, uncertainty, flicker, specks and holes, each in several blocks."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(memory, "REMOVAL_VOXELS", 1)
        patch.setattr(memory, "SETTLING_VOXELS", 1)
        segment_volume(open_volume(stack, box=BOX), Soft(), out, settings=SETTINGS)


def hear_changes(folder: Path, hear: Callable[[str], None]) -> None:
    """Call `hear` before each change in a folder with its kind: what is done to which file, any numbers as `#`."""
    changing = os.O_WRONLY | os.O_RDWR | os.O_CREAT

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in ("open", "os.rename", "os.remove", "os.mkdir", "os.rmdir"):
            return
        if event == "open" and not (isinstance(arguments[2], int) and arguments[2] & changing):
            return
        path = str(arguments[1 if event == "os.rename" else 0])
        if path.startswith(str(folder)):
            hear(f"{event} {re.sub('[0-9a-f]{12,}|[0-9]+', '#', path.removeprefix(str(folder)))}")

    sys.addaudithook(hook)


def run_recorded(stack: Path, folder: Path) -> None:
    """Leaves a file with the kinds of change in their order beside the output."""
    kinds: list[str] = []
    hear_changes(folder, kinds.append)
    run(stack, folder / "out.ome.zarr")
    (folder.parent / "changes.txt").write_text("\n".join(kinds), encoding="utf-8")


def run_until(stack: Path, folder: Path, kind: str, count: int) -> None:
    """Ended by force, without any clearing up, just before a change of that kind for the given time."""
    heard = Counter[str]()

    def hear(change: str) -> None:
        heard[change] += 1
        if heard[kind] == count:
            os._exit(9)

    hear_changes(folder, hear)
    run(stack, folder / "out.ome.zarr")


def run_on_a_full_disk(stack: Path, folder: Path) -> None:
    """No file may grow beyond 12 kB: some chunks fit, others do not."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (12_000, 12_000))
    try:
        run(stack, folder / "out.ome.zarr")
    except StorageError:
        sys.exit(7)


@pytest.fixture(scope="module")
def start() -> Iterator[Start]:
    """Does something in a process of its own, forked from one that has everything loaded, and gives its exit code."""
    context = get_context("forkserver")
    context.set_forkserver_preload(["keramos.segmenters", "keramos.io"])

    def call(target: Callable[..., None], *arguments: object) -> int:
        process = context.Process(target=target, args=arguments)
        process.start()
        process.join()
        assert process.exitcode is not None
        return process.exitcode

    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(ROOT)
        yield call


@pytest.fixture(scope="module")
def undisturbed(stack: Path, tmp_path_factory: pytest.TempPathFactory, start: Start) -> Path:
    folder = tmp_path_factory.mktemp("undisturbed") / "work"
    folder.mkdir()
    assert start(run_recorded, stack, folder) == 0
    return folder


def kinds_to_kill_at(changes: Iterable[str]) -> list[str]:
    """Each kind of file that is put in place or added to; of those made before the output exists, each name once."""
    kinds = {}
    for change in changes:
        event, path = change.split(" ", 1)
        if event != "os.mkdir" and not path.endswith(".partial"):
            kinds.setdefault((event, path if path.startswith("/out.ome.zarr/") else Path(path).name), change)
    return list(kinds.values())


@pytest.mark.parametrize("shard", range(SHARDS))
def test_killed_before_any_kind_of_change_it_goes_on_to_the_same_bytes(
    stack: Path, tmp_path: Path, undisturbed: Path, same_bytes: Callable[[Path, Path], bool], start: Start, shard: int
) -> None:
    changes = Counter((undisturbed.parent / "changes.txt").read_text(encoding="utf-8").splitlines())
    kinds = kinds_to_kill_at(changes)
    assert len(kinds) > 20, "every stage is heard of"
    for number, kind in enumerate(kinds[shard::SHARDS]):
        folder = tmp_path / str(number)
        folder.mkdir()
        killed = start(run_until, stack, folder, kind, changes[kind] // 2 + 1)
        assert killed == 9, f"not killed before {kind}"
        run(stack, folder / "out.ome.zarr")
        assert same_bytes(folder, undisturbed), f"killed before {kind}"


def test_a_full_disk_is_told_and_the_run_goes_on_when_there_is_room(
    stack: Path, tmp_path: Path, undisturbed: Path, same_bytes: Callable[[Path, Path], bool], start: Start
) -> None:
    out = tmp_path / "out.ome.zarr"
    assert start(run_on_a_full_disk, stack, tmp_path) == 7, "a StorageError"
    run(stack, out)
    assert same_bytes(out, undisturbed / out.name)
