"""Drawings saved as an ordinary OME-Zarr label store, and label files opened as the start of a drawing."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from keramos.annotation.drawing.drawing import Drawing
from keramos.annotation.drawing.edit import Edit
from keramos.annotation.drawing.open import close_drawing
from keramos.annotation.drawing.patch import Codes, make_patches
from keramos.annotation.drawing.views import ACCEPTED, ANNOTATE, view_accepted, view_as_labels
from keramos.blocks import Plan
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Volume, VoxelSize
from keramos.core.errors import KeramosError, LabelError, ShapeError, StorageError
from keramos.core.files import whole_output
from keramos.core.progress import Progress, silent
from keramos.io import ZarrWriter, create_accepted, create_labels, open_labels

_MOST_VOXELS = 2**30
"""Voxels of slices that are opened at most: a drawing holds two bytes of each in memory."""
_SLICES_AT_ONCE = 16
_CHUNKS = (2, 512, 512)
"""Thin ones, because few slices are drawn: saving five slices of 1,024 x 1,024 takes a third of the time."""


def save_drawing(
    path: str | Path,
    drawing: Drawing,
    voxel_size: VoxelSize | None = None,
    *,
    stack: str = "",
    progress: Progress = silent,
) -> None:
    """Write the labels of a drawing into an OME-Zarr label store, whole or not at all, in place of what was saved of it
    before. Only parts that have labels are written. Accepted proposals among them are marked (`io.open_accepted`).

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
        _write_parts(writer, labels, drawn)
        accepted = [z for z in drawn if (drawing.sources(z) == ACCEPTED).any()]
        if accepted:
            marks = create_accepted(partial, labels.shape, voxel_size=voxel_size, chunks=_CHUNKS)
            _write_parts(marks, view_accepted(drawing), accepted)
        writer.finish(progress)


def _write_parts(writer: ZarrWriter, volume: LabelVolume | Volume, slices: Sequence[int]) -> None:
    """Write the blocks that hold some of these slices."""
    for block in Plan(volume.shape, writer.chunks):
        if any(block.core.start[0] <= z < block.core.stop[0] for z in slices):
            writer.write(block.core, volume.read(block.core))


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
