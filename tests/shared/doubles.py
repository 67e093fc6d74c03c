"""Stand-ins that many tests share: reporters that listen or kill, and a segmenter whose scores are known."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import VOID_SOLID, PhaseTable
from keramos.core.progress import Progress, Reporter
from keramos.networks import Signature
from keramos.segmenters import Segmenter


class Killed(BaseException):
    """Ends a run as a kill would: nothing that catches an Exception can stop it."""


class Notes(Reporter):
    """Remembers what the user would read."""

    def __init__(self) -> None:
        self.notes: list[str] = []

    def note(self, text: str) -> None:
        self.notes.append(text)


class Dies(Notes):
    """Raises Killed once `at` units of a task whose name starts with `task` are done.

    A float counts as a share of the task: 0.5 is past its middle.
    """

    def __init__(self, at: float, task: str = "") -> None:
        super().__init__()
        self.at, self.task = at, task

    def progress(self, task: str, unit: str = "block") -> Progress:  # noqa: ARG002
        def count(done: int, total: int) -> None:
            reached = done > self.at * total if isinstance(self.at, float) else done >= self.at
            if reached and task.startswith(self.task):
                raise Killed

        return count


@dataclass(frozen=True)
class Soft(Segmenter):
    """A segmenter whose score of solid is the grey value over 255."""

    phases: PhaseTable = VOID_SOLID
    signature: Signature = field(default_factory=Signature)
    name: str = "soft"

    def scores(self, pixels: NDArray[Any], block: Block) -> NDArray[np.float32]:
        solid = pixels[block.core_in_read.slices].astype(np.float32) / 255
        return np.stack([1 - solid, solid])

    def identity(self) -> str:
        return "soft"
