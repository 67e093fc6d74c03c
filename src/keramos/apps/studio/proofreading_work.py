"""The heavy work of proofreading: one task at a time, in a worker process."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from keramos.apps.studio.workers.process import Message, WorkerOwner, WorkerProcess
from keramos.core.errors import KeramosError, SettingsError
from keramos.core.time_left import TimeLeft

_WORKER = "keramos.apps.studio.workers.proofread"
TASKS = {"find": "look for places", "measure": "measure again", "save": "save the corrected segmentation"}


class ProofreadingWork(WorkerOwner):
    """A task of a worker and how far it is. `tell` is called at every change, from any thread, with the task as it goes
    on, or None when it begins or ends.

    Attributes:
        task: the present task as JSON values; None without any.
        error: why the last one failed; empty if it did not.
    """

    def __init__(self, started_in: Path, tell: Callable[[dict[str, Any] | None], None]) -> None:
        super().__init__()
        self._started_in, self._tell = started_in, tell
        self._left = TimeLeft()
        self._is_stopped = False
        self.task: dict[str, Any] | None = None
        self.error = ""

    def refuse_busy(self) -> None:
        """SettingsError while a task is done."""
        if self.task is not None:
            raise SettingsError(f"the worker is still at it ({self.task['title']}); wait until it has ended")

    def start(
        self,
        task: str,
        paths: dict[str, Path | None],
        finish: Callable[[], None],
        save: Callable[[], None] | None = None,
        **more: Any,
    ) -> None:
        """Start a task of `TASKS`; `finish` takes in what it made, and may raise a KeramosError. `save` is done before,
        in a thread of its own, and may raise one, too."""
        texts = {name: None if path is None else str(path.resolve()) for name, path in paths.items()}
        request = {"type": "run", "task": task, **texts, **more}
        with self._guard:
            self.error, self._is_stopped, self._left = "", False, TimeLeft()
            about = {"name": task, "title": TASKS[task], "task": TASKS[task]}
            self.task = {**about, "done": 0, "total": 0, "seconds_left": None}
        if save is None:
            self._start_worker(request, finish)
        else:
            threading.Thread(target=self._save_and_start, args=(save, request, finish), daemon=True).start()
        self._tell(None)

    def _save_and_start(self, save: Callable[[], None], request: Message, finish: Callable[[], None]) -> None:
        try:
            save()
        except KeramosError as error:
            self.error = str(error)
        except Exception as error:  # the next task must be able to start
            self.error = f"the drawn labels could not be saved ({type(error).__name__}); ask for it again"
        if not self._start_worker(request, finish):
            self._end(0, finish)

    def _start_worker(self, request: Message, finish: Callable[[], None]) -> bool:
        """Start the worker, unless that has failed or ended already; whether it was started."""
        with self._guard:
            if self.error or self._is_stopped or self._is_closed:
                return False
            self._worker = worker = WorkerProcess(
                _WORKER,
                folder=self._started_in,
                receive=self._receive,
                ended=lambda status, _: self._end(status, finish),
            )
        worker.send(request)
        return True

    def stop(self) -> None:
        """End the task; nothing has changed then."""
        with self._guard:
            worker = self._worker
            self._is_stopped = self.task is not None
        if worker is not None:
            worker.send({"type": "cancel"})
            worker.end()

    def _receive(self, message: Message) -> None:
        with self._guard:
            if message["type"] == "progress" and self.task is not None:
                if message["task"] != self.task["task"]:
                    self._left = TimeLeft()
                left = self._left.update(time.monotonic(), message["done"], message["total"])
                shown = {name: message[name] for name in ("task", "done", "total")}
                self.task = {**self.task, **shown, "seconds_left": left}
            elif message["type"] == "error":
                self.error = str(message["message"])
        self._tell(self.task)

    def _end(self, status: int, finish: Callable[[], None]) -> None:
        with self._guard:
            if status and not self.error and not self._is_stopped and not self._is_closed:
                self.error = f"the worker ended before it was done (status {status}); ask for it again"
            try:
                if not self.error and not self._is_stopped:
                    finish()
            except KeramosError as error:
                self.error = str(error)
            except Exception as error:  # the next task must be able to start
                self.error = f"what the worker made could not be read ({type(error).__name__}); ask for it again"
            finally:
                self.task = self._worker = None
        self._tell(None)
