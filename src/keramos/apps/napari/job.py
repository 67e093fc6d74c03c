"""A verb at work in a thread of its own: its progress, notes and findings reach the window, and it can be cancelled."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from threading import Event
from typing import Any

from napari.qt.threading import create_worker
from napari.utils import cancelable_progress
from qtpy.QtCore import QObject, Signal, Slot

from keramos.apps.napari.messages import explain
from keramos.core import Finding
from keramos.core.errors import KeramosError
from keramos.core.progress import Progress, Reporter

_EVERY_S = 0.1


class Cancelled(BaseException):
    """Ends a verb as Ctrl-C does on a command line: what is on the disk is whole at any moment."""


@dataclass(frozen=True)
class Outcome:
    """The result of a verb, or the sentence that says why there is none; neither where it was cancelled."""

    result: Any = None
    refusal: str = ""
    is_cancelled: bool = False


class Job(QObject):
    """A call in a thread. Its signals arrive in the thread that made it, which is that of the window.

    `said` gets notes, `noticed` findings, and `ended` the outcome, once.
    """

    said = Signal(str)
    noticed = Signal(object)
    ended = Signal(object)
    _advanced = Signal(str, object, object)
    _reported = Signal(object)

    def __init__(self, call: Callable[[Reporter], Any], title: str) -> None:
        super().__init__()
        self._call, self._title, self._stop = call, title, Event()
        self._bars: dict[str, Any] = {}
        self._advanced.connect(self._show)
        self._reported.connect(self._tell)
        self._worker = create_worker(self._work)
        self._worker.returned.connect(self._end)
        self._worker.errored.connect(self._close_bars)

    def start(self) -> None:
        """Begin."""
        self._worker.start()

    def cancel(self) -> None:
        """Ask it to stop: it does at its next block or slice."""
        self._stop.set()

    def advance(self, task: str, done: int, total: int) -> None:
        """Tell how far a task is; from any thread."""
        self._advanced.emit(task, done, total)

    def report(self, said: str | Finding) -> None:
        """Pass on a note or a finding; from any thread."""
        self._reported.emit(said)

    def stop_if_asked(self) -> None:
        """Cancelled if it is to stop."""
        if self._stop.is_set():
            raise Cancelled

    def _work(self) -> Outcome:
        """In the other thread: only signals leave it."""
        try:
            return Outcome(self._call(_JobReporter(self)))
        except Cancelled:
            return Outcome(is_cancelled=True)
        except (KeramosError, MemoryError, OSError) as error:
            return Outcome(refusal=explain(error))

    @Slot(str, object, object)
    def _show(self, task: str, done: int, total: int) -> None:
        bar = self._bars.get(task)
        if bar is None:
            bar = cancelable_progress(total=total, desc=f"{self._title}: {task}", cancel_callback=self.cancel)
            self._bars[task] = bar
        bar.total = total
        bar.update(done - bar.n)
        if done >= total:
            bar.close()

    @Slot(object)
    def _tell(self, said: str | Finding) -> None:
        if isinstance(said, Finding):
            self.noticed.emit(said)
        else:
            self.said.emit(said)

    @Slot(object)
    def _end(self, outcome: Outcome) -> None:
        self._close_bars()
        self.ended.emit(outcome)

    def _close_bars(self, _: object = None) -> None:
        for bar in self._bars.values():
            bar.close()
        self._bars.clear()


class _JobReporter(Reporter):
    """Hands everything on to the window; several times a second at most where it is progress."""

    def __init__(self, job: Job) -> None:
        self._job = job

    def progress(self, task: str, unit: str = "block") -> Progress:  # noqa: ARG002
        last = -_EVERY_S

        def show(done: int, total: int) -> None:
            nonlocal last
            self._job.stop_if_asked()
            if done >= total or time.monotonic() - last >= _EVERY_S:
                last = time.monotonic()
                self._job.advance(task, int(done), int(total))

        return show

    def note(self, text: str) -> None:
        self._job.stop_if_asked()
        self._job.report(text)

    def finding(self, finding: Finding) -> None:
        self._job.stop_if_asked()
        self._job.report(finding)
