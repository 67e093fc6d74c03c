"""Runs of one phase along the lines of blocks, and how those of neighbouring blocks join.

Of a stretch of lines only its ends stay open: the first run of each line and the last. Two stretches, one behind the
other, make one; a stretch from border to border is closed, its ends cut by the border. So memory grows with the front
between what is measured and what is not, not with the volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Triple

CODES = 256


@dataclass(eq=False)
class Ends:
    """The first and the last run of every line of a box along an axis; a line of one run has it as both."""

    core: Box
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    first_code: NDArray[np.uint8]
    last_code: NDArray[np.uint8]
    single: NDArray[np.bool_]


@dataclass(eq=False)
class Runs:
    """Along one axis of a volume: runs by code and length (256, longest + 1) that are `complete`, and those that the
    border has `cut`; and the ends of stretches that do not reach from border to border, by the start of their box."""

    axis: int
    shape: Triple
    complete: NDArray[np.int64]
    cut: NDArray[np.int64]
    open: dict[Triple, Ends]

    @classmethod
    def of(cls, codes: NDArray[np.uint8], core: Box, axis: int, shape: Triple) -> Runs:
        """Those of the codes (Z Y X) of a box of a volume."""
        complete, cut = (np.zeros((CODES, shape[axis] + 1), np.int64) for _ in range(2))
        found = cls(axis, shape, complete, cut, {})
        found._add(_runs(codes, axis, core, complete))
        return found

    def __add__(self, other: Runs) -> Runs:
        both = Runs(self.axis, self.shape, self.complete + other.complete, self.cut + other.cut, dict(self.open))
        for ends in other.open.values():
            both._add(ends)
        return both

    def _add(self, ends: Ends) -> None:
        """Join a stretch to those that it meets; close it if it reaches from border to border."""
        before = next((e for e in self.open.values() if _follows(e, ends, self.axis)), None)
        if before is not None:
            del self.open[before.core.start]
            ends = self._joined(before, ends)
        after = next((e for e in self.open.values() if _follows(ends, e, self.axis)), None)
        if after is not None:
            del self.open[after.core.start]
            ends = self._joined(ends, after)
        if ends.core.start[self.axis] == 0 and ends.core.stop[self.axis] == self.shape[self.axis]:
            self._close(ends)
        else:
            self.open[ends.core.start] = ends

    def _joined(self, a: Ends, b: Ends) -> Ends:
        same = a.last_code == b.first_code
        inner_a, inner_b = ~a.single, ~b.single
        for mask, codes, lengths in (
            (same & inner_a & inner_b, a.last_code, a.last + b.first),
            (~same & inner_a, a.last_code, a.last),
            (~same & inner_b, b.first_code, b.first),
        ):
            add_runs(self.complete, codes[mask], lengths[mask])
        stop = tuple(b.core.stop[n] if n == self.axis else edge for n, edge in enumerate(a.core.stop))
        return Ends(
            Box(a.core.start, (stop[0], stop[1], stop[2])),
            a.first + np.where(same & a.single, b.first, 0).astype(np.int32),
            b.last + np.where(same & b.single, a.last, 0).astype(np.int32),
            a.first_code,
            b.last_code,
            same & a.single & b.single,
        )

    def _close(self, ends: Ends) -> None:
        add_runs(self.cut, ends.first_code.ravel(), ends.first.ravel())
        several = ~ends.single
        add_runs(self.cut, ends.last_code[several], ends.last[several])


def add_runs(table: NDArray[np.int64], codes: NDArray[np.uint8], lengths: NDArray[np.int32]) -> None:
    """Count runs in a table (256, longest + 1)."""
    width = table.shape[1]
    table += np.bincount(codes.astype(np.int64) * width + lengths, minlength=table.size).reshape(table.shape)


def _follows(a: Ends, b: Ends, axis: int) -> bool:
    """Whether the lines of `b` begin where those of `a` end."""
    return all(
        (a.core.stop[n] == b.core.start[n]) if n == axis else (a.core.start[n] == b.core.start[n]) for n in range(3)
    )


def _runs(codes: NDArray[np.uint8], axis: int, core: Box, complete: NDArray[np.int64]) -> Ends:
    """Add the runs inside the lines of a block to `complete`; give those at the ends."""
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
    inner = np.ones(len(starts), bool)
    inner[heads] = inner[tails] = False
    add_runs(complete, of_run[inner], lengths[inner])
    return Ends(
        core,
        lengths[heads].reshape(across),
        lengths[tails].reshape(across),
        of_run[heads].reshape(across),
        of_run[tails].reshape(across),
        (heads == tails).reshape(across),
    )
