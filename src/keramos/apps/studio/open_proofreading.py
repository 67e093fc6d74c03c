"""A segmentation that is proofread in a studio: its queue, decisions, numbers, and corrections as a drawing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from keramos.annotation.drawing import Drawing
from keramos.annotation.proofreading import Decision, Decisions, DrawnSource, Place, draw_corrections, edit_of
from keramos.core import NOT_ANNOTATED, LabelVolume
from keramos.core.errors import MissingFileError, SettingsError
from keramos.io import remove_store, save_labels
from keramos.project.proofreading import Proofreading

_SHOWN = 300
_DECISIONS_SHOWN = 20


@dataclass(eq=False)
class OpenProofreading:
    """A segmentation that is proofread.

    Attributes:
        layer: its name on the page.
        files: where everything lies.
        labels: the segmentation.
        decisions: those that were made.
        drawing: the corrections that they make.
        places: the queue.
        numbers: as they were last measured, after `measured_at` decisions.
        changed: whether each decision changed the corrections.
    """

    layer: str
    files: Proofreading
    labels: LabelVolume
    decisions: Decisions
    drawing: Drawing
    places: tuple[Place, ...] = ()
    numbers: Mapping[str, Any] | None = None
    measured_at: int = -1
    changed: list[bool] = field(default_factory=list)

    @classmethod
    def open(cls, layer: str, files: Proofreading) -> OpenProofreading:
        """Open the files of a segmentation, as they were left. KeramosError where that cannot be."""
        labels = files.open_labels()
        now = cls(layer, files, labels, files.open_decisions(labels), draw_corrections((), labels))
        for decision in now.decisions.made:
            now._correct(decision)
        now.read_results()
        return now

    def find(self, place_id: str) -> Place:
        """The place of the queue with that id. SettingsError if there is none."""
        place = next((one for one in self.places if one.id == place_id), None)
        if place is None:
            raise SettingsError("this place is not in the queue; look for places again")
        return place

    def decide(self, place: Place, choice: str, to: str) -> None:
        """Keep a decision on a place. KeramosError; nothing has changed then."""
        self._correct(self.decisions.decide(place, choice, to))

    def take_back(self) -> Decision | None:
        """Take the last decision back; None without any."""
        last = self.decisions.take_back()
        if last is not None and self.changed.pop():
            self.drawing.undo()
        return last

    def read_results(self) -> None:
        """Take in what a worker has written. FormatError for a queue that is damaged."""
        try:
            self.places = self.files.load_places()
        except MissingFileError:
            self.places = ()
        try:
            self.numbers = json.loads(self.files.numbers_file.read_text("utf-8"))
        except (OSError, ValueError):
            self.numbers = None

    def save_drawn(self, drawing: Drawing) -> Path | None:
        """Write the drawn labels of places that were to be drawn again, for the worker; None without such places."""
        boxes = [one.place.box for one in self.decisions.made if one.choice == "redraw"]
        if not boxes:
            return None
        planes = {z: drawing.plane(z).copy() for box in boxes for z in range(box.start[0], box.stop[0])}
        blank = np.full(drawing.shape[1:], NOT_ANNOTATED, np.uint8)
        source = DrawnSource(drawing.shape, lambda z: planes.get(z, blank))
        path = self.files.folder / "drawn.ome.zarr"
        remove_store(path)
        save_labels(path, LabelVolume(source, self.labels.voxel_size, "drawn", phases=drawing.phases))
        return path

    def to_json(self) -> dict[str, Any]:
        """Everything that the panel shows of it."""
        made, files = self.decisions.made, self.files
        choices = {one.place.id: one.choice for one in made}
        waiting = self.decisions.select_open(self.places)
        return {
            "layer": self.layer,
            "phases": list(self.labels.phases.names),
            "segmentation": files.segmentation.name,
            "other": None if files.other is None else files.other.name,
            "places": [{**place.to_json(), "choice": choices.get(place.id)} for place in self.places[:_SHOWN]],
            "left": len(waiting),
            "next": waiting[0].id if waiting else None,
            "decided": [one.to_json() for one in made[-_DECISIONS_SHOWN:]],
            "count": len(made),
            "numbers": self.numbers,
            "numbers_are_new": self.measured_at == len(made),
            "findings": [finding.to_json() for finding in self.decisions.findings],
        }

    def _correct(self, decision: Decision) -> None:
        edit = edit_of(decision, self.drawing)
        self.drawing.make(edit)
        self.changed.append(bool(edit.patches))
