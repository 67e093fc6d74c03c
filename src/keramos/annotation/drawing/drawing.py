"""Labels that are being drawn, with unlimited undo and redo."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing.edit import SOURCES, Edit, Undone
from keramos.annotation.drawing.history import History, MemoryHistory
from keramos.annotation.drawing.patch import UNSURE, Codes, Patch
from keramos.annotation.drawing.planes import LabelPlanes
from keramos.annotation.drawing.state import DrawingState
from keramos.annotation.drawing.tally import Tally
from keramos.core import NOT_ANNOTATED, PhaseTable, Triple
from keramos.core.errors import LabelError, ShapeError

Clock = Callable[[], str]


def read_clock() -> str:
    """The time now (UTC, ISO 8601, to a millisecond)."""
    return datetime.now(UTC).isoformat(timespec="milliseconds")


class Drawing:
    """Labels of a stack that are being drawn; only slices that have labels are held.

    A change is in the history before it is in the labels: if the history cannot keep it (a full disk), the labels stay
    as they were. Call its methods from one thread at a time.

    Args:
        shape: Z Y X of the stack.
        phases: the phases; labels are their codes, 255 where nobody annotated and 254 where nobody was sure.
        history: where changes are kept; in memory unless `open_drawing` gives it a journal.
        state: labels to go on from.
        clock: tells the time of a change.

    Attributes:
        state: the labels and what can be undone; read it, and change it by `make`, `undo` and `redo` only.

    Raises:
        LabelError: more phases than there are codes for.

    Example:
        >>> drawing = Drawing((3, 4, 5), PhaseTable.from_names(["void", "solid"]))
        >>> edit = drawing.make(Edit("brush", (Patch(1, 0, 0, drawing.plane(1)[:1, :2], np.zeros((1, 2), np.uint8)),)))
        >>> drawing.counts(), drawing.annotated_slices()
        ({0: 2}, (1,))
        >>> undone = drawing.undo()
        >>> drawing.counts(), drawing.redo_count
        ({}, 1)
    """

    def __init__(
        self,
        shape: Triple,
        phases: PhaseTable,
        history: History | None = None,
        state: DrawingState | None = None,
        clock: Clock = read_clock,
    ) -> None:
        if len(phases) > UNSURE:
            raise LabelError(f"a drawing can have up to {UNSURE} phases, not {len(phases)}; 254 means not sure")
        self.shape, self.phases = shape, phases
        self.history: History = MemoryHistory() if history is None else history
        self.state = state or DrawingState(LabelPlanes(shape))
        self._clock = clock
        self._codes = np.isin(np.arange(256), [*range(len(phases)), UNSURE, NOT_ANNOTATED])

    @property
    def number(self) -> int:
        """The number of the last change, undo or redo."""
        return self.history.count

    @property
    def undo_count(self) -> int:
        """The number of edits that can be undone."""
        return len(self.state.undo)

    @property
    def redo_count(self) -> int:
        """The number of edits that can be redone."""
        return len(self.state.redo)

    @property
    def tally(self) -> Tally:
        """When and with which tools it was drawn."""
        return self.state.tally

    def plane(self, z: int) -> Codes:
        """Labels (Y X) of slice `z`: a read-only view that changes with them. ShapeError if there is no such slice."""
        self._refuse_outside(z)
        return self.state.planes.codes(z)

    def sources(self, z: int) -> Codes:
        """Sources (Y X) of the labels of slice `z`: 0 where there is none, else 1 + the place in `SOURCES`."""
        self._refuse_outside(z)
        return self.state.planes.sources(z)

    def annotated_slices(self) -> tuple[int, ...]:
        """The slices that have labels, in order; those that are only "not sure" among them."""
        return tuple(sorted(self.state.planes.counts))

    def counts(self, z: int | None = None) -> dict[int, int]:
        """Numbers of voxels by code, of a slice or of all; not annotated ones are left out."""
        rows = self.state.planes.counts
        chosen = list(rows.values()) if z is None else [rows[z]] if z in rows else []
        total: NDArray[np.int64] = np.zeros(256, np.int64)
        for row in chosen:
            total += row
        return {int(code): int(total[code]) for code in np.flatnonzero(total) if code != NOT_ANNOTATED}

    def source_counts(self) -> dict[str, int]:
        """Numbers of voxels by the source of their labels."""
        total = np.zeros(len(SOURCES) + 1, np.int64)
        for z in self.state.planes.counts:
            total += np.bincount(self.state.planes.sources(z).ravel(), minlength=len(total))
        return {name: int(total[number]) for number, name in enumerate(SOURCES, 1) if total[number]}

    def uses_phases_from(self, code: int) -> bool:
        """Whether anything is drawn with the phase `code` or a later one, or comes back by undo or redo."""
        if any(code <= used < UNSURE for used in self.counts()):
            return True
        for number in (*self.state.undo, *self.state.redo):
            for patch in self.history.read(number).patches:
                if any(((codes >= code) & (codes < UNSURE)).any() for codes in (patch.before, patch.after)):
                    return True
        return False

    def make(self, edit: Edit) -> Edit:
        """Change the labels; the edit with its number and time comes back. One without patches is not recorded.

        Raises:
            LabelError: codes that belong to no phase, a slice that has changed since the edit was prepared, or two
                patches of one slice.
            ShapeError: a patch leaves the stack.
            StorageError: the history cannot keep it; the labels are as before.
        """
        return self.make_all([edit])[0]

    def make_all(self, edits: Iterable[Edit]) -> tuple[Edit, ...]:
        """Make several edits of different slices, kept together with one wait for the disk. Errors as `make`; if there
        is one, none is made."""
        prepared = tuple(edits)
        slices = [patch.z for edit in prepared for patch in edit.patches]
        if len(set(slices)) < len(slices):
            raise LabelError("a slice can have one patch only in an edit, or in edits that are made together")
        number, time = self.number, self._clock()
        ready = []
        for edit in prepared:
            if edit.patches:
                number += 1
                patches = tuple(self._check(patch) for patch in edit.patches)
                ready.append(replace(edit, patches=patches, number=number, time=time))
            else:
                ready.append(replace(edit, number=number, time=time))
        made = tuple(edit for edit in ready if edit.patches)
        if made:
            self.history.add(made)
            for edit in made:
                self.state.advance(edit, self.history.read)
            self.history.offer(self.state)
        return tuple(ready)

    def undo(self) -> Edit | None:
        """Take the last edit back: the change that did it, its patches' `after` what the labels are now; None if there
        is nothing to undo. StorageError as `make`."""
        edit = self._move(again=False)
        return None if edit is None else edit.inverse

    def redo(self) -> Edit | None:
        """Make the edit again that was undone last; None if there is none. StorageError as `make`."""
        return self._move(again=True)

    def _move(self, *, again: bool) -> Edit | None:
        numbers = self.state.redo if again else self.state.undo
        if not numbers:
            return None
        edit = self.history.read(numbers[-1])
        record = Undone(edit.number, again, self.number + 1, self._clock())
        self.history.add((record,))
        self.state.advance(record, lambda _: edit)
        self.history.offer(self.state)
        return edit

    def _check(self, patch: Patch) -> Patch:
        """The patch with the sources of what it changes."""
        self._refuse_outside(patch.z)
        now, area = self.state.planes.codes(patch.z), patch.area
        inside = min(patch.y, patch.x) >= 0 and area[0].stop <= now.shape[0] and area[1].stop <= now.shape[1]
        if not inside:
            raise ShapeError(f"the patch at y {patch.y}, x {patch.x} of slice {patch.z} leaves the slice {now.shape}")
        wrong = ~self._codes[patch.after] & patch.changed
        if wrong.any():
            raise LabelError(
                f"code {int(patch.after[wrong][0])} belongs to none of the phases {', '.join(self.phases.names)}"
            )
        if not np.array_equal(now[area], patch.before):
            raise LabelError(f"slice {patch.z} has changed since this edit was prepared; draw it again")
        return replace(patch, sources=self.state.planes.sources(patch.z)[area].copy())

    def _refuse_outside(self, z: int) -> None:
        if not 0 <= z < self.shape[0]:
            raise ShapeError(f"the stack has slices 0 to {self.shape[0] - 1}, not {z}")
