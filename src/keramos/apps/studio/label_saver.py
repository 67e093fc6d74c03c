"""The drawn labels as a label store, written when nobody draws for a while, when they are learnt, and at the end."""

from __future__ import annotations

import threading
from copy import deepcopy

from keramos.annotation.drawing import Drawing, save_drawing
from keramos.core import PhaseTable, Volume
from keramos.project.workspace import Workspace

PAUSE_S = 15.0


class LabelSaver:
    """Writes the labels of a project; not twice where nothing has changed. `stack` is the identity of its stack."""

    def __init__(self, workspace: Workspace, images: Volume, stack: str) -> None:
        self._workspace, self._images, self._stack = workspace, images, stack
        self._saved: tuple[int, PhaseTable] | None = None
        self._guard = threading.Lock()

    def is_due(self, number: int, phases: PhaseTable) -> bool:
        """Whether labels of that change, and with those phases, are yet to be written; not where later ones are."""
        if self._saved is not None and number < self._saved[0]:
            return False
        return (number, phases) != self._saved and (number > 0 or self._workspace.labels.exists())

    def save(self, number: int, drawing: Drawing) -> None:
        """Write labels as they were after the change of that number, whole or not at all; `drawing` is a copy that
        nobody changes. From any thread. StorageError."""
        with self._guard:
            if self.is_due(number, drawing.phases):
                save_drawing(self._workspace.labels, drawing, self._images.voxel_size, stack=self._stack)
                self._saved = (number, drawing.phases)


def copy_drawing(drawing: Drawing) -> tuple[int, Drawing]:
    """The number of the last change, and a copy of the labels that stays as it is; in the thread that draws."""
    return drawing.number, Drawing(drawing.shape, drawing.phases, state=deepcopy(drawing.state))
