"""Several measurements of a volume in one pass over its blocks."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block, FoldCheckpoint, Plan, fold_blocks, plan_blocks
from keramos.core import Box, LabelVolume, triple
from keramos.core.progress import Progress, silent
from keramos.measurements.block_view import BlockView
from keramos.measurements.measurement import BlockMeasurement
from keramos.measurements.results import Measurements

_WHOLE = 2**23
"""Voxels of a block that is measured at once: tiles of smaller ones take longer and save nothing."""
_TILE, _ROWS = 5 * 2**18, 32
"""Voxels of a larger block that are measured at a time, and rows at least: codes take a byte a voxel, what is made of
them many."""


def measure_in_blocks(
    labels: LabelVolume,
    bodies: Sequence[BlockMeasurement],
    plan: Plan,
    *,
    threads: int = 1,
    workers: int = 1,
    scheduler: str | None = None,
    progress: Progress = silent,
    checkpoint: FoldCheckpoint | None = None,
) -> Measurements:
    """Read every block once, with the voxels around it that the measurements need, and finish them all.

    Args:
        labels: the volume, of the shape that the bodies were made for.
        bodies: what is measured; empty for nothing.
        plan: the blocks; the result does not depend on them, nor on who measures them.
        threads: that measure blocks at the same time, unless
        workers, scheduler: say over what processes the blocks are shared out.
        progress: called after each block.
        checkpoint: resumes a pass that was killed.
    """
    if not bodies:
        return Measurements()
    task = _MeasureBlock(labels, tuple(bodies), _rows_at_a_time(plan))
    partials = fold_blocks(
        plan,
        task,
        task.merge,
        threads=threads,
        workers=workers,
        scheduler=scheduler,
        progress=progress,
        checkpoint=checkpoint,
    )
    finished = (body.finish(partial) for body, partial in zip(bodies, partials, strict=True))
    return sum(finished, Measurements())


class _MeasureBlock:
    """The task of one block; it is pickled to workers."""

    def __init__(self, labels: LabelVolume, bodies: tuple[BlockMeasurement, ...], rows: int) -> None:
        self.labels, self.bodies, self.rows, self.reader = labels, bodies, rows, _OverlapReader(labels)
        self.before = triple(np.max([body.before for body in bodies], axis=0))
        self.after = triple(np.max([body.after for body in bodies], axis=0))

    def __call__(self, block: Block) -> list[Any]:
        read = self._grow(block.core)
        codes, whole = self.reader.read(read), None
        for core in _tiles(block.core, self.rows):
            around = self._grow(core)
            tile = np.ascontiguousarray(codes[around.relative_to(read).slices])
            view = BlockView(tile, around, core, self.labels.shape)
            part = [body.measure(view) for body in self.bodies]
            whole = part if whole is None else self.merge(whole, part)
        return cast(list[Any], whole)  # a block has at least one tile

    def merge(self, first: list[Any], second: list[Any]) -> list[Any]:
        return [body.merge(a, b) for body, a, b in zip(self.bodies, first, second, strict=True)]

    def _grow(self, core: Box) -> Box:
        return Box(
            triple([a - n for a, n in zip(core.start, self.before, strict=True)]),
            triple([b + n for b, n in zip(core.stop, self.after, strict=True)]),
        ).clip(self.labels.box)


def _rows_at_a_time(plan: Plan) -> int:
    """Rows of a tile: the same in all blocks, the smaller last ones too, so that tiles meet those of the next block;
    all rows of small blocks."""
    depth, height, width = (min(edge, core) for edge, core in zip(plan.shape, plan.core_shape, strict=True))
    if depth * height * width <= _WHOLE:
        return height
    return plan_blocks((depth, height, width), chunk=(depth, _ROWS, width), max_voxels=_TILE).core_shape[1]


def _tiles(core: Box, rows: int) -> Iterator[Box]:
    """Parts of a block of so many rows, as deep and as wide as it is: between them less lies around each than between
    shallow ones."""
    (z0, y0, x0), (z1, y1, x1) = core.start, core.stop
    for y in range(y0, y1, rows):
        yield Box((z0, y, x0), (z1, min(y + rows, y1), x1))


@dataclass
class _OverlapReader:
    """Reads boxes in turn; what the last one holds of the next is taken from there, not decoded again."""

    labels: LabelVolume
    _last: tuple[Box, NDArray[np.uint8]] | None = None

    def read(self, box: Box) -> NDArray[np.uint8]:
        """The codes in a box. Not to be changed."""
        # Threads may take each other's last box: it is replaced as a whole, and nothing waits for it.
        codes = self._read(box, self._last)
        self._last = box, codes
        return codes

    def _read(self, box: Box, last: tuple[Box, NDArray[np.uint8]] | None) -> NDArray[np.uint8]:
        if last is None:
            return self.labels.read(box)
        before, codes = last
        axis = _axis_of_shift(before, box)
        if axis is None:
            return self.labels.read(box)
        known = codes[box.clip(before).relative_to(before).slices]
        start = list(box.start)
        start[axis] = before.stop[axis]
        if start[axis] == box.stop[axis]:
            return known
        return np.concatenate([known, self.labels.read(Box(triple(start), box.stop))], axis=axis)


def _axis_of_shift(before: Box, after: Box) -> int | None:
    """The only axis along which the boxes differ, if the second one begins inside the first and ends no earlier."""
    ends = [(*before_ends, *after_ends) for before_ends, after_ends in zip(_ends(before), _ends(after), strict=True)]
    moved = [axis for axis, (a, b, c, d) in enumerate(ends) if (a, b) != (c, d)]
    if len(moved) != 1:
        return None
    start, stop, next_start, next_stop = ends[moved[0]]
    return moved[0] if start <= next_start < stop <= next_stop else None


def _ends(box: Box) -> list[tuple[int, int]]:
    return list(zip(box.start, box.stop, strict=True))
