"""Everything of a studio that happens in worker processes: the assistant, and the run list."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from keramos.apps.studio.layers import phases_to_json
from keramos.apps.studio.proposal_layers import renew_slices, show_proposals
from keramos.apps.studio.studio import Studio
from keramos.apps.studio.workers.assist_process import AssistProcess
from keramos.apps.studio.workers.job import Job
from keramos.apps.studio.workers.process import Message, WorkerProcess
from keramos.apps.studio.workers.run_list import RunList
from keramos.core import PhaseTable
from keramos.core.errors import KeramosError, SettingsError

CATALOGUE = "keramos.apps.studio.workers.catalogue"


class Beside:
    """The assistant and the run list of a studio, which tells its pages what they do.

    Attributes:
        assist: the process that learns and proposes.
        runs: the jobs of verbs.
        status: of the assistant, as it was last said; None until it has answered.
    """

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.status: dict[str, Any] | None = None
        folder, here = studio.workspace.folder, studio.started_in
        self.runs = RunList(studio.workspace.runs, here, self._announce)
        self.assist = AssistProcess(folder, here, self._hear, self._announce)
        self._phases: PhaseTable | None = None
        self._catalogue: Future[Message] | None = None
        self._guard = threading.Lock()
        studio.closing += [self.assist.close, self.runs.close]

    async def open(self) -> dict[str, Any]:
        """The status of the assistant, which is started and told the phases if need be. KeramosError."""
        phases = self._studio.editor.drawing.phases
        if self.status is None or phases != self._phases:
            positive = phases.phases[phases.positive].name
            answer = self.assist.open(phases_to_json(phases), positive)
            status: dict[str, Any] = await asyncio.wrap_future(answer)
            self.status, self._phases = status, phases
            await self._studio.in_thread(show_proposals, self._studio)
            return status
        return self.status

    async def ask(self, request: Message) -> Any:
        """The assistant's answer to a request. KeramosError with the reason where there is none."""
        await self.open()
        return await asyncio.wrap_future(self.assist.ask(request))

    async def learn(self, request: Message) -> Job:
        """Save what is drawn, and have it learnt; the job says how far it is. KeramosError."""
        await self.open()
        number, drawn = await self._studio.save_labels()
        if len(set(drawn.counts()) & set(range(len(drawn.phases)))) < 2:
            raise SettingsError("there is something to learn once two phases are drawn; draw some of each")
        slices = list(drawn.annotated_slices())
        return self.assist.learn({**request, "type": "learn", "slices": slices, "edit": number})

    async def catalogue(self) -> Message:
        """The options of all verbs, which a worker describes once. KeramosError where it could not; asked again, it
        tries again."""
        with self._guard:
            if self._catalogue is None or (self._catalogue.done() and self._catalogue.exception()):
                self._catalogue = _describe_verbs(self._studio.started_in)
        return await asyncio.wrap_future(self._catalogue)

    def list_jobs(self) -> list[Job]:
        """The jobs of verbs, and the work of the assistant."""
        return [*self.runs.list_jobs(), *self.assist.list_jobs()]

    def _announce(self, job: Job) -> None:
        self._studio.broadcast({"type": "job", "job": job.to_json()})

    def _hear(self, message: Message) -> None:
        """Take in what the assistant says by itself; in a thread of its own."""
        kind = message["type"]
        if kind == "proposed":
            renew_slices(self._studio, list(message["slices"]))
        if "status" in message:
            self.status = dict(message["status"])
        if kind == "ended":
            self.status = None
        self._studio.broadcast({"type": "assist", "event": kind, "status": self.status})


def _describe_verbs(folder: Path) -> Future[Message]:
    described: Future[Message] = Future()

    def receive(message: Message) -> None:
        if message["type"] == "catalogue" and not described.done():
            described.set_result(message)

    def end(status: int, log: str) -> None:  # noqa: ARG001
        if not described.done():
            described.set_exception(KeramosError(f"the options of the verbs could not be read (status {status})"))

    WorkerProcess(CATALOGUE, folder=folder, receive=receive, ended=end)
    return described
