"""Counts of one block."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box
from keramos.core.errors import LabelError, ShapeError
from keramos.scoring.boundary import count_neighbours, mark_boundary_band
from keramos.scoring.partial import Counts, Partial
from keramos.scoring.settings import ScoreSettings


def measure(
    prediction: NDArray[np.uint8], truth: NDArray[np.uint8], *, read: Box, core: Box, settings: ScoreSettings
) -> Partial:
    """Counts of the voxels of `core`.

    Args:
        prediction, truth: phase codes (Z Y X) of `read`; voxels whose truth is 255 are ignored.
        read: box in the volume that contains `core` and, within the volume, one more voxel in y and x, so that
            boundaries between blocks are counted.
        core: box in the volume.
        settings: phases and volume.

    Raises:
        ShapeError: the arrays do not have the shape of the read box, or the boxes do not fit each other or the volume.
        LabelError: a code without a phase, or a voxel without prediction (255) where the truth is annotated.
    """
    _check_boxes(prediction, truth, read, core, settings)
    inner = core.relative_to(read)
    band = mark_boundary_band(truth)[inner.slices]
    predicted, true = prediction[inner.slices], truth[inner.slices]
    _check_codes(predicted, true, core, settings)
    cells = settings.cells_of(core)
    by_cell = np.zeros((2, *cells.shape, settings.classes, settings.classes), np.int64)
    slice_confusion = np.zeros((settings.shape[0], settings.classes, settings.classes), np.int64)
    slice_predicted = np.zeros((settings.shape[0], settings.classes), np.int64)
    place = _cell_in_slice(core, cells, settings)
    for z in range(core.shape[0]):
        counts = _count_slice(predicted[z], true[z], band[z], place, settings.classes, cells)
        by_cell[:, (core.start[0] + z) // settings.cell[0] - cells.start[0]] += counts
        slice_confusion[core.start[0] + z] = counts.sum(axis=(0, 1, 2))
        slice_predicted[core.start[0] + z] = np.bincount(predicted[z].ravel(), minlength=256)[: settings.classes]
    return Partial(
        cells, by_cell.sum(axis=0), by_cell[0], slice_confusion, slice_predicted, count_neighbours(truth, inner)
    )


def _cell_in_slice(core: Box, cells: Box, settings: ScoreSettings) -> NDArray[np.intp]:
    """Number of the cell (within the slice) of each pixel of a slice of the core (Y X)."""
    row = np.arange(core.start[1], core.stop[1]) // settings.cell[1] - cells.start[1]
    column = np.arange(core.start[2], core.stop[2]) // settings.cell[2] - cells.start[2]
    return (row[:, None] * cells.shape[2] + column).astype(np.intp)


def _count_slice(
    predicted: NDArray[np.uint8],
    true: NDArray[np.uint8],
    band: NDArray[np.bool_],
    place: NDArray[np.intp],
    classes: int,
    cells: Box,
) -> Counts:
    """Confusions (2, y, x, K, K) of the cells of one slice: outside the boundary band, then in it."""
    annotated = true != NOT_ANNOTATED
    index = place[annotated] + band[annotated] * (cells.shape[1] * cells.shape[2])
    index = (index * classes + true[annotated]) * classes + predicted[annotated]
    shape = (2, cells.shape[1], cells.shape[2], classes, classes)
    return np.bincount(index, minlength=int(np.prod(shape))).reshape(shape)


def _check_boxes(
    prediction: NDArray[np.uint8], truth: NDArray[np.uint8], read: Box, core: Box, settings: ScoreSettings
) -> None:
    if prediction.shape != read.shape or truth.shape != read.shape:
        raise ShapeError(
            f"expected prediction and truth of the read box {read}, that is of {read.shape} voxels (z, y, x), "
            f"found {prediction.shape} and {truth.shape}"
        )
    whole = Box.whole(settings.shape)
    if not whole.contains(read) or not read.contains(core.grow((0, 1, 1)).clip(whole)) or not read.contains(core):
        raise ShapeError(
            f"expected a read box inside the volume of {settings.shape} voxels (z, y, x) that holds the core {core} "
            f"and one voxel around it in y and x, found {read}"
        )


def _check_codes(predicted: NDArray[np.uint8], true: NDArray[np.uint8], core: Box, settings: ScoreSettings) -> None:
    annotated = true != NOT_ANNOTATED
    for what, codes, wrong in [
        ("truth", true, annotated & (true >= settings.classes)),
        ("prediction", predicted, annotated & (predicted >= settings.classes)),
        ("prediction", predicted, (predicted != NOT_ANNOTATED) & (predicted >= settings.classes)),
    ]:
        if wrong.any():
            z, y, x = (int(i) + a for i, a in zip(np.argwhere(wrong)[0], core.start, strict=True))
            code = codes[z - core.start[0], y - core.start[1], x - core.start[2]]
            meaning = " (no prediction, but the truth is annotated)" if code == NOT_ANNOTATED else ""
            raise LabelError(
                f"expected the {what}'s codes to be 0 to {settings.classes - 1} ({', '.join(settings.names)}), "
                f"found {code}{meaning} at z={z}, y={y}, x={x}; assign the values to phases, or correct the labels"
            )
