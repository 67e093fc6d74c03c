"""The desk of proofreading in a studio: which segmentation is read, its queue, decisions, and what a worker is at."""

from __future__ import annotations

import json
import re
import threading
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from keramos.annotation.drawing import Drawing
from keramos.annotation.proofreading import (
    KINDS,
    Decision,
    Decisions,
    DrawnSource,
    Place,
    draw_corrections,
    edit_of,
    label_corrections,
)
from keramos.apps.studio.drawing_voxels import DrawingVoxels
from keramos.apps.studio.layers import Layer
from keramos.apps.studio.readable import find_readable
from keramos.apps.studio.studio import IMAGES, Studio
from keramos.apps.studio.workers.process import Message, WorkerProcess
from keramos.core import LabelVolume
from keramos.core.errors import KeramosError, MissingFileError, SettingsError
from keramos.core.files import write_text
from keramos.io import remove_store, save_labels
from keramos.project.proofreading import Proofreading
from keramos.project.workspace.recipe_file import relative_path

CORRECTIONS = "corrections"
_WORKER = "keramos.apps.studio.workers.proofread"
_SHOWN = 300
TASKS = {"find": "look for places", "measure": "measure again", "save": "save the corrected segmentation"}


@dataclass(eq=False)
class OpenProofreading:
    """A segmentation that is proofread: its layer, files, queue, and corrections as a drawing."""

    layer: str
    files: Proofreading
    labels: LabelVolume
    decisions: Decisions
    drawing: Drawing
    places: tuple[Place, ...] = ()
    numbers: Mapping[str, Any] | None = None
    measured_at: int = -1
    changed: list[bool] = field(default_factory=list)


class ProofreadingDesk:
    """Proofreading of one layer at a time. Its methods belong to the thread of the drawing, but for `_receive`."""

    def __init__(self, studio: Studio) -> None:
        self._studio, self._home = studio, studio.workspace.folder / "proofreading"
        self._open: OpenProofreading | None = None
        self._worker: WorkerProcess | None = None
        self._guard = threading.RLock()
        self._task: dict[str, Any] | None = None
        self._error, self._is_stopped = "", False
        studio.closing.append(self.close)
        self._reopen()

    def to_json(self) -> dict[str, Any]:
        """Everything that the panel shows."""
        row: dict[str, Any] = {"layer": None, "task": self._task, "error": self._error, "places": [], "next": None}
        row["kinds"] = {kind.name: kind.title for kind in KINDS.values()}
        now = self._open
        if now is None:
            return row
        made = now.decisions.made
        choices = {one.place.id: one for one in made}
        waiting = now.decisions.select_open(now.places)
        shown = [place.to_json() for place in now.places[:_SHOWN]]
        for place in shown:
            decision = choices.get(place["id"])
            place["choice"] = None if decision is None else decision.choice
        return row | {
            "layer": now.layer,
            "phases": list(now.labels.phases.names),
            "segmentation": now.files.segmentation.name,
            "other": None if now.files.other is None else now.files.other.name,
            "places": shown,
            "left": len(waiting),
            "next": waiting[0].id if waiting else None,
            "decided": [one.to_json() for one in made[-20:]],
            "count": len(made),
            "numbers": now.numbers,
            "numbers_are_new": now.measured_at == len(made),
            "findings": [finding.to_json() for finding in now.decisions.findings],
        }

    def find(self, layer: str, other: str | None, kinds: list[str]) -> None:
        """Look for places in a layer, in a worker. KeramosError where the layer cannot be proofread."""
        self._refuse_busy()
        if self._open is None or self._open.layer != layer:
            self._take_up(layer, self._path_of(layer))
        self._now.files = replace(self._now.files, other=None if other is None else self._path_of(other))
        self._remember()
        self._start("find", kinds=kinds)

    def decide(self, place_id: str, choice: str, to: str) -> Decision:
        """Keep a decision on a place. KeramosError; nothing has changed then."""
        now, place = self._now, self._find(place_id)
        if choice == "redraw":
            self._refuse_other_phases()
        decision = now.decisions.decide(place, choice, to)
        edit = edit_of(decision, now.drawing)
        now.drawing.make(edit)
        now.changed.append(bool(edit.patches))
        self._show(place)
        return decision

    def take_back(self) -> Decision | None:
        """Take the last decision back."""
        now = self._now
        last = now.decisions.take_back()
        if last is not None:
            if now.changed.pop():
                now.drawing.undo()
            self._show(last.place)
        return last

    def give_voxels(self, place_id: str) -> dict[str, Any]:
        """The box of a place and its voxels in it, as bits (Z Y X, eight a byte, the first one highest) in base64."""
        place = self._find(place_id)
        bits = b64encode(np.packbits(place.mask).tobytes()).decode("ascii")
        return {"box": [list(place.box.start), list(place.box.stop)], "bits": bits}

    def run(self, task: str) -> None:
        """Measure again, or save, in a worker."""
        self._refuse_busy()
        if task not in TASKS:
            raise SettingsError(f"a task of proofreading is one of {', '.join(TASKS)}")
        self._start(task)

    def stop(self) -> None:
        """End what the worker is at; nothing has changed then."""
        with self._guard:
            worker = self._worker
            self._is_stopped = worker is not None
        if worker is not None:
            worker.send({"type": "cancel"})
            worker.end()

    def use_as_labels(self) -> None:
        """Make labels of the corrections, so that they are learnt from; labels that are there already stay."""
        self._refuse_other_phases()
        for edit in label_corrections(self._now.drawing, self._studio.editor.drawing):
            self._studio.editor.change(lambda _, edit=edit: edit)  # type: ignore[misc]

    def close(self) -> None:
        """End the worker; what it was at is done again when it is asked for."""
        if self._worker is not None:
            self._worker.kill()

    @property
    def _now(self) -> OpenProofreading:
        if self._open is None:
            raise SettingsError("no segmentation is proofread yet; look for places in one first")
        return self._open

    def _find(self, place_id: str) -> Place:
        place = next((one for one in self._now.places if one.id == place_id), None)
        if place is None:
            raise SettingsError("this place is not in the queue; look for places again")
        return place

    def _refuse_busy(self) -> None:
        if self._task is not None:
            raise SettingsError(f"the worker is still at it ({self._task['title']}); wait until it has ended")

    def _refuse_other_phases(self) -> None:
        own, drawn = self._now.labels.phases.names, self._studio.editor.drawing.phases.names
        if own != drawn:
            raise SettingsError(
                f"the segmentation has the phases {', '.join(own)}, the labels {', '.join(drawn)}; name the phases of "
                "the labels as those of the segmentation first"
            )

    def _path_of(self, name: str) -> Path:
        layer = self._studio.layers.get(name)
        path = None if layer is None else layer.path
        if layer is None or path is None or layer.kind != "labels":
            raise SettingsError(f"'{name[:80]}' is no layer of a segmentation that is in a file; open one first")
        return path

    def _take_up(self, layer: str, path: Path) -> None:
        """Open the files of a segmentation, and show its corrections."""
        name = re.sub("[^a-z0-9]+", "-", path.name.lower()).strip("-")[:40]
        files = Proofreading(path, self._home / f"{name}-{crc32(str(path.resolve()).encode()):08x}")
        labels = files.open_labels()
        decisions = files.open_decisions(labels)
        drawing = draw_corrections((), labels)
        now = OpenProofreading(layer, files, labels, decisions, drawing)
        for decision in decisions.made:
            edit = edit_of(decision, drawing)
            drawing.make(edit)
            now.changed.append(bool(edit.patches))
        self._open = now
        self._read_results()
        levels = self._studio.layers[IMAGES].voxels.levels
        self._studio.show_layer(
            Layer(CORRECTIONS, CORRECTIONS, "labels", DrawingVoxels(drawing, levels), drawing.phases)
        )

    def _read_results(self) -> None:
        now = self._now
        try:
            now.places = now.files.load_places()
        except MissingFileError:
            now.places = ()
        if now.files.numbers_file.is_file():
            now.numbers = json.loads(now.files.numbers_file.read_text("utf-8"))

    def _show(self, place: Place) -> None:
        """Tell the pages what changed."""
        layer = self._studio.layers.get(CORRECTIONS)
        if layer is not None:
            layer.version += 1
            slices = list(range(place.box.start[0], place.box.stop[0]))
            self._studio.broadcast({"type": "changed", "layer": CORRECTIONS, "slices": slices})
        self._tell()

    def _tell(self) -> None:
        self._studio.broadcast({"type": "proofread"})

    def _start(self, task: str, **more: Any) -> None:
        now, (segmentation, folder) = self._now, (self._now.files.segmentation, self._now.files.folder)
        self._error, self._is_stopped, count = "", False, len(now.decisions.made)
        self._task = {"name": task, "title": TASKS[task], "task": TASKS[task], "done": 0, "total": 0}
        drawn, other = self._save_drawn(), now.files.other
        self._worker = WorkerProcess(
            _WORKER,
            folder=self._studio.started_in,
            receive=self._receive,
            ended=lambda status, _: self._end(task, count, status),
        )
        paths = {"segmentation": segmentation, "folder": folder, "other": other, "drawn": drawn}
        texts = {name: None if path is None else str(path.resolve()) for name, path in paths.items()}
        self._worker.send({"type": "run", "task": task, **texts, **more})
        self._tell()

    def _save_drawn(self) -> Path | None:
        """The drawn labels of places that were to be drawn again, for the worker; None without any."""
        now = self._now
        boxes = [one.place.box for one in now.decisions.made if one.choice == "redraw"]
        if not boxes:
            return None
        drawing = self._studio.editor.drawing
        planes = {z: drawing.plane(z).copy() for box in boxes for z in range(box.start[0], box.stop[0])}
        blank = np.full(drawing.shape[1:], 255, np.uint8)
        source = DrawnSource(drawing.shape, lambda z: planes.get(z, blank))
        path = now.files.folder / "drawn.ome.zarr"
        remove_store(path)
        save_labels(path, LabelVolume(source, now.labels.voxel_size, "drawn", phases=drawing.phases))
        return path

    def _receive(self, message: Message) -> None:
        with self._guard:
            if message["type"] == "progress" and self._task is not None:
                self._task = {**self._task, **{name: message[name] for name in ("task", "done", "total")}}
            elif message["type"] == "error":
                self._error = str(message["message"])
        self._tell()

    def _end(self, task: str, count: int, status: int) -> None:
        with self._guard:
            if status and not self._error and not self._is_stopped:
                self._error = f"the worker ended before it was done (status {status}); ask for it again"
            if self._open is not None and not self._error and not self._is_stopped:
                self._open.measured_at = count if task == "measure" else self._open.measured_at
                try:
                    self._read_results()
                except KeramosError as error:
                    self._error = str(error)
            self._task = self._worker = None
        self._tell()

    def _remember(self) -> None:
        """Keep which segmentation is proofread, its path seen from the project's folder."""
        files, home = self._now.files, self._studio.workspace.folder
        paths = {"segmentation": files.segmentation, "other": files.other}
        texts = {name: None if path is None else relative_path(str(path), home) for name, path in paths.items()}
        write_text(self._home / "current.json", json.dumps({"layer": self._now.layer, **texts}, indent=1) + "\n")

    def _reopen(self) -> None:
        """Go on with the segmentation that was proofread last, if it is there."""
        try:
            row = json.loads((self._home / "current.json").read_text("utf-8"))
            self._take_up(str(row["layer"]), self._readable(row["segmentation"]))
            if row["other"] is not None:
                self._now.files = replace(self._now.files, other=self._readable(row["other"]))
        except (OSError, ValueError, KeyError, TypeError, KeramosError):
            self._open = None

    def _readable(self, path: str) -> Path:
        """A path seen from the project's folder, if a page may have opened it. KeramosError otherwise."""
        return find_readable(self._studio, str((self._studio.workspace.folder / path).resolve()))
