"""The stages of finding and measuring objects, each saved in a folder, so that a run that was killed goes on with them.

A stage is a pass over the blocks of a plan. What it has made of the first blocks is saved now and then and when it is
done; what goes with each voxel lies in the same folder. All of it is that of one run: another one starts over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, TypeVar, cast

from keramos.blocks import Block, FoldCheckpoint, Plan, measure_in_order
from keramos.core.files import PARTIAL, make_folder, remove_folder
from keramos.core.progress import Progress, silent

T = TypeVar("T")
P = TypeVar("P")
_ONE_BLOCK = Plan((1, 1, 1), (1, 1, 1))
_SUFFIXES = (".stage", ".zarr", PARTIAL)
"""The stages, what goes with each voxel, and what a killed run had begun to write."""


@dataclass(frozen=True, eq=False)
class Stages:
    """The folder of the stages of a run.

    Attributes:
        folder: for what does not fit into memory, too.
        identity: the settings and inputs that decide the result, by name; None for a folder that passes with the run,
            in which no stage is saved.
        restart: told why the stages of an earlier run cannot be used.
        every_s: seconds between two savings of a stage.
    """

    folder: Path
    identity: Mapping[str, Any] | None = None
    restart: Callable[[str], None] = lambda _: None
    every_s: float = 30.0

    def begin(self, first: str, plan: Plan) -> None:
        """Empty the folder, unless it holds what this run has made of the `first` stage."""
        checkpoint = self._checkpoint(first)
        if checkpoint is None or checkpoint.load(plan) is None:
            self.delete()
        make_folder(self.folder)

    def fold(
        self,
        name: str,
        plan: Plan,
        start: Callable[[], T],
        measure: Callable[[Block], P],
        add: Callable[[T, Block, P], T],
        *,
        threads: int = 1,
        progress: Progress = silent,
    ) -> T:
        """The value of a stage: that of `start`, to which `add` adds what is measured of each block, in their order,
        from the block on that an earlier run had not added. Blocks are measured in threads."""
        checkpoint = self._checkpoint(name)
        kept = None if checkpoint is None else checkpoint.load(plan)
        first = 0 if kept is None else kept[0]
        value = start() if kept is None else cast(T, kept[1])
        blocks = list(islice(plan, first, None))
        for block, part in zip(blocks, measure_in_order(blocks, measure, threads=threads), strict=True):
            value = add(value, block, part)
            progress(block.index + 1, len(plan))
            if checkpoint is not None:
                save = checkpoint.save_now if block is blocks[-1] else checkpoint.save
                save(block.index + 1, value)
        return value

    def once(self, name: str, make: Callable[[], T]) -> T:
        """The value of a stage that is made at once, unless an earlier run made it."""

        def keep(value: T, *_: object) -> T:
            return value

        return self.fold(name, _ONE_BLOCK, make, lambda _: None, keep)

    def find(self, name: str) -> Any:
        """The value that an earlier run with this identity made `once`; None without one. Nothing is removed."""
        checkpoint = self._checkpoint(name)
        if checkpoint is None or checkpoint.read_plan() != _ONE_BLOCK:
            return None
        kept = checkpoint.load(_ONE_BLOCK)
        return None if kept is None else kept[1]

    def forget(self, name: str) -> None:
        """Make a stage anew."""
        (self.folder / f"{name}.stage").unlink(missing_ok=True)

    def delete(self) -> None:
        """Remove the folder and all stages: the result is saved elsewhere, or they are of another run."""
        if self.folder.is_dir():
            remove_folder(self.folder)

    def delete_unsaved(self) -> None:
        """Remove the folder if it holds no stage."""
        if not any(self.folder.glob("*.stage")):
            self.delete()

    def _checkpoint(self, name: str) -> FoldCheckpoint | None:
        if self.identity is None:
            return None
        return FoldCheckpoint(self.folder / f"{name}.stage", self.identity, self.restart, self.every_s)


def delete_stages(folder: Path) -> None:
    """Remove a folder of stages, of whatever run; nothing there is fine, and one that holds anything else stays."""
    if folder.is_dir() and all(file.suffix in _SUFFIXES for file in folder.iterdir()):
        remove_folder(folder)
