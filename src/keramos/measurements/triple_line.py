"""The length of the lines where three phases meet."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import PhaseTable, Triple, VoxelSize
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.interval import add_interval, ratio_spread
from keramos.measurements.counting.line_pieces import (
    AFTER,
    BEFORE,
    MOST_PHASES,
    UNIT,
    count_annotated_cells,
    find_line_pieces,
)
from keramos.measurements.measurement import Measurement
from keramos.measurements.results import Measured, Measurements, join_phases
from keramos.measurements.sources import COEURJOLLY
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_UM2 = 1e6

LENGTH = QuantitySpec(
    id="triple-phase-boundary-length",
    name="triple-phase boundary length",
    unit="1/um2",
    length_power=-2,
    meaning="The length of the lines where three phases meet, per volume: where gas, electrons and ions meet in an "
    "electrode. Of more than three phases, also of each three.",
    method="edges of voxels around which three phases meet, each shortened by the slope of the line over nine edges",
    caveat="too long: straight lines by 1 % on the mean over directions where phases meet at 120 degrees (most: 7 "
    "%), by 3 % (11 %) at 90, 90 and 180 degrees, by 8 % (29 %) at 45, 135 and 180; in voxels 4 times as deep"
    " as wide by 3 (8), 6 (18) and 21 (43) %, 10 times by 9 (18), 15 (30) and 40 (81) %; circles of 3 to 13 "
    "voxels' radius 5 to 8 % (9 to 13 % in voxels 4 times as deep as wide), lines between random surfaces 5 "
    "%; edges as they are would be 50 % too long",
    sources=(COEURJOLLY,),
    rank=30,
    comparison="shown",
    has_interval=True,
)


@dataclass(eq=False)
class Lengths:
    """Amounts of edges (3 axes, windows Z Y X; halves of edges in `UNIT`) by the phases that meet there (one bit
    each), and annotated cells per window."""

    amounts: Mapping[int, NDArray[np.int64]]
    cells: NDArray[np.int64]


@dataclass(frozen=True)
class TripleLine:
    """Edges of voxels around which three or more phases meet, per window and direction.

    An edge whose ring of four voxels holds the same phase on both sides, across it, counts for nothing: there two
    surfaces touch, and lines of three phases come out closed. Each half of an edge counts in the cell of 2 x 2 x 2
    annotated voxels that it lies in. The steps in which edges follow a line are corrected as `find_line_pieces` says.
    """

    volume: MeasuredVolume
    before: Triple = BEFORE
    after: Triple = AFTER

    def measure(self, block: BlockView) -> Lengths:
        volume = self.volume
        if len(volume.phases) > MOST_PHASES:
            return Lengths({}, np.zeros(volume.windows.grid, np.int64))
        return count_lengths(block, volume)

    def merge(self, first: Lengths, second: Lengths) -> Lengths:
        amounts = dict(first.amounts)
        for phases, amount in second.amounts.items():
            amounts[phases] = amounts[phases] + amount if phases in amounts else amount
        return Lengths(amounts, first.cells + second.cells)

    def finish(self, partial: Lengths) -> Measurements:
        phases = len(self.volume.phases)
        if phases > MOST_PHASES:
            return Measurements(notes=(f"no triple lines: {phases} phases, more than {MOST_PHASES}",))
        below = partial.cells.astype(float)
        if not below.sum():
            return Measurements()
        lengths = {phases: length_of(each, self.volume.voxel_size) for phases, each in partial.amounts.items()}
        total = sum(lengths.values(), np.zeros(partial.cells.shape))
        rows = [self._row(total, below, "")]
        if len(self.volume.phases) > 3:
            rows += [self._row(lengths[key], below, name_phases(key, self.volume.phases)) for key in sorted(lengths)]
        return Measurements(tuple(rows))

    def _row(self, length: NDArray[np.float64], cells: NDArray[np.float64], phases: str) -> Measured:
        """Per volume, from lengths and cells of each window."""
        above, below = _UM2 * length, cells * self.volume.voxel_size.volume_nm3
        value = float(above.sum() / below.sum())
        spread = ratio_spread(above, below, self.volume.select_windows(cells))
        return add_interval(LENGTH.row(value, phases), spread, 0.0)


def count_lengths(block: BlockView, volume: MeasuredVolume) -> Lengths:
    """The lengths in a block that was read with `BEFORE` and `AFTER`."""
    windows = volume.windows
    pieces = find_line_pieces(block, len(volume.phases), windows, volume.voxel_size)
    count = int(np.prod(windows.grid))
    amounts = {}
    for phases in np.unique(pieces.phases).tolist():
        of_it = pieces.phases == phases
        place = pieces.axis[of_it] * count + pieces.window[of_it]
        sums = np.bincount(place, pieces.amount[of_it], 3 * count)  # whole numbers below 2**53: exact
        amounts[phases] = sums.astype(np.int64).reshape(3, *windows.grid)
    return Lengths(amounts, block.share(("cells of lines", windows), lambda: count_annotated_cells(block, windows)))


def length_of(amounts: NDArray[np.int64], size: VoxelSize) -> NDArray[np.float64]:
    """Length (nm) per window, from halves of edges along Z, Y and X."""
    return np.asarray(np.tensordot(np.array(size.zyx) / (2 * UNIT), amounts, axes=1), float)


def name_phases(bits: int, phases: PhaseTable) -> str:
    """The names of the phases that bits stand for."""
    return join_phases(name for code, name in enumerate(phases.names) if bits >> code & 1)


def _applies(volume: MeasuredVolume) -> bool:
    return len(volume.phases) > 2


MEASUREMENT = Measurement(name="triple-line", quantities=(LENGTH,), applies=_applies, in_blocks=TripleLine)
