"""The stages of finding and measuring objects, each saved in a folder, so that a run that was killed goes on with them.

A stage is a pass over the blocks of a plan. What it has made of the first blocks is saved now and then and when it is
done; what goes with each voxel lies in the same folder. All of it is that of one run: another one starts over.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from keramos.blocks import Block, FoldCheckpoint, Plan, add_in_order, measure_in_order
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
        return add_in_order(
            plan,
            start,
            partial(measure_in_order, measure=measure, threads=threads),
            add,
            progress=progress,
            checkpoint=self._checkpoint(name),
            saves_end=True,
        )

    def once(self, name: str, make: Callable[[], T], of: Plan | None = None) -> T:
        """The value of a stage that is made at once, unless an earlier run made it; of stages in the blocks `of`."""

        def keep(value: T, *_: object) -> T:
            return value

        checkpoint = self._checkpoint(name, of)
        return add_in_order(_ONE_BLOCK, make, partial(map, _nothing), keep, checkpoint=checkpoint, saves_end=True)

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

    def _checkpoint(self, name: str, of: Plan | None = None) -> FoldCheckpoint | None:
        if self.identity is None:
            return None
        blocks = {} if of is None else {"blocks of the stages before": [of.shape, of.core_shape]}
        return FoldCheckpoint(self.folder / f"{name}.stage", {**self.identity, **blocks}, self.restart, self.every_s)


def _nothing(_: Block) -> None:
    """Measure nothing: the stage is made at once."""


def delete_stages(folder: Path) -> None:
    """Remove a folder of stages, of whatever run; nothing there is fine, and one that holds anything else stays."""
    if folder.is_dir() and all(file.suffix in _SUFFIXES for file in folder.iterdir()):
        remove_folder(folder)
