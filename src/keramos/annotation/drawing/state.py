"""The state of a drawing: labels, and what can be undone and redone."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from keramos.annotation.drawing.edit import Edit, Record, Undone, sources_after
from keramos.annotation.drawing.planes import LabelPlanes
from keramos.annotation.drawing.tally import Tally

_NUMBERS = "q"


def _numbers() -> array[int]:
    return array(_NUMBERS)


@dataclass(eq=False)
class DrawingState:
    """Labels and the numbers of the edits that can be undone and redone, last in first out; `advance` is the only way
    in which it changes, so that a journal that is read again gives the same state.

    Attributes:
        planes: the labels.
        undo, redo: numbers of edits.
        tally: counts for the record of drawing.
    """

    planes: LabelPlanes
    undo: array[int] = field(default_factory=_numbers)
    redo: array[int] = field(default_factory=_numbers)
    tally: Tally = field(default_factory=Tally)

    def advance(self, record: Record, read: Callable[[int], Edit]) -> None:
        """Go on by one record; `read` gives an edit by its number.

        An undo names its edit. In a journal that lost records that edit may not be the last one: those after it are
        undone, too, as they were when the record was written. An edit that was lost cannot be undone or redone.
        """
        self.tally.see(record.time)
        if isinstance(record, Edit):
            self._apply(record)
            self.undo.append(record.number)
            self.redo = _numbers()
        elif record.again:
            self._move(record, self.redo, self.undo, lambda number: self._apply(read(number)))
        else:
            self._move(record, self.undo, self.redo, lambda number: self._take_back(read(number)))

    def _move(self, record: Undone, start: array[int], end: array[int], change: Callable[[int], None]) -> None:
        if start and start[-1] != record.of and record.of not in start:
            return
        while start:
            number = start[-1]
            change(number)
            end.append(start.pop())
            if number == record.of:
                return

    def _apply(self, edit: Edit) -> None:
        for patch in edit.patches:
            self.planes.write(patch, sources_after(patch, edit.source))
        self.tally.add(edit)

    def _take_back(self, edit: Edit) -> None:
        for patch, inverse in zip(reversed(edit.patches), reversed(edit.inverse.patches), strict=True):
            earlier = np.zeros_like(patch.before) if patch.sources is None else patch.sources
            self.planes.write(inverse, earlier)
        self.tally.add(edit, -1)
