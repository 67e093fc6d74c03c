"""The pieces of a segmentation and their contacts, from blocks: a graph small enough to keep of any volume.

A piece is a connected set of voxels (through faces) of one phase and one mark. Each block is labelled with one layer of
voxels after it, as components are; pieces that share a voxel of that layer are one. What is kept of each: voxels,
bounding box, first voxel, summed uncertainty, borders of the volume that it touches, and the faces it shares with
others. Memory grows with the number of pieces, about 200 bytes each, not with the volume.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import find_objects

from keramos.annotation.proofreading.evidence import Evidence
from keramos.annotation.proofreading.markings import MARKS, Marking
from keramos.blocks import Block, fold_blocks, plan_blocks
from keramos.core import NOT_ANNOTATED, Box, Triple
from keramos.core.progress import Progress, silent
from keramos.measurements import ComponentTable, label_classes, labelled_box, merge_components

_BYTES_PER_VOXEL = 48
_MAX_VOXELS = 2**24


@dataclass(frozen=True, eq=False)
class PieceRows:
    """Facts about pieces, one a row.

    Attributes:
        low, high: bounding box (rows, 3).
        first: flat index in the volume of the first voxel in the order Z Y X.
        unsure: summed uncertainty (0 to 255 for each voxel).
        pairs, contacts: pairs of rows (M, 2) and the faces they share, by the axis across them (M, 3).
    """

    low: NDArray[np.int64]
    high: NDArray[np.int64]
    first: NDArray[np.int64]
    unsure: NDArray[np.float64]
    pairs: NDArray[np.int64]
    contacts: NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Pieces(PieceRows):
    """The pieces of some blocks, before they are joined across blocks; each pair may be there several times.

    Attributes:
        table: class (phase and mark), voxels, borders touched, and which rows are one.
    """

    table: ComponentTable


def survey_pieces(evidence: Evidence, marking: Marking, progress: Progress = silent) -> Pieces:
    """The pieces into which a marking divides a segmentation, block by block."""
    options = evidence.options
    voxels = min(_MAX_VOXELS, options.memory // (_BYTES_PER_VOXEL * (options.threads + 1)))
    halo = (marking.reach(options) + 1,) * 3
    plan = plan_blocks(evidence.shape, halo=halo, chunk=(16, 256, 256), max_voxels=voxels)
    measure = partial(_survey_block, evidence, marking)
    return fold_blocks(plan, measure, _merge, threads=options.threads, progress=progress)


def classify(evidence: Evidence, marking: Marking, box: Box) -> tuple[NDArray[np.uint32], NDArray[np.uint8] | None]:
    """The classes of the voxels of a box, 0 where nothing is annotated, and their uncertainty."""
    read = box.grow((marking.reach(evidence.options),) * 3).clip(evidence.labels.box)
    seen, inside = evidence.read(read), box.relative_to(read).slices
    codes = seen.codes[inside]
    classes = 1 + MARKS * codes.astype(np.uint32) + marking.mark(seen)[inside]
    classes[codes == NOT_ANNOTATED] = 0
    return classes, None if seen.unsure is None else seen.unsure[inside]


def _survey_block(evidence: Evidence, marking: Marking, block: Block) -> Pieces:
    box = labelled_box(block.core, evidence.shape)
    classes, unsure = classify(evidence, marking, box)
    labels, table = label_classes(classes, block.core, evidence.shape)
    count = len(table.voxels)
    low, high = np.zeros((count, 3), np.int64), np.zeros((count, 3), np.int64)
    for row, place in enumerate(find_objects(labels.view(np.int32), count)):
        low[row], high[row] = zip(*((part.start, part.stop) for part in place), strict=True)
    core = tuple(slice(0, n) for n in block.core.shape)
    weights = None if unsure is None else unsure[core].ravel()
    sums = np.zeros(count) if weights is None else np.bincount(labels[core].ravel(), weights, count + 1)[1:]
    pairs, contacts = _find_contacts(labels, block.core.shape, count)
    first = _first_voxels(labels, count, box, evidence.shape)
    return Pieces(low + box.start, high + box.start, first, np.asarray(sums, float), pairs, contacts, table)


def _first_voxels(labels: NDArray[np.uint32], count: int, box: Box, shape: Triple) -> NDArray[np.int64]:
    """The flat index in the volume of the first voxel of each label from 1."""
    at = np.zeros(count + 1, np.int64)
    # Of repeated places the last assignment stays: backwards, the first voxel.
    at[labels.ravel()[::-1]] = np.arange(labels.size - 1, -1, -1)
    z, y, x = np.unravel_index(at[1:], labels.shape)
    a, b, c = box.start
    return np.asarray(((z + a) * shape[1] + y + b) * shape[2] + x + c, np.int64)


def _find_contacts(labels: NDArray[np.uint32], core: Triple, count: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Rows (from 0) of pieces that share faces whose first voxel is in the core, and how many across each axis."""
    keys, axes, weights = [], [], []
    for axis in range(3):
        ends = [min(n, size - (other == axis)) for other, (n, size) in enumerate(zip(core, labels.shape, strict=True))]
        near = labels[tuple(slice(0, n) for n in ends)]
        far = labels[tuple(slice(int(other == axis), n + (other == axis)) for other, n in enumerate(ends))]
        meet = near != far
        one, two = near[meet].astype(np.int64) - 1, far[meet].astype(np.int64) - 1
        key, faces = np.unique(np.minimum(one, two) * count + np.maximum(one, two), return_counts=True)
        # A voxel of no piece has label 0: its row is -1, and so the key is negative.
        inside = key >= 0
        keys.append(key[inside])
        weights.append(faces[inside])
        axes.append(np.full(len(keys[-1]), axis))
    return count_contacts(np.concatenate(keys), np.concatenate(axes), np.concatenate(weights), count)


def count_contacts(
    keys: NDArray[np.int64], axes: NDArray[np.integer], faces: NDArray[np.integer], count: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Pairs of pieces from their keys (first times `count` plus second), each once, and the faces across each axis."""
    unique, row = np.unique(keys, return_inverse=True)
    contacts = np.zeros((len(unique), 3), np.int64)
    np.add.at(contacts, (row, axes), faces)
    return np.stack([unique // max(count, 1), unique % max(count, 1)], axis=1), contacts


def _merge(one: Pieces, two: Pieces) -> Pieces:
    offset = len(one.first)
    return Pieces(
        np.concatenate([one.low, two.low]),
        np.concatenate([one.high, two.high]),
        np.concatenate([one.first, two.first]),
        np.concatenate([one.unsure, two.unsure]),
        np.concatenate([one.pairs, two.pairs + offset]),
        np.concatenate([one.contacts, two.contacts]),
        merge_components(one.table, two.table),
    )
