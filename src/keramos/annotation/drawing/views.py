"""A drawing seen as labels, as they are saved, and as marks of which of them are accepted proposals."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing.drawing import Drawing
from keramos.annotation.drawing.drawing_record import make_record
from keramos.annotation.drawing.edit import SOURCES
from keramos.annotation.drawing.patch import UNSURE
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Provenance, Step, Triple, Volume, VoxelSize
from keramos.version import __version__

ANNOTATE = "annotate"
"""The step in the provenance of saved labels that holds the record of drawing."""
ACCEPTED = SOURCES.index("accepted") + 1
"""What planes of sources hold where a proposal was accepted."""


@dataclass(frozen=True, eq=False)
class _View:
    """Bytes, voxel by voxel, of a drawing."""

    drawing: Drawing

    @property
    def shape(self) -> Triple:
        """Z Y X."""
        return self.drawing.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """8 bits."""
        return np.dtype(np.uint8)


@dataclass(frozen=True, eq=False)
class DrawingSource(_View):
    """The labels of a drawing as they are saved: 255 where nobody was sure."""

    def read(self, box: Box) -> NDArray[np.uint8]:
        """The codes of a box."""
        out = np.full(box.shape, NOT_ANNOTATED, np.uint8)
        _, rows, columns = box.slices
        drawn = set(self.drawing.annotated_slices())
        for number, z in enumerate(range(box.start[0], box.stop[0])):
            if z in drawn:
                codes = self.drawing.plane(z)[rows, columns]
                out[number] = np.where(codes == UNSURE, NOT_ANNOTATED, codes)
        return out


@dataclass(frozen=True, eq=False)
class AcceptedSource(_View):
    """Marks of the labels of a drawing that are accepted proposals of a model: 1 there, 0 elsewhere."""

    def read(self, box: Box) -> NDArray[np.uint8]:
        """The marks of a box."""
        _, rows, columns = box.slices
        planes = [self.drawing.sources(z)[rows, columns] == ACCEPTED for z in range(box.start[0], box.stop[0])]
        return np.stack(planes).astype(np.uint8)


def view_as_labels(drawing: Drawing, voxel_size: VoxelSize | None = None, *, stack: str = "") -> LabelVolume:
    """The labels of a drawing as `keramos train` and others take them, with the record of drawing in the provenance.

    Args:
        voxel_size: that of the stack.
        stack: text that tells what stack they belong to.
    """
    versions, inputs = {"keramos": __version__}, {"images": stack} if stack else {}
    step = Step(ANNOTATE, make_record(drawing), inputs, versions)
    return LabelVolume(DrawingSource(drawing), voxel_size, "the drawing", Provenance((step,)), phases=drawing.phases)


def view_accepted(drawing: Drawing) -> Volume:
    """The labels of a drawing that are accepted proposals of a model: 1 there, 0 elsewhere.

    Example:
        >>> from keramos.core import VOID_SOLID
        >>> int(view_accepted(Drawing((3, 2, 2), VOID_SOLID)).read().sum())
        0
    """
    return Volume(AcceptedSource(drawing), None, "what was accepted")


def share_accepted(labels: LabelVolume) -> float:
    """The share, 0 ... 1, of the labels of a drawing that are accepted proposals of a model; 0 for other labels, of
    which that is not known.

    Example:
        >>> from keramos.core import VOID_SOLID
        >>> share_accepted(view_as_labels(Drawing((3, 2, 2), VOID_SOLID)))
        0.0
    """
    steps = [step for step in labels.provenance.steps if step.verb == ANNOTATE]
    sources = steps[-1].parameters.get("sources", {}) if steps else {}
    total = sum(sources.values())
    return float(sources.get("accepted", 0) / total) if total else 0.0
