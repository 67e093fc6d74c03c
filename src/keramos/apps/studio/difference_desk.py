"""The comparison of two layers in a studio: one at a time, in a worker, with its layer and its places."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import Any

from keramos.apps.studio.difference_layers import show_difference
from keramos.apps.studio.layers import LABELS, Layer
from keramos.apps.studio.studio import Studio
from keramos.apps.studio.workers.process import Message, WorkerProcess
from keramos.core.errors import SettingsError

_WORKER = "keramos.apps.studio.workers.differences"


class DifferenceDesk:
    """A comparison as the page shows it, from any thread. A new comparison ends the one that goes on."""

    def __init__(self, studio: Studio) -> None:
        self._studio, self._guard = studio, threading.RLock()
        self._worker: WorkerProcess | None = None
        self._told: dict[str, Any] = {"first": None, "second": None, "task": None, "error": "", "result": None}
        studio.closing.append(self.close)

    def to_json(self) -> dict[str, Any]:
        """The names of the two layers, how far the work is, why it failed, and the differences."""
        return dict(self._told)

    def compare(self, first: str, second: str) -> None:
        """Show the difference of two layers, and look for its places. KeramosError where they cannot be compared."""
        layers = [self._find(name) for name in (first, second)]
        if first == second:
            raise SettingsError("choose two different layers to compare")
        show_difference(self._studio, *layers)
        self.close()
        with self._guard:
            worker = WorkerProcess(
                _WORKER,
                folder=self._studio.started_in,
                receive=lambda message: self._receive(worker, message),
                ended=lambda *_: self._end(worker),
            )
            self._worker = worker
            self._told = {
                "first": first,
                "second": second,
                "task": {"done": 0, "total": 0},
                "error": "",
                "result": None,
            }
        paths = {name: str(self._path_of(layer)) for name, layer in zip(("first", "second"), layers, strict=True)}
        worker.send({"type": "run", **paths})
        self._tell()

    def close(self) -> None:
        """End what goes on."""
        with self._guard:
            worker, self._worker = self._worker, None
        if worker is not None:
            worker.kill()

    def _find(self, name: str) -> Layer:
        layer = self._studio.layers.get(name)
        if layer is None or layer.kind != "labels" or (layer.path is None and name != LABELS):
            raise SettingsError(f"'{name[:80]}' is no layer of labels in a file; open one first")
        return layer

    def _path_of(self, layer: Layer) -> Path:
        path = self._studio.workspace.labels if layer.path is None else layer.path
        return path.resolve()

    def _receive(self, worker: WorkerProcess, message: Message) -> None:
        with self._guard:
            if worker is not self._worker:  # another comparison goes on instead
                return
            if message["type"] == "progress":
                self._told["task"] = {name: message[name] for name in ("done", "total")}
            elif message["type"] == "error":
                self._told["error"] = str(message["message"])
            elif message["type"] == "result":
                self._told["result"] = message["result"]
        self._tell()

    def _end(self, worker: WorkerProcess) -> None:
        with self._guard:
            if worker is not self._worker:
                return
            self._worker, self._told["task"] = None, None
            if self._told["result"] is None and not self._told["error"]:
                self._told["error"] = "the comparison ended before it was done; ask for it again"
        self._tell()

    def _tell(self) -> None:
        self._studio.broadcast({"type": "difference", "difference": self.to_json()})
