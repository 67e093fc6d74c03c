"""A job of the run list: what is done, how far it is, and what came of it."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from keramos.core.time_left import TimeLeft

State = Literal["waiting", "running", "done", "failed", "cancelled"]
OVER: tuple[State, ...] = ("done", "failed", "cancelled")
_KEPT_NOTES = 100


@dataclass(eq=False)
class Job:
    """A run of a verb, or work of the assistant.

    Attributes:
        id: its number in the project.
        kind: `verb` or `assist`.
        title: what it is called on the page.
        verb, options: of a verb, as a recipe gives them.
        folder: of what it writes, seen from the folder of the project.
        command: a line for a shell that does the same; `recipe` the table of a recipe.
        resumable: whether it goes on with what it has done when it is run again.
        error: the sentence that says why it failed.
    """

    id: int
    kind: Literal["verb", "assist"]
    title: str
    verb: str = ""
    options: Mapping[str, Any] = field(default_factory=dict)
    folder: str = ""
    command: str = ""
    recipe: str = ""
    resumable: bool = False
    state: State = "waiting"
    task: str = ""
    unit: str = ""
    done: int = 0
    total: int = 0
    rate: float | None = None
    seconds_left: float | None = None
    notes: list[str] = field(default_factory=list)
    findings: list[Mapping[str, Any]] = field(default_factory=list)
    result: Mapping[str, Any] | None = None
    error: str = ""
    started: float | None = None
    ended: float | None = None
    _left: TimeLeft = field(default_factory=TimeLeft, repr=False)
    _task_began: tuple[float, int] = field(default=(0.0, 0), repr=False)

    @property
    def is_over(self) -> bool:
        return self.state in OVER

    def begin(self) -> None:
        """It runs now."""
        self.state, self.started, self.ended, self.error = "running", time.time(), None, ""

    def wait_again(self) -> None:
        """It is to run anew: what was said of it is forgotten."""
        self.state, self.error, self.result, self.ended = "waiting", "", None, None
        self.task, self.unit, self.done, self.total = "", "", 0, 0
        self.notes, self.findings = [], []

    def report(self, task: str, unit: str, done: int, total: int) -> None:
        """Take in progress: how fast it goes, and how long it still takes."""
        now = time.monotonic()
        if task != self.task or done < self.done:
            self._left, self._task_began = TimeLeft(), (now, done)
        self.task, self.unit, self.done, self.total = task, unit, done, total
        self.seconds_left = self._left.update(now, done, total)
        seconds, made = now - self._task_began[0], done - self._task_began[1]
        self.rate = made / seconds if made and seconds > 0 else None

    def add_note(self, text: str) -> None:
        """Keep a note; of very many the last ones."""
        if text not in self.notes:
            self.notes = [*self.notes, text][-_KEPT_NOTES:]

    def end(self, state: State, error: str = "") -> None:
        """It is over."""
        self.state, self.error, self.ended = state, error, time.time()
        self.rate = self.seconds_left = None

    def to_json(self) -> dict[str, Any]:
        """JSON values by the names of the attributes."""
        return {name: value for name, value in vars(self).items() if not name.startswith("_")}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Job:
        """The inverse of `to_json`; TypeError for something else."""
        return cls(**{**data, "notes": list(data.get("notes", ())), "findings": list(data.get("findings", ()))})
