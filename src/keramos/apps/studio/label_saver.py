"""The drawn labels as a label store, written when nobody draws for a while, when they are learnt, and at the end."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing import Drawing
from keramos.core import PhaseTable, Volume
from keramos.project.workspace import Workspace, save_labels

PAUSE_S = 15.0


@dataclass(frozen=True)
class DrawnLabels:
    """Labels as they are after the change `number`: the drawn slices (Y X), their phases, and when and how they were
    drawn, as JSON values."""

    number: int
    planes: Mapping[int, NDArray[np.uint8]]
    phases: PhaseTable
    record: Mapping[str, Any]

    @classmethod
    def of(cls, drawing: Drawing) -> DrawnLabels:
        """The labels of a drawing now; in the thread that draws."""
        planes = {z: drawing.plane(z).copy() for z in drawing.annotated_slices()}
        return cls(drawing.number, planes, drawing.phases, drawing.tally.to_json())


class LabelSaver:
    """Writes the labels of a project; not twice where nothing has changed."""

    def __init__(self, workspace: Workspace, images: Volume) -> None:
        self._workspace, self._images = workspace, images
        self._saved: tuple[int, PhaseTable] | None = None
        self._guard = threading.Lock()

    def is_due(self, drawing: Drawing) -> bool:
        """Whether the drawing has changed since its labels were written."""
        return (drawing.number, drawing.phases) != self._saved

    def save(self, labels: DrawnLabels) -> None:
        """Write the labels, whole or not at all. From any thread. StorageError."""
        state = (labels.number, labels.phases)
        with self._guard:
            if state == self._saved or (not labels.number and not self._workspace.labels.exists()):
                return
            save_labels(self._workspace, labels.planes, self._images, labels.phases, labels.record)
            self._saved = state
