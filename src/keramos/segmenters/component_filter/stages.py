"""Remove small components from labels, resumable at any moment.

labels as decided -> find the candidates of each block -> join -> verdicts; for holes again, with the specks removed on
reading; then every block of the result is written from the labels as decided, which nobody changes: what a killed run
left is written again.
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Checkpoint, Plan, open_checkpoint, plan_identity, run_plan
from keramos.core.files import translate_os_errors, write_text
from keramos.core.progress import Reporter
from keramos.io import ZarrWriter
from keramos.segmenters.component_filter.candidates import Candidates, find_candidates, rewrite
from keramos.segmenters.component_filter.join import Files, join
from keramos.segmenters.component_filter.removal import Removal

_ALONE = 64
"""So many blocks are done before other processes have even started."""


@dataclass(frozen=True)
class Removed:
    """What was removed: components with fewer voxels than stated, and their voxels."""

    fewer: int
    components: int
    voxels: int


@dataclass(frozen=True)
class _Source:
    """Labels as decided, of which earlier removals are made on reading."""

    labels: ZarrWriter
    earlier: tuple[Files, ...]

    def read(self, block: Block) -> NDArray[np.uint8]:
        return np.array(self.labels.read(block.core), np.uint8)

    def removed(self, codes: NDArray[np.uint8], block: Block) -> NDArray[np.uint8]:
        for files in self.earlier:
            rewrite(codes, files.found(block.index), files.verdict(block.index))
        return codes


@dataclass(frozen=True)
class _Find(_Source):
    """The task of finding the candidates of a block."""

    removal: Removal
    files: Files

    def __call__(self, block: Block) -> None:
        self.write(block, self.compute(block, self.read(block)))

    def compute(self, block: Block, codes: NDArray[np.uint8]) -> Candidates:
        return find_candidates(self.removed(codes, block), self.removal, block.core, self.labels.shape)

    def write(self, block: Block, found: Candidates) -> None:
        found.save(self.files.found(block.index))


@dataclass(frozen=True)
class _Rewrite(_Source):
    """The task of writing a block without its small components."""

    result: ZarrWriter

    def __call__(self, block: Block) -> None:
        self.write(block, self.compute(block, self.read(block)))

    def compute(self, block: Block, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return self.removed(codes, block)

    def write(self, block: Block, codes: NDArray[np.uint8]) -> None:
        self.result.write(block.core, codes)


def remove_small(
    labels: ZarrWriter,
    result: ZarrWriter,
    removals: Sequence[Removal],
    *,
    folder: Path,
    plan: Plan,
    workers: int = 1,
    scheduler: str | None = None,
    reporter: Reporter,
) -> list[Removed]:
    """Write `labels` without their small components to `result`, one removal after the other. What is found is kept in
    `folder`, from which a killed run goes on; its blocks must be the same. The `labels` stay as they are.

    Raises:
        StorageError: the disk refuses.
        ResumeError: what is kept is of other blocks.
    """
    workers = workers if len(plan) > _ALONE else 1
    done: list[Files] = []
    removed = []
    for removal in removals:
        files = Files(folder / removal.name)
        removed.append(_found(_Find(labels, tuple(done), removal, files), plan, workers, scheduler, reporter))
        done.append(files)
    task = _Rewrite(labels, tuple(done), result)
    checkpoint = _checkpoint(folder / "rewritten.jsonl", plan)
    told = reporter.progress(" and ".join(removal.verb for removal in removals))
    run_plan(plan, task, checkpoint=checkpoint, workers=workers, scheduler=scheduler, progress=told)
    return removed


def discard(folder: Path) -> None:
    """Delete what was kept in order to go on, once nothing is left to do. StorageError if that cannot be."""
    if folder.exists():
        with translate_os_errors(folder):
            shutil.rmtree(folder)


def _checkpoint(path: Path, plan: Plan) -> Checkpoint:
    return open_checkpoint(path, plan_identity(plan), output=path.parent)


def _found(task: _Find, plan: Plan, workers: int, scheduler: str | None, reporter: Reporter) -> Removed:
    """Find and judge the small components, unless that is done."""
    files, name = task.files, task.removal.name
    joined = files.folder / "joined.json"
    if not joined.is_file():
        checkpoint = _checkpoint(files.folder / "found.jsonl", plan)
        told = reporter.progress(f"find {name}")
        run_plan(plan, task, checkpoint=checkpoint, workers=workers, scheduler=scheduler, progress=told)
        changed = join(files, plan, task.removal, reporter.progress(f"join {name}", "layer"))
        write_text(joined, json.dumps(asdict(Removed(task.removal.fewer, *changed))))
    with translate_os_errors(joined):
        return Removed(**json.loads(joined.read_text(encoding="utf-8")))
