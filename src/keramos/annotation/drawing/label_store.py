"""Drawings saved as an ordinary OME-Zarr label store, and label files opened as the start of a drawing."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing.drawing import Drawing
from keramos.annotation.drawing.drawing_record import make_record
from keramos.annotation.drawing.edit import Edit
from keramos.annotation.drawing.open import close_drawing
from keramos.annotation.drawing.patch import UNSURE, Codes, make_patches
from keramos.blocks import Plan
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Provenance, Step, Triple, VoxelSize
from keramos.core.errors import KeramosError, LabelError, ShapeError, StorageError
from keramos.core.files import whole_output
from keramos.core.progress import Progress, silent
from keramos.io import create_labels, open_labels
from keramos.version import __version__

ANNOTATE = "annotate"
"""The step in the provenance of saved labels that holds the record of drawing."""
_MOST_VOXELS = 2**30
"""Voxels of slices that are opened at most: a drawing holds two bytes of each in memory."""
_SLICES_AT_ONCE = 16
_CHUNKS = (2, 512, 512)
"""Thin ones, because few slices are drawn: saving five slices of 1,024 x 1,024 takes a third of the time."""


@dataclass(frozen=True, eq=False)
class DrawingSource:
    """The labels of a drawing as they are saved: 255 where nobody was sure."""

    drawing: Drawing

    @property
    def shape(self) -> Triple:
        """Z Y X."""
        return self.drawing.shape

    @property
    def dtype(self) -> np.dtype[Any]:
        """Codes are of 8 bits."""
        return np.dtype(np.uint8)

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


def view_as_labels(drawing: Drawing, voxel_size: VoxelSize | None = None, *, stack: str = "") -> LabelVolume:
    """The labels of a drawing as `keramos train` and others take them, with the record of drawing in the provenance.

    Args:
        voxel_size: that of the stack.
        stack: text that tells what stack they belong to.
    """
    versions, inputs = {"keramos": __version__}, {"images": stack} if stack else {}
    step = Step(ANNOTATE, make_record(drawing), inputs, versions)
    return LabelVolume(DrawingSource(drawing), voxel_size, "the drawing", Provenance((step,)), phases=drawing.phases)


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


def save_drawing(
    path: str | Path,
    drawing: Drawing,
    voxel_size: VoxelSize | None = None,
    *,
    stack: str = "",
    progress: Progress = silent,
) -> None:
    """Write the labels of a drawing into an OME-Zarr label store, whole or not at all, in place of what was saved of it
    before. Only parts that have labels are written.

    Raises:
        StorageError: something else is there, or the disk refuses.
    """
    path, labels = Path(path), view_as_labels(drawing, voxel_size, stack=stack)
    if path.exists() and not _is_saved_drawing(path):
        raise StorageError(f"{path} holds something else than labels saved from a drawing; choose another name")
    with whole_output(path) as partial:
        writer = create_labels(
            partial,
            labels.shape,
            phases=labels.phases,
            voxel_size=voxel_size,
            name="labels",
            chunks=_CHUNKS,
            provenance=labels.provenance,
        )
        drawn = drawing.annotated_slices()
        for block in Plan(labels.shape, writer.chunks):
            start, stop = block.core.start[0], block.core.stop[0]
            if any(start <= z < stop for z in drawn):
                writer.write(block.core, labels.read(block.core))
        writer.finish(progress)


def add_labels(
    drawing: Drawing, labels: LabelVolume, *, z: int | None = None, keep: bool = True, progress: Progress = silent
) -> tuple[int, ...]:
    """Take the labels of a file into a drawing, an edit a slice, which can be undone; the slices that they changed come
    back. Where nobody annotated in the file, the drawing stays as it is.

    Args:
        labels: of the whole stack, or of one slice.
        z: the slice to which labels of one slice belong.
        keep: leave voxels of the drawing that have a label already as they are.

    Raises:
        ShapeError: labels of another shape, or of one slice without its number.
        LabelError: phases that the drawing does not have, or more labels than a drawing holds.
        StorageError: as `Drawing.make`.
    """
    first = _find_place(drawing, labels, z)
    codes = _match_phases(drawing, labels)
    rows = _read_slices(labels, codes, progress)
    changed: list[int] = []
    while some := list(islice(rows, _SLICES_AT_ONCE)):
        edits = [_make_edit(drawing, first + number, plane, labels.name, keep=keep) for number, plane in some]
        changed.extend(patch.z for edit in drawing.make_all(edits) for patch in edit.patches)
        if len(drawing.annotated_slices()) * drawing.shape[1] * drawing.shape[2] > _MOST_VOXELS:
            raise LabelError(
                f"{labels.name} has labels on more slices than a drawing holds in memory; those up to slice "
                f"{max(drawing.annotated_slices())} were opened, so open a region of it, or proofread it instead"
            )
    close_drawing(drawing)
    return tuple(changed)


def _make_edit(drawing: Drawing, z: int, codes: Codes, name: str, *, keep: bool) -> Edit:
    plane, mask = drawing.plane(z), codes != NOT_ANNOTATED
    if keep:
        mask &= plane == NOT_ANNOTATED
    return Edit("open", make_patches(z, plane, mask, codes), None, "opened", {"file": Path(name).name})


def _read_slices(labels: LabelVolume, codes: Codes, progress: Progress) -> Any:
    """Each slice that has labels, with its number, in the codes of the drawing."""
    depth, *plane = labels.shape
    for start in range(0, depth, _SLICES_AT_ONCE):
        stop = min(start + _SLICES_AT_ONCE, depth)
        for number, values in enumerate(labels.read(Box((start, 0, 0), (stop, plane[0], plane[1]))), start):
            if (values != NOT_ANNOTATED).any():
                yield number, codes[values]
        progress(stop, depth)


def _find_place(drawing: Drawing, labels: LabelVolume, z: int | None) -> int:
    """The slice of the drawing to which the first slice of the labels belongs."""
    if labels.shape == drawing.shape:
        return 0
    if labels.shape[1:] != drawing.shape[1:] or labels.shape[0] != 1:
        raise ShapeError(
            f"{labels.name} has {labels.shape} voxels (z, y, x) and the stack {drawing.shape}; open labels of the "
            "whole stack, or of one whole slice"
        )
    if z is None or not 0 <= z < drawing.shape[0]:
        raise ShapeError(f"{labels.name} has the labels of one slice; say of which, from 0 to {drawing.shape[0] - 1}")
    return z


def _match_phases(drawing: Drawing, labels: LabelVolume) -> Codes:
    """The drawing's code for each code of the labels. LabelError for a phase that the drawing does not have."""
    codes = np.full(256, NOT_ANNOTATED, np.uint8)
    for code, phase in enumerate(labels.phases):
        if phase.name not in drawing.phases.names:
            raise LabelError(
                f"{labels.name} has the phases {', '.join(labels.phases.names)}, and the drawing "
                f"{', '.join(drawing.phases.names)}; name the phases alike"
            )
        codes[code] = drawing.phases.code(phase.name)
    return codes


def _is_saved_drawing(path: Path) -> bool:
    """Whether a store was written by `save_drawing`."""
    try:
        steps = open_labels(path).provenance.steps
    except KeramosError:
        return False
    return bool(steps) and steps[-1].verb == ANNOTATE
