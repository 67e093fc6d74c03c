"""The lines where three phases or more meet, edge by edge of voxels, each with the share of its length that counts.

A smooth line is followed by edges of voxels in steps, which are too long: half as long again on average over all
directions. So each edge counts by the cosine of its angle to the line, whose direction is that from the edge `REACH`
before it to the edge `REACH` after it, as tangents give the length of digital curves (D. Coeurjolly and R. Klette, IEEE
Trans. Pattern Anal. Mach. Intell. 26, 252, 2004). A line ends where edges branch, and is not followed beyond.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Triple, VoxelSize, triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.configurations import configurations, inner_box
from keramos.measurements.counting.windows import Windows

REACH = 4
BEFORE: Triple = (REACH + 1,) * 3
AFTER: Triple = (REACH + 2,) * 3
"""The voxels around a block in which its lines are followed."""
MOST_PHASES = 63
"""As many bits as a whole number has."""
UNIT = 2**20
"""A whole edge; shares of edges are whole numbers, so that their sums do not depend on the order."""
Codes = NDArray[np.uint8]
Numbers = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class LinePieces:
    """Halves of edges, each in the cell of 2 x 2 x 2 annotated voxels that it belongs to.

    Attributes:
        axis: along which the edge lies (0, 1, 2 for Z Y X).
        window: flat number of the window of the cell.
        amount: of `UNIT`, how much of it counts.
        voxel: (N, 3) the first of the four voxels around the edge, Z Y X of the volume.
        phases: one bit for each phase around it.
    """

    axis: Numbers
    window: Numbers
    amount: Numbers
    voxel: Numbers
    phases: Numbers

    def around(self) -> Numbers:
        """The four voxels around each (N, 4, 3)."""
        others = np.array([(1, 2), (0, 2), (0, 1)])[self.axis]
        voxels = np.repeat(self.voxel[:, None], 4, axis=1)
        rows = np.arange(len(voxels))
        for place in range(4):
            voxels[rows, place, others[:, 0]] += place & 1
            voxels[rows, place, others[:, 1]] += place >> 1
        return voxels


def find_line_pieces(block: BlockView, phases: int, windows: Windows, voxel_size: VoxelSize) -> LinePieces:
    """The pieces in the cells of a block that was read with `BEFORE` and `AFTER`, of at most `MOST_PHASES` phases."""
    key = ("line pieces", phases, windows, voxel_size)
    return block.share(key, lambda: _find(block, phases, windows, voxel_size))


def count_annotated_cells(block: BlockView, windows: Windows) -> Numbers:
    """The cells of 2 x 2 x 2 annotated voxels of a block, per window (Z Y X)."""
    inner = inner_box(block, 1)
    return (
        windows.count([_find_annotated(block, inner)], inner)[0] if inner.voxels else np.zeros(windows.grid, np.int64)
    )


def _find(block: BlockView, phases: int, windows: Windows, voxel_size: VoxelSize) -> LinePieces:
    read = Box(
        triple([a - n for a, n in zip(block.core.start, BEFORE, strict=True)]),
        triple([b + n for b, n in zip(block.core.stop, AFTER, strict=True)]),
    ).clip(block.read)
    bits = _phase_bits(block.codes_in(read), phases)
    places, around = zip(*(_find_edges(bits, axis) for axis in range(3)), strict=True)
    axis = np.repeat(np.arange(3), [len(each) for each in places])
    voxel, kinds = np.concatenate(places), np.concatenate(around)
    share = _shares(axis, voxel, read.shape, voxel_size)
    inner = inner_box(block, 1)
    annotated = _find_annotated(block, inner) if inner.voxels else np.zeros((0, 0, 0), bool)
    rows, cells = [], []
    for behind in (1, 0):  # the cell that an edge ends in, and the one that it begins in
        first = voxel + np.array(read.start) - behind * np.eye(3, dtype=np.int64)[axis]
        at = np.flatnonzero(np.all((first >= inner.start) & (first < inner.stop), axis=1))
        at = at[annotated[tuple((first[at] - inner.start).T)]]
        rows.append(at)
        cells.append(first[at])
    row, cell = np.concatenate(rows), np.concatenate(cells)
    window = np.zeros(len(cell), np.int64)
    for place, cuts in enumerate(windows.cuts):
        window = window * (len(cuts) - 1) + np.searchsorted(cuts, cell[:, place], side="right") - 1
    return LinePieces(axis[row], window, share[row], voxel[row] + np.array(read.start), kinds[row])


def _shares(axis: Numbers, voxel: Numbers, shape: Triple, voxel_size: VoxelSize) -> Numbers:
    """The share of each edge that counts, of `UNIT`."""
    partner = _partners(axis, voxel, shape)
    steps = np.zeros((len(axis), 3), np.int64)
    edges = np.arange(len(axis))
    steps[edges, axis] = 1
    for side in (1, 0):  # from the end of each edge onwards, then from its start back
        half = 2 * edges + side
        alive = edges
        for _ in range(REACH):
            other = partner[half]
            alive, other = alive[other >= 0], other[other >= 0]
            # An edge is gone along in its own direction if it is entered at its start: backwards, at its end.
            sign = np.where(other % 2 != side, 1, -1)
            steps[alive, axis[other // 2]] += sign
            half = other ^ 1
    legs = np.abs(steps) * np.array(voxel_size.zyx)
    path, straight = legs.sum(axis=1), np.linalg.norm(legs, axis=1)
    # A line that comes back to where it was within its reach has no direction: the mean over all of them.
    share = np.divide(straight, path, out=np.full(len(axis), 2 / 3), where=path > 0)
    return np.asarray(np.rint(share * UNIT), np.int64)


def _partners(axis: Numbers, voxel: Numbers, shape: Triple) -> Numbers:
    """For the start (even) and the end (odd) of each edge, the start or end of the only other edge there; -1 where
    there is none, or several."""
    ends = np.repeat(voxel[:, None] + 1, 2, axis=1)  # corners of voxels, one more along each axis
    ends[np.arange(len(axis)), 0, axis] -= 1
    corner = np.asarray(np.ravel_multi_index(tuple(ends.reshape(-1, 3).T), triple([n + 1 for n in shape])), np.int64)
    order = np.argsort(corner, kind="stable")
    ranked = corner[order]
    same = np.concatenate([[False], ranked[1:] == ranked[:-1], [False]])
    # Two in a row are alike, and neither the one before nor the one after them.
    pair = np.flatnonzero(same[1:-1] & ~same[:-2] & ~same[2:])
    partner = np.full(len(corner), -1, np.int64)
    partner[order[pair]], partner[order[pair + 1]] = order[pair + 1], order[pair]
    return partner


def _find_annotated(block: BlockView, inner: Box) -> NDArray[np.bool_]:
    """The cells, by their first corners in `inner`, whose eight voxels are annotated."""
    if block.is_annotated:
        return np.ones(inner.shape, bool)
    box = Box(inner.start, triple([b + 1 for b in inner.stop]))
    return np.asarray(configurations(block.codes[box.relative_to(block.read).slices] != NOT_ANNOTATED) == 255)


def _phase_bits(codes: Codes, phases: int) -> NDArray[np.unsignedinteger]:
    """One bit for each phase; none for what has no phase."""
    kinds = ((8, np.uint8), (16, np.uint16), (32, np.uint32), (64, np.uint64))
    kind = next(kind for bits, kind in kinds if phases <= bits)
    return np.asarray(np.left_shift((codes < phases).astype(kind), codes.astype(kind)))


def _find_edges(bits: NDArray[np.unsignedinteger], axis: int) -> tuple[Numbers, Numbers]:
    """The edges along `axis` that have a line: the first of the four voxels around each (N, 3), and their phases.

    Where a phase lies on both sides of an edge, across it, two surfaces touch and no line of three phases passes.
    """
    first, second = (other for other in range(3) if other != axis)
    pairs = _without_end(bits, second, 0) | _without_end(bits, second, 1)
    together = _without_end(pairs, first, 0) | _without_end(pairs, first, 1)
    at = np.flatnonzero(np.bitwise_count(together) >= 3)
    voxel = np.stack(np.unravel_index(at, together.shape), axis=1).astype(np.int64)
    corners = []
    for one, other in ((0, 0), (0, 1), (1, 1), (1, 0)):  # in turn
        step = np.zeros(3, np.int64)
        step[first], step[second] = one, other
        corners.append(bits[tuple((voxel + step).T)])
    a, b, c, d = corners
    is_line = (a != c) & (b != d)
    return voxel[is_line], together.reshape(-1)[at[is_line]].astype(np.int64)


def _without_end(bits: NDArray[np.unsignedinteger], axis: int, start: int) -> NDArray[np.unsignedinteger]:
    """All voxels but the last along an axis, or, from 1 on, but the first."""
    part = [slice(None)] * 3
    part[axis] = slice(start, bits.shape[axis] - 1 + start)
    return bits[tuple(part)]
