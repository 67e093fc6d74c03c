"""Remove small components from labels, resumable at any moment.

raw labels -> find the candidates of each block -> join the blocks -> new codes; for holes again, with the specks
removed on reading; then every block of the result is written from the raw labels, which nothing changes: what a killed
run left is written again.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Checkpoint, Plan, computing_versions, open_checkpoint, plan_identity, run_plan
from keramos.core.files import remove_folder
from keramos.core.options import result_identity
from keramos.core.progress import Reporter
from keramos.io import ZarrWriter
from keramos.segmenters.component_filter.candidates import Candidates, find_candidates, replace_codes
from keramos.segmenters.component_filter.join import Files, join_blocks
from keramos.segmenters.component_filter.removal import Removal

_ALONE = 64
"""So many blocks are done before other processes have even started."""


@dataclass(frozen=True)
class Removed:
    """The components with fewer voxels than stated that were removed, and their voxels."""

    fewer: int
    components: int
    voxels: int


@dataclass(frozen=True)
class _Source:
    """The raw labels, from which earlier removals are made on reading."""

    labels: ZarrWriter
    earlier: tuple[Files, ...]

    def read(self, block: Block) -> NDArray[np.uint8]:
        return np.array(self.labels.read(block.core), np.uint8)

    def remove_earlier(self, codes: NDArray[np.uint8], block: Block) -> NDArray[np.uint8]:
        for files in self.earlier:
            replace_codes(codes, files.candidates(block.index), files.new_codes(block.index))
        return codes


@dataclass(frozen=True)
class _Find(_Source):
    """The task of finding the candidates of a block."""

    removal: Removal
    files: Files

    def __call__(self, block: Block) -> None:
        self.write(block, self.compute(block, self.read(block)))

    def compute(self, block: Block, codes: NDArray[np.uint8]) -> Candidates:
        return find_candidates(self.remove_earlier(codes, block), self.removal, block.core, self.labels.shape)

    def write(self, block: Block, candidates: Candidates) -> None:
        candidates.save(self.files.candidates(block.index))


@dataclass(frozen=True)
class _Rewrite(_Source):
    """The task of writing a block without its small components."""

    result: ZarrWriter

    def __call__(self, block: Block) -> None:
        self.write(block, self.compute(block, self.read(block)))

    def compute(self, block: Block, codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
        return self.remove_earlier(codes, block)

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
    """Write `labels` without their small components to `result`, one removal after the other.

    Each stage has its checkpoint in `folder`, from which a killed run is resumed. The `labels` stay as they are.

    Raises:
        StorageError: the disk refuses.
        ResumeError: what is in `folder` belongs to other blocks or removals.
    """
    workers = workers if len(plan) > _ALONE else 1
    done: list[Files] = []
    removed = []
    for removal in removals:
        files = Files(folder / removal.name)
        task = _Find(labels, tuple(done), removal, files)
        removed.append(_find_and_join(task, plan, workers, scheduler, reporter))
        done.append(files)
    run_plan(
        plan,
        _Rewrite(labels, tuple(done), result),
        checkpoint=_open(folder / "rewritten.jsonl", plan, removals),
        workers=workers,
        scheduler=scheduler,
        progress=reporter.progress(" and ".join(removal.verb for removal in removals)),
    )
    return removed


def discard(folder: Path) -> None:
    """Delete the folder of the stages, once nothing is left to do. StorageError if that cannot be."""
    if folder.exists():
        remove_folder(folder)


def _find_and_join(task: _Find, plan: Plan, workers: int, scheduler: str | None, reporter: Reporter) -> Removed:
    """Find the small components and choose their new codes, unless that is done."""
    files, removal = task.files, task.removal
    checkpoint = _open(files.folder / "candidates.jsonl", plan, [removal])
    if not checkpoint.is_finished:
        progress = reporter.progress(f"find {removal.name}")
        run_plan(plan, task, checkpoint=checkpoint, workers=workers, scheduler=scheduler, progress=progress)
        components, voxels = join_blocks(files, plan, removal, reporter.progress(f"join {removal.name}", "layer"))
        checkpoint.finish(components=components, voxels=voxels)
    return Removed(removal.fewer, **(checkpoint.result or {}))


def _open(path: Path, plan: Plan, removals: Sequence[Removal]) -> Checkpoint:
    identity = {"removals": [result_identity(removal) for removal in removals]}
    return open_checkpoint(path, {**identity, **plan_identity(plan), **computing_versions()}, output=path.parent)
