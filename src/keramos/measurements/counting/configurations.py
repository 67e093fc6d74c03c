"""Count the 2 x 2 x 2 configurations of each phase, window by window."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.windows import Windows

Counts = NDArray[np.integer]
_FULL = 255
"""The configuration whose eight corners are all filled."""
_MANY = 2**17
"""Cells for which a table of pairs of configurations is worth its size."""


@dataclass(frozen=True)
class Configurations:
    """Cells whose corners are `step` voxels apart. A cell belongs to the voxel of its first corner, and counts where
    all its corners are annotated."""

    phase_codes: tuple[int, ...]
    windows: Windows
    step: int = 1

    def count_inside(self, block: BlockView) -> Counts:
        """The cells of a block that count: per phase and window (phases, Z Y X, 256). Not to be changed: others
        that ask for the same are given the same."""
        codes, windows, step = self.phase_codes, self.windows, self.step
        return block.share(
            ("cells of phases", codes, windows, step),
            lambda: np.stack([count_cells(block, (code,), windows, step) for code in codes]),
        )

    def count_border(self, block: BlockView) -> Counts:
        """The cells of a block with a corner that is not annotated or beyond the volume (phases, 256); nothing is
        filled there."""
        counts = np.zeros((len(self.phase_codes), 256), np.int64)
        for box in _shell(block.core, Box.whole(block.shape)):
            codes = block.codes_in(Box(box.start, triple([b + 1 for b in box.stop])))
            for number, code in enumerate(self.phase_codes):
                counts[number] += _histogram(configurations(codes == code))
        inner = inner_box(block, 1)
        if not block.is_annotated and inner.voxels:
            codes = _codes_of_corners(block, inner, 1)
            missing = configurations(codes != NOT_ANNOTATED) != _FULL
            for number, code in enumerate(self.phase_codes):
                counts[number] += _histogram(configurations(codes == code)[missing])
        return counts


def count_cells(block: BlockView, group: tuple[int, ...], windows: Windows, step: int) -> Counts:
    """The cells of a block that count, per window (Z Y X, 256), of these phases together. Not to be changed: others
    that ask for the same are given the same."""
    return block.share(("cells", group, windows, step), lambda: _count_cells(block, group, windows, step))


def _count_cells(block: BlockView, group: tuple[int, ...], windows: Windows, step: int) -> Counts:
    # These tables are the largest that are kept: a window seldom has more cells than fit into four bytes.
    kind: type[np.integer] = np.int32 if windows.voxels.max() < 2**31 else np.int64
    counts = np.zeros((*windows.grid, 256), kind)
    inner = inner_box(block, step)
    if not inner.voxels:
        return counts
    codes = _codes_of_corners(block, inner, step)
    annotated = block.share(("annotated cells", step), lambda: _annotated_cells(block, codes, step))
    first, *others = group
    filled = codes == first
    for code in others:
        filled |= codes == code
    cells = configurations(filled, step)
    for position, inside in windows.slices_of(inner):
        used = cells[inside] if annotated is None else cells[inside][annotated[inside]]
        counts[position] += _histogram(used)
    return counts


def _annotated_cells(block: BlockView, codes: NDArray[np.uint8], step: int) -> NDArray[np.bool_] | None:
    """A mask of the cells with eight annotated corners; None for all."""
    return None if block.is_annotated else configurations(codes != NOT_ANNOTATED, step) == _FULL


def inner_box(block: BlockView, step: int) -> Box:
    """The first corners, in a block's core, of cells that lie in the volume; empty for none."""
    ends = [min(b, n - step) for b, n in zip(block.core.stop, block.shape, strict=True)]
    return Box(block.core.start, triple([max(a, b) for a, b in zip(block.core.start, ends, strict=True)]))


def configurations(filled: NDArray[np.bool_], step: int = 1) -> NDArray[np.uint8]:
    """The configuration of every cell of a mask: `step` less along each axis than it has voxels."""
    bits = np.ascontiguousarray(filled).view(np.uint8)
    rows = bits[:, :, :-step] | bits[:, :, step:] << 1
    squares = rows[:, :-step] | rows[:, step:] << 2
    return np.asarray(squares[:-step] | squares[step:] << 4)


def _codes_of_corners(block: BlockView, inner: Box, step: int) -> NDArray[np.uint8]:
    corners = Box(inner.start, triple([b + step for b in inner.stop]))
    return block.codes[corners.relative_to(block.read).slices]


def _shell(core: Box, whole: Box) -> list[Box]:
    """Boxes of first corners of the cells that stick out of a volume and belong to a core at its border: before its
    first voxels, and at its last ones. No cell is in two of them."""
    start = [a - 1 if a == low else a for a, low in zip(core.start, whole.start, strict=True)]
    stop = list(core.stop)
    boxes = []
    for axis in range(3):
        inner = (max(core.start[axis], whole.start[axis]), min(core.stop[axis], whole.stop[axis] - 1))
        for low, high in ((start[axis], inner[0]), (max(inner), stop[axis])):
            if high > low:
                a, b = list(start), list(stop)
                a[axis], b[axis] = low, high
                boxes.append(Box(triple(a), triple(b)))
        start[axis], stop[axis] = inner[0], max(inner)
    return [box for box in boxes if box.voxels]


def _histogram(cells: NDArray[np.uint8]) -> Counts:
    flat = cells.ravel()
    if flat.size < _MANY:
        return np.bincount(flat, minlength=256)
    # Two cells as one number: half as many to count.
    even = flat.size // 2 * 2
    both = np.bincount(flat[:even].view(np.uint16), minlength=2**16).reshape(256, 256)
    return np.asarray(both.sum(axis=0) + both.sum(axis=1) + np.bincount(flat[even:], minlength=256))
