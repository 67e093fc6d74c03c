"""Chords: how far a straight line along an axis runs in one phase before it meets another.

A block knows the chords that begin and end inside it. Those that touch its ends are kept line by line and joined when
all blocks are measured. Chords that the volume's border cuts are censored: they are not in the distribution, but the
mean intercept length counts all length and all ends, so it is not shortened by leaving the long ones out.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from keramos.quantify.measured import AXES, Curve, Measured, Measurements
from keramos.quantify.measurement import Domain
from keramos.quantify.seen import Seen
from keramos.volume import Box, Quantity, Triple

_CODES = 256


@dataclass(eq=False)
class Ends:
    """The first and the last run of every line of a block along an axis; a line of one run has it as both."""

    core: Box
    first: NDArray[np.int32]
    last: NDArray[np.int32]
    first_code: NDArray[np.uint8]
    last_code: NDArray[np.uint8]
    single: NDArray[np.bool_]


@dataclass(eq=False)
class Runs:
    """Per axis: complete runs by code and length (256, longest + 1), and the ends of each block."""

    complete: list[NDArray[np.int64]]
    ends: list[list[Ends]] = field(default_factory=lambda: [[], [], []])


@dataclass(frozen=True)
class Chords:
    """Chord length distributions and mean intercept lengths along Z, Y and X."""

    domain: Domain
    before: Triple = (0, 0, 0)
    after: Triple = (0, 0, 0)

    def measure(self, seen: Seen) -> Runs:
        found = Runs([self._empty(axis) for axis in range(3)])
        for axis in range(3):
            ends = _runs(seen.own, axis, seen.core, found.complete[axis])
            found.ends[axis].append(ends)
        return found

    def merge(self, one: Runs, other: Runs) -> Runs:
        complete = [a + b for a, b in zip(one.complete, other.complete, strict=True)]
        return Runs(complete, [a + b for a, b in zip(one.ends, other.ends, strict=True)])

    def finish(self, partial: Runs) -> Measurements:
        found, means = Measurements(), {}
        for axis, name in enumerate(AXES):
            complete, cut = self._joined(partial.complete[axis].copy(), partial.ends[axis], axis)
            step = self.domain.voxel_size.zyx[axis]
            for code in self.domain.wanted:
                phase = self.domain.phases.names[code]
                rows, mean = _of_phase(complete[code], cut[code], step, phase, name)
                found, means[code, name] = found + rows, mean
        return found + self._anisotropy(means)

    def _joined(
        self, complete: NDArray[np.int64], ends: list[Ends], axis: int
    ) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """Complete runs and those cut by the border (256, lengths), the blocks' ends joined."""
        across = tuple(n for other, n in enumerate(self.domain.shape) if other != axis)
        code, length = np.zeros(across, np.uint8), np.zeros(across, np.int32)
        whole = np.zeros(across, bool)  # the open run began inside the volume
        cut = np.zeros_like(complete)
        for block in sorted(ends, key=lambda item: item.core.start[axis]):
            place = tuple(s for other, s in enumerate(block.core.slices) if other != axis)
            begins = block.core.start[axis] == 0
            goes_on = (code[place] == block.first_code) & (not begins)
            if not begins:
                closed = ~goes_on
                for mask, table in ((closed & whole[place], complete), (closed & ~whole[place], cut)):
                    _add(table, code[place][mask], length[place][mask])
            run = block.first + np.where(goes_on, length[place], 0)
            began = np.where(goes_on, whole[place], not begins)
            several = ~block.single
            for mask, table in ((several & began, complete), (several & ~began, cut)):
                _add(table, block.first_code[mask], run[mask])
            code[place], length[place] = block.last_code, np.where(block.single, run, block.last)
            whole[place] = np.where(block.single, began, True)
        _add(cut, code.ravel(), length.ravel())
        return complete, cut

    def _anisotropy(self, means: dict[tuple[int, str], float]) -> Measurements:
        rows = []
        for code in self.domain.wanted:
            lengths = np.array([means[code, axis] for axis in AXES])
            if np.isfinite(lengths).all() and lengths.min() > 0:
                method = "longest mean intercept length over the shortest"
                value = Quantity(float(lengths.max() / lengths.min()), "1", method)
                rows.append(Measured("anisotropy", value, self.domain.phases.names[code]))
        return Measurements(tuple(rows))

    def _empty(self, axis: int) -> NDArray[np.int64]:
        return np.zeros((_CODES, self.domain.shape[axis] + 1), np.int64)


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
    _add(complete, of_run[inner], lengths[inner])
    return Ends(
        core, lengths[heads].reshape(across), lengths[tails].reshape(across), of_run[heads].reshape(across),
        of_run[tails].reshape(across), (heads == tails).reshape(across),
    )  # fmt: skip


def _add(table: NDArray[np.int64], codes: NDArray[np.uint8], lengths: NDArray[np.int32]) -> None:
    width = table.shape[1]
    table += np.bincount(codes.astype(np.int64) * width + lengths, minlength=table.size).reshape(table.shape)


def _of_phase(
    complete: NDArray[np.int64], cut: NDArray[np.int64], step: float, phase: str, axis: str
) -> tuple[Measurements, float]:
    """Distribution and mean intercept length of a phase along an axis; the mean is NaN where nothing ends.

    Mean intercept length: all length in the phase over the number of chords, a chord that the border cuts counting
    half for each end that it has (Underwood, Quantitative Stereology, 1970, section 4.2).
    """
    lengths = np.arange(len(complete))
    chords = complete.sum() + cut[:-1].sum() / 2  # one that runs through the whole volume has no end at all
    total = float(lengths @ (complete + cut)) * step
    mean = total / chords if chords else np.nan
    used = np.flatnonzero(complete)
    units = {"length": "nm", "chords": "1"}
    method = f"runs of voxels along {axis}; chords cut by the border ({int(cut.sum())}) are left out"
    columns = {"length": (used * step).tolist(), "chords": complete[used].tolist()}
    curve = Curve("chord length distribution", columns, units, method, phase, axis)
    rows = []
    if np.isfinite(mean):
        method = "length in the phase per chord; chords cut by the border count half"
        rows.append(Measured("mean intercept length", Quantity(float(mean), "nm", method), phase, axis))
    return Measurements(tuple(rows), (curve,) if len(used) else ()), float(mean)
