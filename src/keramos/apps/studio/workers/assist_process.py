"""The server's end of the assistant: requests with answers, its work as jobs of the run list, and its restart."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from keramos.apps.studio.workers.job import Job
from keramos.apps.studio.workers.process import Message, WorkerOwner, WorkerProcess
from keramos.core.errors import SettingsError

WORKER = "keramos.apps.studio.workers.assistant"
_KEPT_JOBS = 100
_GONE = "the assistant has ended before it answered; ask again: it starts anew, and all models are kept"


class AssistProcess(WorkerOwner):
    """The assistant of a project, started when it is first asked. From any thread.

    `hear` gets what it says by itself: {"type": "proposed" | "learnt" | "status" | "whole-stack", ...}; `announce` each
    change of a job.
    """

    def __init__(
        self,
        project: Path,
        started_in: Path,
        hear: Callable[[Message], None],
        announce: Callable[[Job], None],
    ) -> None:
        super().__init__()
        self._project, self._started_in, self._hear, self._announce = project, started_in, hear, announce
        self._numbers, self._job_numbers = itertools.count(1), itertools.count(1)
        self._opened: Mapping[str, Any] | None = None
        self._pending: dict[int, Future[Any]] = {}
        self._jobs: list[Job] = []
        self._job_of: dict[int, Job] = {}

    @property
    def process_number(self) -> int | None:
        """The number of the process; None if it does not run."""
        with self._guard:
            return None if self._worker is None else self._worker.number

    def list_jobs(self) -> list[Job]:
        """Its trainings and the proposing of the whole stack; of those that are over the last ones."""
        with self._guard:
            return list(self._jobs)

    def open(self, phases: list[dict[str, Any]], positive: str) -> Future[Any]:
        """Have it open the stack with these phases, if it has not yet; the answer is its status."""
        opened = {"type": "open", "phases": phases, "positive": positive}
        with self._guard:
            self._opened = opened
        return self.ask(opened)

    def ask(self, request: Message) -> Future[Any]:
        """Send a request. The answer, or a SettingsError with the sentence that says why there is none, comes later."""
        return self._send(request)[1]

    def learn(self, request: Message) -> Job:
        """Have it learn; the job says how far it is, and has the record of the model as its result."""
        with self._guard:
            job = self._add_job("Learn")
            number, _ = self._send(request)
            self._job_of[number] = job
        self._announce(job)
        return job

    def _send(self, request: Message) -> tuple[int, Future[Any]]:
        with self._guard:
            if self._is_closed:
                raise SettingsError("the studio is closing")
            worker, number, answer = self._start(), next(self._numbers), Future[Any]()
            self._pending[number] = answer
            worker.send({**request, "id": number})  # where it has gone, its end answers
        return number, answer

    def stop(self) -> None:
        """End the training early, which keeps its model, and the proposing of the whole stack."""
        with self._guard:
            worker = self._worker
        if worker is not None:
            worker.send({"type": "stop"})  # it says when the proposing has ended; after its death `_end` does

    def _start(self) -> WorkerProcess:
        if self._worker is None:
            self._worker = WorkerProcess(
                WORKER,
                folder=self._started_in,
                receive=self._receive,
                ended=self._end,
                arguments=(str(self._project.resolve()),),
            )
            if self._opened is not None:
                self._worker.send({**self._opened, "id": 0})
        return self._worker

    def _receive(self, message: Message) -> None:
        kind = message["type"]
        if kind in ("answer", "refused"):
            self._take_answer(message)
        elif kind in ("progress", "note", "finding"):
            self._report(message)
        else:
            if kind == "whole-stack":
                self._end_whole_stack(message)
            self._hear(message)

    def _take_answer(self, message: Message) -> None:
        number, refused = message.get("id"), message["type"] == "refused"
        with self._guard:
            answer = self._pending.pop(number, None)  # type: ignore[arg-type]
            job = self._job_of.pop(number, None)  # type: ignore[arg-type]
        if job is not None:
            job.result = None if refused else message["result"]
            over = "failed" if refused else "done" if message["result"] is not None else "cancelled"
            self._end_job(job, over, str(message.get("message", "")))
        if answer is None or answer.done():
            return
        if refused:
            answer.set_exception(SettingsError(str(message["message"])))
        else:
            answer.set_result(message["result"])

    def _report(self, message: Message) -> None:
        with self._guard:
            whole = message.get("task") == "propose the whole stack"
            job = self._running("whole-stack") if whole else next(iter(self._job_of.values()), None)
            if job is None and whole:
                job = self._add_job("Propose the whole stack", "whole-stack")
            if job is None:
                return
            if message["type"] == "progress":
                job.report(*(message[name] for name in ("task", "unit", "done", "total")))
            elif message["type"] == "note":
                job.add_note(str(message["text"]))
            else:
                job.findings.append(message["finding"])
        self._announce(job)

    def _add_job(self, title: str, verb: str = "learn") -> Job:
        job = Job(-next(self._job_numbers), "assist", title, verb=verb)
        job.begin()
        going = [each for each in self._jobs[:-_KEPT_JOBS] if not each.is_over]
        self._jobs = [*going, *self._jobs[-_KEPT_JOBS:], job]
        return job

    def _running(self, verb: str) -> Job | None:
        return next((job for job in self._jobs if job.verb == verb and not job.is_over), None)

    def _end_whole_stack(self, message: Message) -> None:
        with self._guard:
            job = self._running("whole-stack")
        if job is not None:
            self._end_job(job, message["state"], str(message.get("message", "")))

    def _end_job(self, job: Job, state: Any, error: str = "") -> None:
        with self._guard:
            job.end(state, error)
        self._announce(job)

    def _end(self, status: int, log: str) -> None:
        """The process has ended: whoever waits is told, and the next request starts another."""
        with self._guard:
            pending, self._pending, self._worker = self._pending, {}, None
            running = [job for job in self._jobs if not job.is_over]
            self._job_of.clear()
        for job in running:
            self._end_job(job, "failed", f"{_GONE} (status {status})")
        for answer in pending.values():
            if not answer.done():
                answer.set_exception(SettingsError(_GONE))
        if not self._is_closed:
            self._hear({"type": "ended", "log": log})
