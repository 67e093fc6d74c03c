"""Runs of one phase along the lines of blocks, and how those of neighbouring blocks join.

Only the ends of a stretch of lines stay open: the first run of each line and the last. Two stretches, one behind the
other, make one; a stretch from border to border is closed, its ends cut by the border. So memory grows with the front
between what is measured and what is not, not with the volume. A run is cut at an end where it meets the border of the
volume or a voxel that is not annotated.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, Triple
from keramos.measurements.block_view import BlockView


@dataclass(eq=False)
class Ends:
    """The first and the last run of every line of a box along an axis; a line of one run has it as both (`single`).

    Attributes:
        first, last: their lengths; first_code, last_code: their codes.
        first_cut, last_cut: 1 where the run is cut at its end within the line; 0 for a single run.
    """

    core: Box
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    first_code: NDArray[np.uint8]
    last_code: NDArray[np.uint8]
    first_cut: NDArray[np.uint8]
    last_cut: NDArray[np.uint8]
    single: NDArray[np.bool_]


@dataclass(eq=False)
class Runs:
    """Runs along one axis of a volume: `counts` by number of cut ends (0, 1, 2), code and length (3, phases + 1,
    longest + 1), the last row being that of codes that are no phase; and the ends of stretches that do not reach from
    border to border, by the start of their box."""

    axis: int
    shape: Triple
    counts: NDArray[np.int64]
    open: dict[Triple, Ends]

    @classmethod
    def of(cls, codes: NDArray[np.uint8], core: Box, axis: int, shape: Triple, phases: int) -> Runs:
        """The runs of the codes (Z Y X) of a box of a volume with so many phases."""
        runs = cls(axis, shape, np.zeros((3, phases + 1, shape[axis] + 1), np.int64), {})
        runs._add(_count_inner(codes, axis, core, runs.counts))
        return runs

    def __add__(self, other: Runs) -> Runs:
        both = Runs(self.axis, self.shape, self.counts + other.counts, dict(self.open))
        for ends in other.open.values():
            both._add(ends)
        return both

    def _add(self, ends: Ends) -> None:
        """Join a stretch to those that it meets; close it if it reaches from border to border."""
        before = next((e for e in self.open.values() if _follows(e, ends, self.axis)), None)
        if before is not None:
            del self.open[before.core.start]
            ends = self._join(before, ends)
        after = next((e for e in self.open.values() if _follows(ends, e, self.axis)), None)
        if after is not None:
            del self.open[after.core.start]
            ends = self._join(ends, after)
        if ends.core.start[self.axis] == 0 and ends.core.stop[self.axis] == self.shape[self.axis]:
            self._close(ends)
        else:
            self.open[ends.core.start] = ends

    def _join(self, a: Ends, b: Ends) -> Ends:
        same = a.last_code == b.first_code
        # Where the runs that meet are two, each is cut if the other is not annotated.
        a_cut, b_cut = _is_missing(b.first_code), _is_missing(a.last_code)
        inner_a, inner_b = ~a.single, ~b.single
        for mask, codes, lengths, cuts in (
            (same & inner_a & inner_b, a.last_code, a.last + b.first, a.last_cut + b.first_cut),
            (~same & inner_a, a.last_code, a.last, a.last_cut + a_cut),
            (~same & inner_b, b.first_code, b.first, b.first_cut + b_cut),
        ):
            add_runs(self.counts, cuts[mask], codes[mask], lengths[mask])
        stop = tuple(b.core.stop[n] if n == self.axis else edge for n, edge in enumerate(a.core.stop))
        return Ends(
            Box(a.core.start, (stop[0], stop[1], stop[2])),
            a.first + np.where(same & a.single, b.first, 0).astype(np.int32),
            b.last + np.where(same & b.single, a.last, 0).astype(np.int32),
            a.first_code,
            b.last_code,
            np.where(a.single, np.where(same, b.first_cut, a_cut), a.first_cut),
            np.where(b.single, np.where(same, a.last_cut, b_cut), b.last_cut),
            same & a.single & b.single,
        )

    def _close(self, ends: Ends) -> None:
        first_cuts = np.where(ends.single, np.uint8(2), ends.first_cut + np.uint8(1))
        add_runs(self.counts, first_cuts.ravel(), ends.first_code.ravel(), ends.first.ravel())
        several = ~ends.single
        add_runs(self.counts, ends.last_cut[several] + np.uint8(1), ends.last_code[several], ends.last[several])


def find_runs(block: BlockView, axis: int, phases: int) -> Runs:
    """The runs of a block's core along an axis. Not to be changed: others that ask for the same are given the same."""
    return block.share(("runs", axis, phases), lambda: Runs.of(block.core_codes, block.core, axis, block.shape, phases))


def add_runs(
    counts: NDArray[np.int64], cuts: NDArray[np.uint8], codes: NDArray[np.uint8], lengths: NDArray[np.int32]
) -> None:
    """Count runs in a table (3, phases + 1, longest + 1)."""
    rows = np.minimum(codes, counts.shape[1] - 1)
    place = (cuts.astype(np.int64) * counts.shape[1] + rows) * counts.shape[2] + lengths
    counts += np.bincount(place, minlength=counts.size).reshape(counts.shape)


def _is_missing(codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    return np.asarray(codes == NOT_ANNOTATED, np.uint8)


def _follows(a: Ends, b: Ends, axis: int) -> bool:
    """Whether the lines of `b` begin where those of `a` end."""
    return all(
        (a.core.stop[n] == b.core.start[n]) if n == axis else (a.core.start[n] == b.core.start[n]) for n in range(3)
    )


def _count_inner(codes: NDArray[np.uint8], axis: int, core: Box, counts: NDArray[np.int64]) -> Ends:
    """Add the runs inside the lines of a block to `counts`; give those at the ends."""
    lines = np.ascontiguousarray(np.moveaxis(codes, axis, 2))
    across, count = lines.shape[:2], lines.shape[2]
    flat = lines.reshape(-1)
    changes = np.empty(flat.size, bool)
    changes[0] = True
    np.not_equal(flat[1:], flat[:-1], out=changes[1:])
    changes[::count] = True
    starts = np.flatnonzero(changes)
    lengths = np.diff(starts, append=flat.size).astype(np.int32)
    of_run = flat[starts]
    heads = np.searchsorted(starts, np.arange(0, flat.size, count))
    tails = np.append(heads[1:], len(starts)) - 1
    missing = _is_missing(of_run)
    before, after = np.append(np.uint8(0), missing[:-1]), np.append(missing[1:], np.uint8(0))
    inner = np.ones(len(starts), bool)
    inner[heads] = inner[tails] = False
    add_runs(counts, (before + after)[inner], of_run[inner], lengths[inner])
    single = heads == tails
    return Ends(
        core,
        lengths[heads].reshape(across),
        lengths[tails].reshape(across),
        of_run[heads].reshape(across),
        of_run[tails].reshape(across),
        np.where(single, 0, after[heads]).astype(np.uint8).reshape(across),
        np.where(single, 0, before[tails]).astype(np.uint8).reshape(across),
        single.reshape(across),
    )
