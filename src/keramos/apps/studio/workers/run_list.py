"""The run list of a project: verbs are run one after the other, each in a worker of its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from keramos.apps.studio.workers.catalogue import VERBS, Row
from keramos.apps.studio.workers.commands import write_recipe_table
from keramos.apps.studio.workers.job import Job
from keramos.apps.studio.workers.process import Message, WorkerOwner, WorkerProcess
from keramos.apps.studio.workers.run_folder import CUT_SHORT, next_folder, read_jobs, save_job, write_seen_from
from keramos.core.errors import SettingsError, StorageError
from keramos.settings.command_line import write_command

WORKER = "keramos.apps.studio.workers.verb"


class RunList(WorkerOwner):
    """Jobs of a project, from any thread. `announce` is told of every change of a job."""

    def __init__(self, runs: Path, started_in: Path, announce: Callable[[Job], None]) -> None:
        super().__init__()
        self.runs, self.started_in, self._announce = runs, started_in, announce
        self._jobs = {job.id: job for job in read_jobs(runs)}
        self._running: Job | None = None
        self._cancelled: set[int] = set()

    def list_jobs(self) -> list[Job]:
        """All jobs, the first one first."""
        with self._guard:
            return list(self._jobs.values())

    def submit(self, verb: str, rows: list[Row], options: Mapping[str, Any]) -> Job:
        """Have a verb run with these options, by their names; outputs that they leave out lie in the folder of the run.
        `rows` are the options of the verb."""
        about = VERBS[verb]
        with self._guard:
            folder = next_folder(self.runs, verb)
            given = {**options, **_place_outputs(verb, options, write_seen_from(folder, self.started_in))}
            table = write_recipe_table(verb, rows, given) if about.in_recipe else ""
            job = Job(
                int(folder.name[:4]),
                "verb",
                about.title,
                verb=verb,
                options=given,
                folder=folder.name,
                command=write_command(verb, rows, given),
                recipe=table,
                resumable=about.resumes,
            )
            self._jobs[job.id] = job
            save_job(self.runs, job)
        self._announce(job)
        self._start_next()
        return job

    def cancel(self, number: int) -> Job:
        """End a job: one that waits is taken back, one that runs is asked to stop, and killed if it does not.

        Raises:
            SettingsError: there is no job of that number, or it is over.
        """
        with self._guard:
            job = self._find(number)
            if job.is_over:
                raise SettingsError(f"job {number} is over already")
            if job is not self._running:
                job.end("cancelled")
                save_job(self.runs, job)
            elif self._worker is not None:
                self._cancelled.add(number)
                self._worker.send({"type": "cancel"})
                self._worker.end()
        self._announce(job)
        return job

    def resume(self, number: int) -> Job:
        """Run a job again that failed or was cancelled: what can go on does, the rest starts over. SettingsError."""
        with self._guard:
            job = self._find(number)
            if not job.is_over:
                raise SettingsError(f"job {number} has not ended yet")
            job.wait_again()
            self._cancelled.discard(number)
        self._announce(job)
        self._start_next()
        return job

    def _find(self, number: int) -> Job:
        if number not in self._jobs:
            raise SettingsError(f"there is no job {number} in this project")
        return self._jobs[number]

    def _start_next(self) -> None:
        with self._guard:
            waiting = [job for job in self._jobs.values() if job.state == "waiting"]
            if self._running is not None or not waiting or self._is_closed:
                return
            job = waiting[0]
            job.begin()
            try:
                save_job(self.runs, job)
                self._worker = self._start(job)
                self._running = job
            except (StorageError, OSError) as error:
                job.end("failed", f"it could not be started: {error}; run it again when there is room")
        self._announce(job)
        if job.is_over:
            self._start_next()

    def _start(self, job: Job) -> WorkerProcess:
        worker = WorkerProcess(
            WORKER,
            folder=self.started_in,
            receive=lambda message: self._receive(job, message),
            ended=lambda status, log: self._end(job, status, log),
        )
        worker.send({"type": "run", "verb": job.verb, "options": dict(job.options), "replace": True})
        return worker

    def _receive(self, job: Job, message: Message) -> None:
        with self._guard:
            kind = message["type"]
            if kind == "progress":
                job.report(*(message[name] for name in ("task", "unit", "done", "total")))
            elif kind == "note":
                job.add_note(str(message["text"]))
            elif kind == "finding":
                job.findings.append(message["finding"])
            elif kind == "result":
                job.result = message["result"]
            elif kind == "error":
                job.error = str(message["message"])
        self._announce(job)

    def _end(self, job: Job, status: int, log: str) -> None:
        """The worker of a job has ended, in whatever way."""
        with self._guard:
            if job.id in self._cancelled and job.result is None:
                job.end("cancelled")
            elif job.error:
                job.end("failed", job.error)
            elif job.result is not None:
                job.end("done")
            else:
                job.end("failed", CUT_SHORT if self._is_closed else _explain_end(status, job))
            self._cancelled.discard(job.id)
            self._running = self._worker = None
            with suppress(StorageError):  # a full disk: the next studio takes it for one that was cut short
                save_job(self.runs, job, log)
        self._announce(job)
        self._start_next()


def _place_outputs(verb: str, options: Mapping[str, Any], folder: str) -> dict[str, str]:
    """The outputs of a run, in its folder: those it always writes, and those that were asked for."""
    about = VERBS[verb]
    wanted = {name: file for name, file in about.outputs.items() if name not in about.optional or options.get(name)}
    return {
        name: str(Path(folder) / (str(options[name]) if isinstance(options.get(name), str) else file))
        for name, file in wanted.items()
    }


def _explain_end(status: int, job: Job) -> str:
    """Why a worker ended without a word."""
    again = "run it again to go on with what it has done" if job.resumable else "run it again"
    if status in (-9, 137):
        return f"the process was killed, perhaps because memory ran out; {again}, with less memory if it asks for some"
    if status < 0:
        return f"the process was ended by signal {-status}; {again}"
    return f"the process ended without a result (status {status}); its last lines are in log.txt of the run; {again}"
