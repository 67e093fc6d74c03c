"""Projects that are opened from the page of another one, each served by a process of its own."""

from __future__ import annotations

from concurrent.futures import Future
from pathlib import Path

from keramos.apps.studio.studio import Studio
from keramos.apps.studio.workers.process import Message, WorkerProcess
from keramos.core.errors import SettingsError

_WORKER = "keramos.apps.studio.workers.project"


class BesideProjects:
    """Studios of other projects; they end with the one that opened them. `workers` are their processes, by folder."""

    def __init__(self, studio: Studio) -> None:
        self._started_in = studio.started_in
        self.workers: dict[Path, WorkerProcess] = {}
        self._addresses: dict[Path, Future[str]] = {}
        studio.closing.append(self.close)

    def open(self, stack: Path, project: Path) -> Future[str]:
        """The address of the project of a stack, which is made if need be; it comes when the project answers, or a
        SettingsError with the reason why it does not."""
        if project in self.workers and self.workers[project].is_alive:
            return self._addresses[project]
        address: Future[str] = Future()

        def receive(message: Message) -> None:
            if message["type"] == "address" and not address.done():
                address.set_result(str(message["address"]))
            elif message["type"] == "error" and not address.done():
                address.set_exception(SettingsError(str(message["message"])))

        def end(status: int, log: str) -> None:  # noqa: ARG001
            if not address.done():
                why = f"the project {project.name} could not be opened (status {status}); open it by keramos studio"
                address.set_exception(SettingsError(why))

        worker = WorkerProcess(_WORKER, folder=self._started_in, receive=receive, ended=end)
        worker.send({"type": "open", "stack": str(stack), "project": str(project)})
        self.workers[project], self._addresses[project] = worker, address
        return address

    def close(self) -> None:
        """End them; their drawings are in their journals."""
        for worker in self.workers.values():
            worker.end(0.0)
