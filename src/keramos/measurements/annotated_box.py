"""A large box without unannotated voxels in labels of any size, found in blocks.

The volume is divided into at most 32 layers along each axis, where the number of annotated voxels changes most and
evenly between: a region made of a few boxes is divided at their very faces. Of all boxes of complete cells the largest
is taken, then each of its faces is moved outwards, layer of voxels by layer, as long as all of them are annotated.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import combinations
from math import prod

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, Plan, fold_blocks, plan_blocks
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, triple

Profiles = Sequence[NDArray[np.int64]]
"""Annotated voxels of each slice across Z, Y and X."""
_JUMPS, _EVEN = 16, 16
_MIN_SHARE = 0.01


def find_annotated_box(
    labels: LabelVolume, profiles: Profiles, plan: Plan, threads: int = 1, scheduler: str | None = None
) -> Box | None:
    """The box of annotated voxels; None if it holds less than a hundredth of them.

    Args:
        labels: with voxels of code 255, which are not annotated.
        profiles: of these labels.
        plan: the blocks to read.
        threads: that read, where no Dask `scheduler` shares out the blocks.

    Example:
        >>> from keramos.core import PhaseTable
        >>> codes = np.zeros((6, 6, 6), np.uint8)
        >>> codes[4:, :, 3:] = 255
        >>> labels = LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]))
        >>> profiles = [np.count_nonzero(codes < 255, axis=others) for others in ((1, 2), (0, 2), (0, 1))]
        >>> str(find_annotated_box(labels, profiles, Plan((6, 6, 6), (6, 6, 6))))
        '0:4,0:6,0:6'
    """
    edges = [_divide(profile) for profile in profiles]
    cells = fold_blocks(plan, partial(_count_cells, labels, edges), np.add, threads=threads, scheduler=scheduler)
    sizes = [np.diff(edge) for edge in edges]
    complete = cells == sizes[0][:, None, None] * sizes[1][:, None] * sizes[2]
    box = _largest_box(complete, edges)
    if box is None:
        return None
    box = _grow(labels, box, edges, prod(plan.core_shape))
    return box if box.voxels >= _MIN_SHARE * int(profiles[0].sum()) else None


def _divide(profile: NDArray[np.int64]) -> NDArray[np.int64]:
    """The borders (first 0, last the number of slices) of the layers along an axis."""
    count = len(profile)
    jumps = np.abs(np.diff(profile))
    largest = np.argsort(-jumps, kind="stable")[:_JUMPS]
    even = np.linspace(0, count, min(_EVEN, count) + 1).round().astype(np.int64)
    return np.unique(np.concatenate([even, largest[jumps[largest] > 0] + 1]))


def _count_cells(labels: LabelVolume, edges: Profiles, block: Block) -> NDArray[np.int64]:
    """Annotated voxels of a block in each cell."""
    counts: NDArray[np.generic] = labels.read(block.core) != NOT_ANNOTATED
    place = []
    for axis, (edge, start, stop) in enumerate(zip(edges, block.core.start, block.core.stop, strict=True)):
        low, high = np.searchsorted(edge, start, "right") - 1, np.searchsorted(edge, stop, "left")
        counts = np.add.reduceat(counts, np.maximum(edge[low:high] - start, 0), axis=axis, dtype=np.int64)
        place.append(slice(low, high))
    cells = np.zeros([len(edge) - 1 for edge in edges], np.int64)
    cells[tuple(place)] = counts
    return cells


def _largest_box(complete: NDArray[np.bool_], edges: Profiles) -> Box | None:
    """The box of most voxels whose cells are all complete; the first of several."""
    missing = np.zeros([n + 1 for n in complete.shape], np.int64)
    missing[1:, 1:, 1:] = np.cumsum(np.cumsum(np.cumsum(~complete, axis=0), axis=1), axis=2)
    (y0, y1), (x0, x1) = (np.array(list(combinations(range(n + 1), 2))).T for n in complete.shape[1:])
    areas = (edges[1][y1] - edges[1][y0])[:, None] * (edges[2][x1] - edges[2][x0])
    best, box = 0, None
    layers = combinations(range(complete.shape[0] + 1), 2)
    for z0, z1 in sorted(layers, key=lambda ends: edges[0][ends[0]] - edges[0][ends[1]]):
        depth = int(edges[0][z1] - edges[0][z0])
        if depth * int(areas.max()) <= best:
            break
        flat = missing[z1] - missing[z0]
        corners = flat[y1] - flat[y0]
        free = np.where(corners[:, x1] == corners[:, x0], areas, 0)
        row, column = np.unravel_index(int(free.argmax()), free.shape)
        if depth * int(free[row, column]) > best:
            best = depth * int(free[row, column])
            start = (edges[0][z0], edges[1][y0[row]], edges[2][x0[column]])
            box = Box(triple(start), triple((edges[0][z1], edges[1][y1[row]], edges[2][x1[column]])))
    return box


def _grow(labels: LabelVolume, box: Box, edges: Profiles, max_voxels: int) -> Box:
    """Each face moved outwards within the cells next to it."""
    for axis in range(3):
        for forward in (False, True):
            start, stop = list(box.start), list(box.stop)
            if forward:
                limit = min((int(edge) for edge in edges[axis] if edge > stop[axis]), default=stop[axis])
                stop[axis] += _count_layers(labels, box, axis, range(stop[axis], limit), max_voxels)
            else:
                limit = max((int(edge) for edge in edges[axis] if edge < start[axis]), default=start[axis])
                start[axis] -= _count_layers(labels, box, axis, range(start[axis] - 1, limit - 1, -1), max_voxels)
            box = Box(triple(start), triple(stop))
    return box


def _count_layers(labels: LabelVolume, box: Box, axis: int, places: range, max_voxels: int) -> int:
    """The number of layers of voxels beside a box are annotated throughout, the nearest first."""
    if not places:
        return 0
    start, stop = list(box.start), list(box.stop)
    start[axis], stop[axis] = min(places), max(places) + 1
    slab = labels.crop(Box(triple(start), triple(stop)))
    others = tuple(other for other in range(3) if other != axis)
    complete = np.ones(len(places), bool)
    for block in plan_blocks(slab.shape, max_voxels=max_voxels):
        complete[block.core.slices[axis]] &= np.all(slab.read(block.core) != NOT_ANNOTATED, axis=others)
    nearest_first = complete if places.step > 0 else complete[::-1]
    return len(places) if nearest_first.all() else int(np.argmin(nearest_first))
