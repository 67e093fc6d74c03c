"""Drawing: messages of a page become changes of the labels, in the journal before they are answered."""

from __future__ import annotations

import json
from base64 import b64encode
from collections import OrderedDict
from collections.abc import Callable, Mapping
from typing import Any
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing import Drawing, Edit, Scene, add_labels, make_edit
from keramos.core import LabelVolume, PhaseTable

_ANSWERS_KEPT = 10_000
Message = dict[str, Any]
Area = tuple[int, int, int, int, int]
"""A rectangle of a slice: z, y, x, height, width."""


class LabelEditor:
    """The drawing of a studio, changed by one thread. Each change is told to `announce` in the order of the journal.

    Attributes:
        drawing: the labels.
        annotated: the slices that have labels.
        version: grows with each change.
    """

    def __init__(self, drawing: Drawing, scene: Scene, announce: Callable[[Message], None]) -> None:
        self.drawing, self._scene, self._announce = drawing, scene, announce
        self.annotated = drawing.annotated_slices()
        self.version = 0
        self._answered: OrderedDict[tuple[int, int], list[Area]] = OrderedDict()

    def apply(self, message: Mapping[str, Any]) -> None:
        """Do what a page asks: a gesture, undo or redo. One that was asked before, and is sent again after a break, is
        answered again without being done twice. KeramosError; nothing has changed then."""
        number, kind = message["id"], message["type"]
        key = (number, crc32(json.dumps(message).encode()))
        if key in self._answered:
            self._tell(number, self._answered[key])
            return
        if kind == "gesture":
            edit: Edit | None = self.drawing.make(make_edit(self._scene, message["gesture"]))
        else:
            edit = self.drawing.undo() if kind == "undo" else self.drawing.redo()
        areas = _list_areas(edit)
        self._answered[key] = areas
        if len(self._answered) > _ANSWERS_KEPT:
            self._answered.popitem(last=False)
        self._tell(number, areas)

    def change(self, make: Callable[[Scene], Edit]) -> Edit:
        """Make a change that no gesture of a page has asked for. KeramosError; nothing has changed then."""
        edit = self.drawing.make(make(self._scene))
        self._tell(None, _list_areas(edit))
        return edit

    def add_labels(self, labels: LabelVolume, z: int | None, *, keep: bool) -> tuple[int, ...]:
        """Take the labels of a file into the drawing, slice by slice; the slices that they changed. KeramosError; what
        was taken before stays, and can be undone."""
        try:
            return add_labels(self.drawing, labels, z=z, keep=keep)
        finally:
            self.annotated = self.drawing.annotated_slices()
            self.version += 1
            self._announce(self.describe())
            self._announce({"type": "changed", "layer": "labels", "slices": None})

    def replace_phases(self, phases: PhaseTable) -> None:
        """Go on with other phases, which all that was drawn has codes of."""
        before = self.drawing
        self.drawing = Drawing(before.shape, phases, before.history, before.state)

    def describe(self) -> Message:
        """The state of the drawing, for a page that has just come."""
        drawing = self.drawing
        counts = {"number": drawing.number, "undo": drawing.undo_count, "redo": drawing.redo_count}
        return {"type": "drawing", **counts, "annotated": list(self.annotated)}

    def _tell(self, number: int | None, areas: list[Area]) -> None:
        self.annotated = self.drawing.annotated_slices()
        self.version += 1
        rows = [self._describe_area(area) for area in areas]
        self._announce({**self.describe(), "type": "saved", "id": number, "patches": rows})

    def _describe_area(self, area: Area) -> Message:
        """A rectangle, with the labels that are there now."""
        z, y, x, height, width = area
        codes: NDArray[np.uint8] = np.ascontiguousarray(self.drawing.plane(z)[y : y + height, x : x + width])
        text = b64encode(codes.tobytes()).decode("ascii")
        return {"z": z, "y": y, "x": x, "height": height, "width": width, "codes": text}


def _list_areas(edit: Edit | None) -> list[Area]:
    """The rectangles that an edit changes."""
    patches = () if edit is None else edit.patches
    return [(patch.z, patch.y, patch.x, *patch.before.shape) for patch in patches]
