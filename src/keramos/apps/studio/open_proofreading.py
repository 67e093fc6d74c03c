"""A segmentation that is proofread in a studio: its queue, decisions, numbers, and corrections as a drawing."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from keramos.annotation.drawing import Drawing, save_drawing
from keramos.annotation.proofreading import Decision, Decisions, Place, draw_corrections, edit_of
from keramos.core import Box, LabelVolume
from keramos.core.errors import MissingFileError, SettingsError
from keramos.io import remove_store
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
        box: the part of the segmentation that it is of; None for all of it.
        numbers: as they were last measured, after `measured_at` decisions.
        changed: whether each decision changed the corrections.
    """

    layer: str
    files: Proofreading
    labels: LabelVolume
    decisions: Decisions
    drawing: Drawing
    places: tuple[Place, ...] = ()
    box: Box | None = None
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
        """Keep a decision on a place. KeramosError; nothing has changed then.

        Corrections are in memory alone, and made of the decisions on the disk when it is opened again: one that cannot
        be made is no decision."""
        decision = self.decisions.prepare(place, choice, to)
        self._correct(decision)
        try:
            self.decisions.keep(decision)
        except BaseException:
            self._take_back_correction()
            raise

    def take_back(self) -> Decision | None:
        """Take the last decision back; None without any."""
        last = self.decisions.take_back()
        if last is not None:
            self._take_back_correction()
        return last

    def read_results(self) -> None:
        """Take in what a worker has written. FormatError for a queue that is damaged."""
        try:
            self.places, self.box = self.files.load_queue()
        except MissingFileError:
            self.places, self.box = (), None
        try:
            self.numbers = json.loads(self.files.numbers_file.read_text("utf-8"))
        except (OSError, ValueError):
            self.numbers = None

    @property
    def redraws(self) -> bool:
        """Whether places were to be drawn again: their drawn labels count."""
        return any(one.choice == "redraw" for one in self.decisions.made)

    def save_drawn(self, path: Path, drawing: Drawing) -> None:
        """Write drawn labels, of which nobody changes anything meanwhile, for the worker. StorageError."""
        remove_store(path)
        save_drawing(path, drawing, self.labels.voxel_size)

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
            "searched": None if self.box is None else _describe_box(self.box),
            "left": len(waiting),
            "next": waiting[0].id if waiting else None,
            "decided": [one.to_json() for one in made[-_DECISIONS_SHOWN:]],
            "count": len(made),
            "corrected": str(files.corrected.resolve()) if files.corrected.is_dir() else None,
            "numbers": self.numbers,
            "numbers_are_new": self.measured_at == len(made),
            "findings": [finding.to_json() for finding in self.decisions.findings],
        }

    def _correct(self, decision: Decision) -> None:
        edit = edit_of(decision, self.drawing)
        self.drawing.make(edit)
        self.changed.append(bool(edit.patches))

    def _take_back_correction(self) -> None:
        if self.changed.pop():
            self.drawing.undo()


def _describe_box(box: Box) -> dict[str, Any]:
    (z, y, x), (z_end, y_end, x_end) = box.start, box.stop
    where = f"slices {z} to {z_end - 1}, rows {y} to {y_end - 1}, columns {x} to {x_end - 1}"
    sentence = f"These places are of {where} alone; what is said of fractions and connections is of this box."
    return {"box": [list(box.start), list(box.stop)], "sentence": sentence}
