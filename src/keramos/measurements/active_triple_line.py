"""The triple-phase boundary that works: its phases are connected to where gas, electrons and ions come from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from math import hypot, sqrt

import numpy as np
from numpy.typing import NDArray

from keramos.core import PhaseTable, Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.component_table import (
    Components,
    ComponentTable,
    empty_table,
    labelled_box,
    labelled_components,
    merge_components,
    resolve_components,
)
from keramos.measurements.counting.interval import Spread, add_interval, interval, ratio_spread
from keramos.measurements.counting.line_pieces import (
    AFTER,
    BEFORE,
    MOST_PHASES,
    count_annotated_cells,
    find_line_pieces,
)
from keramos.measurements.counting.windows import Windows
from keramos.measurements.measurement import Measurement
from keramos.measurements.results import AXES, Measurements
from keramos.measurements.sources import COEURJOLLY, WILSON
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.triple_line import length_of
from keramos.measurements.volume import MeasuredVolume

_UM2 = 1e6
_DRAWS = 9
"""Three phases, each connected or not along three axes."""
_UNKNOWN_TOO = "what reaches no face of the volume is isolated for sure, what reaches another may be connected outside"

ACTIVE = QuantitySpec(
    id="active-triple-phase-boundary-length",
    name="active triple-phase boundary length",
    unit="1/um2",
    length_power=-2,
    meaning="The length, per volume, of the lines where three phases meet that are each connected: where an electrode "
    "can react.",
    method="triple-phase boundary whose phases are each in a component that reaches both ends of some axis, or the "
    "face that --electrodes names",
    caveat="as the triple-phase boundary length; a thin volume connects what the material does not; the interval "
    "counts what reaches a face as connected or not by chance, a draw for each of three phases along each axis",
    sources=(COEURJOLLY, WILSON),
    rank=31,
    comparison="shown",
    has_interval=True,
)
ISOLATED = QuantitySpec(
    id="isolated-triple-phase-boundary-fraction",
    name="isolated fraction of the triple-phase boundary",
    unit="1",
    length_power=0,
    meaning="The share of the triple-phase boundary that is dead: one of its phases reaches no face of the volume.",
    method=f"length of lines with fewer than three phases in components that reach a face; {_UNKNOWN_TOO}",
    caveat="exact but for the length",
    sources=(WILSON,),
    rank=32,
    headline=False,
    display="fraction",
)
UNKNOWN = QuantitySpec(
    id="unknown-triple-phase-boundary-fraction",
    name="unknown fraction of the triple-phase boundary",
    unit="1",
    length_power=0,
    meaning="The share of the triple-phase boundary of which the volume does not tell whether it is active.",
    method="length of lines that are neither active nor isolated",
    caveat="the smaller the volume, the larger",
    sources=(WILSON,),
    rank=33,
    headline=False,
    display="fraction",
)


@dataclass(eq=False)
class LineTable:
    """Lines by window and by the components around them.

    Attributes:
        components: of all phases; cells: annotated cells per window.
        window: flat number of each row's window; around: (N, 4) rows of `components` of the four voxels around, in
            order, -1 for a voxel without one.
        amount: (N, 3) halves of edges along Z, Y, X, in `UNIT`.
    """

    components: ComponentTable
    cells: NDArray[np.int64]
    window: NDArray[np.int64]
    around: NDArray[np.int64]
    amount: NDArray[np.int64]


@dataclass(frozen=True)
class ActiveLines:
    """Triple lines of the largest annotated box, by what the components around them are connected to."""

    volume: MeasuredVolume
    before: Triple = BEFORE
    after: Triple = AFTER

    def measure(self, block: BlockView) -> LineTable:
        volume, windows, box = self.volume, self._windows, self.volume.annotated_box
        part = block if volume.is_box else None if box is None else block.within(box)
        if part is None:
            none = np.zeros(0, np.int64)
            return LineTable(
                empty_table(), np.zeros(windows.grid, np.int64), none, none.reshape(0, 4), none.reshape(0, 3)
            )
        pieces = find_line_pieces(part, len(volume.phases), windows, volume.voxel_size)
        labels, table = labelled_components(part, tuple(range(len(volume.phases))), volume.settings.connectivity)
        at = pieces.around() - np.array(labelled_box(part.core, part.shape).start)
        around = np.sort(labels[tuple(np.moveaxis(at, 2, 0))].astype(np.int64) - 1, axis=1)
        keys, row = np.unique(np.column_stack([pieces.window, around]), axis=0, return_inverse=True)
        sums = np.bincount(3 * row.ravel() + pieces.axis, pieces.amount, 3 * len(keys))
        cells = part.share(("cells of lines", windows), lambda: count_annotated_cells(part, windows))
        return LineTable(table, cells, keys[:, 0], keys[:, 1:], sums.astype(np.int64).reshape(-1, 3))

    def merge(self, first: LineTable, second: LineTable) -> LineTable:
        moved = np.where(second.around < 0, -1, second.around + len(first.components.voxels))
        return LineTable(
            merge_components(first.components, second.components),
            first.cells + second.cells,
            np.concatenate([first.window, second.window]),
            np.concatenate([first.around, moved]),
            np.concatenate([first.amount, second.amount]),
        )

    def finish(self, partial: LineTable) -> Measurements:
        volume, box = self.volume, self.volume.annotated_box
        total = int(partial.cells.sum())
        if box is None or not total:
            return Measurements()
        components = resolve_components(partial.components)
        around = np.where(partial.around < 0, -1, np.append(components.number, -1)[partial.around])
        connected = connected_components(components, volume.phases, volume.settings.electrodes)
        active = _count_phases(around, components, connected) >= 3
        reaching = _count_phases(around, components, components.touches > 0) >= 3
        domain, how = volume.name_of(box), self._how
        # Whole numbers are summed first: their sums do not depend on the order of the blocks.
        above, every = (self._lengths(partial, chosen) for chosen in (active, np.ones_like(active)))
        below = partial.cells * volume.voxel_size.volume_nm3
        value = float(above.sum() / below.sum())
        unknown = _UM2 * float(
            length_of(partial.amount[~active & reaching].sum(axis=0), volume.voxel_size) / below.sum()
        )
        spread = _add_chance(ratio_spread(above, below, np.ones(below.shape, bool)), value, unknown)
        most = interval(float(every.sum() / below.sum()), ratio_spread(every, below, np.ones(below.shape, bool)))
        rows = [add_interval(ACTIVE.row(value, method=how, domain=domain), spread, 0.0, most[1] if most else np.inf)]
        whole = float(length_of(partial.amount.sum(axis=0), volume.voxel_size))
        if whole:
            for spec, chosen in ((ISOLATED, ~active & ~reaching), (UNKNOWN, ~active & reaching)):
                length = float(length_of(partial.amount[chosen].sum(axis=0), volume.voxel_size))
                rows.append(spec.row(length / whole, domain=domain))
        return Measurements(tuple(rows))

    def _lengths(self, partial: LineTable, chosen: NDArray[np.bool_]) -> NDArray[np.float64]:
        """The length of chosen lines in each window."""
        sums = [np.bincount(partial.window[chosen], each[chosen], partial.cells.size) for each in partial.amount.T]
        amounts = np.reshape(sums, (3, *partial.cells.shape)).astype(np.int64)
        return np.asarray(_UM2 * length_of(amounts, self.volume.voxel_size))

    @cached_property
    def _windows(self) -> Windows:
        volume, box = self.volume, self.volume.annotated_box
        return volume.windows if volume.is_box or box is None else Windows.over(box.shape, volume.voxel_size)

    @property
    def _how(self) -> str:
        electrodes = self.volume.settings.electrodes
        through = "triple-phase boundary whose phases are each in a component that reaches both ends of some axis"
        if not electrodes:
            return through
        return f"{through}, or {', '.join(f'{phase} {_FACES[face]}' for phase, face in electrodes.items())}"


def _add_chance(spread: Spread | None, active: float, unknown: float) -> Spread | None:
    """The spread of an active length, where what is `unknown` might as well be active and the reverse: of what is
    either, the share that is active has the variance of a binomial share of so many draws."""
    if spread is None:
        return None
    return replace(spread, standard_error=hypot(spread.standard_error, sqrt(active * unknown / _DRAWS)))


_FACES = {f"{axis}{end}": f"the {word} of {axis}" for axis in AXES for end, word in enumerate(("start", "end"))} | {
    axis: f"both ends of {axis}" for axis in AXES
}


def connected_components(
    components: Components, phases: PhaseTable, electrodes: Mapping[str, str]
) -> NDArray[np.bool_]:
    """A mask of the components that are connected: to the face that is named for their phase (`z0` where Z starts,
    `z1` where it ends, `z` both), or, of a phase that is not named, to both ends of some axis."""
    touches = components.touches
    connected = np.asarray(np.any([touches & both == both for both in (3, 12, 48)], axis=0))
    for phase, face in electrodes.items():
        axis, of_phase = 2 * AXES.index(face[0]), components.code == phases.code(phase)
        bits = 3 << axis if len(face) == 1 else 1 << axis + int(face[1])
        connected[of_phase] = touches[of_phase] & bits == bits
    return connected


def _count_phases(around: NDArray[np.int64], components: Components, chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """The number of phases around each line, of those components that are chosen."""
    codes = np.append(np.where(chosen, components.code.astype(np.int64), -1), -1)[around]
    codes = np.sort(codes, axis=1)
    first = np.concatenate([np.ones((len(codes), 1), bool), codes[:, 1:] != codes[:, :-1]], axis=1)
    return np.asarray(np.count_nonzero(first & (codes >= 0), axis=1))


def _applies(volume: MeasuredVolume) -> bool:
    return 2 < len(volume.phases) <= MOST_PHASES


MEASUREMENT = Measurement(
    name="active-triple-line",
    quantities=(ACTIVE, ISOLATED, UNKNOWN),
    applies=_applies,
    in_blocks=ActiveLines,
)
