"""The copy of a stack that has no coarser levels, made by a worker while the page already shows its slices."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keramos.apps.studio.workers.process import Message, WorkerOwner, WorkerProcess
from keramos.core.time_left import TimeLeft
from keramos.project.workspace import Workspace

WORKER = "keramos.apps.studio.workers.copy_stack"
ID = "copy"
_TITLE = "Prepare the stack for all planes"


class StackCopying(WorkerOwner):
    """A copy that is being made. `tell` hears the state of the work as a job, `finish` that it is done; both are called
    by threads of the worker."""

    def __init__(self, workspace: Workspace, tell: Callable[[Message], None], finish: Callable[[], None]) -> None:
        super().__init__()
        self._tell, self._finish = tell, finish
        self._left, self._task = TimeLeft(), ""
        self._error = ""
        self._is_done = False
        self.job: dict[str, Any] = {"id": ID, "kind": "copy", "title": _TITLE, "state": "running", "notes": []}
        self._worker = WorkerProcess(
            WORKER,
            folder=Path.cwd(),
            arguments=(str(workspace.folder),),
            receive=self._receive,
            ended=self._end,
        )

    def _receive(self, message: Message) -> None:
        kind = message["type"]
        if kind == "progress":
            if message["task"] != self._task:
                self._task, self._left = message["task"], TimeLeft()
            left = self._left.update(time.monotonic(), message["done"], message["total"])
            shown = {name: message[name] for name in ("task", "unit", "done", "total")}
            self.job |= {**shown, "seconds_left": left}
            self._tell(self.job)
        elif kind == "error":
            self._error = str(message["message"])
        elif kind == "result":
            self._is_done = True

    def _end(self, status: int, _log: str) -> None:
        if self._is_done:
            self._finish()
            self.job |= {"state": "done", "seconds_left": None}
        else:
            why = self._error or f"the copy of the stack ended without a result (status {status})"
            self.job |= {"state": "failed", "error": why, "notes": [why], "seconds_left": None}
        self._tell(self.job)
