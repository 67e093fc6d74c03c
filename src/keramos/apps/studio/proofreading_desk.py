"""The desk of proofreading in a studio: one segmentation at a time, with its queue, its decisions and a worker."""

from __future__ import annotations

import json
import re
from base64 import b64encode
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any
from zlib import crc32

import numpy as np

from keramos.annotation.proofreading import KINDS, Decision, Place, label_corrections
from keramos.apps.studio.drawing_voxels import DrawingVoxels
from keramos.apps.studio.label_saver import copy_drawing
from keramos.apps.studio.layers import IMAGES, Layer
from keramos.apps.studio.open_proofreading import OpenProofreading
from keramos.apps.studio.proofreading_work import TASKS, ProofreadingWork
from keramos.apps.studio.readable import find_kept
from keramos.apps.studio.studio import Studio
from keramos.core import Box
from keramos.core.errors import KeramosError, SettingsError
from keramos.core.files import write_text
from keramos.project.proofreading import Proofreading
from keramos.project.workspace.recipe_file import relative_path

CORRECTIONS = "corrections"


class ProofreadingDesk:
    """Proofreading of one layer at a time. Its methods belong to the thread of the drawing."""

    def __init__(self, studio: Studio) -> None:
        self._studio, self._home = studio, studio.workspace.proofreading
        self._open: OpenProofreading | None = None
        self._work = ProofreadingWork(studio.started_in, self._tell)
        studio.closing.append(self._work.close)
        self._reopen()

    def to_json(self) -> dict[str, Any]:
        """Everything that the panel shows."""
        row: dict[str, Any] = (
            {"layer": None, "places": [], "next": None} if self._open is None else self._open.to_json()
        )
        kinds = {kind.name: kind.title for kind in KINDS.values()}
        return row | {"task": self._work.task, "error": self._work.error, "kinds": kinds}

    def find(self, layer: str, other: str | None, kinds: list[str], box: Box | None = None) -> None:
        """Look for places in a layer, or a box of it, in a worker. KeramosError where that cannot be."""
        self._work.refuse_busy()
        against = None if other is None else self._path_of(other)
        if self._open is None or self._open.layer != layer:
            self._take_up(layer, self._path_of(layer))
        self._now.files = replace(self._now.files, other=against)
        self._remember()
        self._start("find", kinds=kinds, box=None if box is None else [box.start, box.stop])

    def decide(self, place_id: str, choice: str, to: str) -> None:
        """Keep a decision on a place. KeramosError; nothing has changed then."""
        place = self._now.find(place_id)
        if choice == "redraw":
            self._refuse_other_phases()
        self._now.decide(place, choice, to)
        self._show(place)

    def take_back(self) -> Decision | None:
        """Take the last decision back; None without any."""
        last = self._now.take_back()
        if last is not None:
            self._show(last.place)
        return last

    def give_voxels(self, place_id: str) -> dict[str, Any]:
        """The box of a place and its voxels in it, as bits (Z Y X, eight a byte, the first one highest) in base64."""
        place = self._now.find(place_id)
        bits = b64encode(np.packbits(place.mask).tobytes()).decode("ascii")
        return {"box": [list(place.box.start), list(place.box.stop)], "bits": bits}

    def run(self, task: str) -> None:
        """Look for places, measure again, or save, in a worker."""
        self._work.refuse_busy()
        if task not in TASKS:
            raise SettingsError(f"a task of proofreading is one of {', '.join(TASKS)}")
        self._start(task)

    def stop(self) -> None:
        """End what the worker is at; nothing has changed then."""
        self._work.stop()

    def use_as_labels(self) -> None:
        """Make labels of the corrections, so that they are learnt from; labels that are there already stay."""
        self._refuse_other_phases()
        for edit in label_corrections(self._now.drawing, self._studio.editor.drawing):
            self._studio.editor.change(lambda _, edit=edit: edit)  # type: ignore[misc]

    @property
    def _now(self) -> OpenProofreading:
        if self._open is None:
            raise SettingsError("no segmentation is proofread yet; look for places in one first")
        return self._open

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
        place = relative_path(str(path), self._studio.workspace.folder)
        name = re.sub("[^a-z0-9]+", "-", path.name.lower()).strip("-")[:40]
        files = Proofreading(path, self._home / f"{name}-{crc32(place.encode()):08x}")
        self._open = now = OpenProofreading.open(layer, files)
        voxels = DrawingVoxels(now.drawing, self._studio.layers[IMAGES].voxels.levels)
        self._studio.show_layer(Layer(CORRECTIONS, CORRECTIONS, "labels", voxels, now.drawing.phases))

    def _show(self, place: Place) -> None:
        """Tell the pages what changed."""
        layer = self._studio.layers.get(CORRECTIONS)
        if layer is not None:
            layer.version += 1
            slices = list(range(place.box.start[0], place.box.stop[0]))
            self._studio.broadcast({"type": "changed", "layer": CORRECTIONS, "slices": slices})
        self._tell()

    def _tell(self, task: dict[str, Any] | None = None) -> None:
        """Tell the pages to read anew, or only how far a task is."""
        self._studio.broadcast({"type": "proofread", "task": task})

    def _start(self, task: str, **more: Any) -> None:
        now = self._now
        count, drawn, save = len(now.decisions.made), None, None
        if now.redraws:
            drawn = now.files.folder / "drawn.ome.zarr"
            save = partial(now.save_drawn, drawn, copy_drawing(self._studio.editor.drawing)[1])

        def finish() -> None:
            now.measured_at = count if task == "measure" else now.measured_at
            now.read_results()

        files = now.files
        paths = {"segmentation": files.segmentation, "folder": files.folder, "other": files.other, "drawn": drawn}
        self._work.start(task, paths, finish, save, **more)

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
            self._take_up(str(row["layer"]), find_kept(self._studio, row["segmentation"]))
            if row["other"] is not None:
                self._now.files = replace(self._now.files, other=find_kept(self._studio, row["other"]))
        except (OSError, ValueError, KeyError, TypeError, KeramosError):
            self._open = None
