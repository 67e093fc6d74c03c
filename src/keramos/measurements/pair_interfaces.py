"""The interface between each two of several phases: its area, the share of each that it covers, how long contacts are.

The area between phases a and b is half of S(a) + S(b) - S(a and b together): each surface is counted from the same
cells in the same way, so that the areas between a phase and all others sum to its specific surface area.

Coverage is a ratio, in which what pairs of neighbouring voxels miss cancels. Pairs two voxels apart, by which surfaces
are extrapolated, see nothing of a film that lies between them: they are left out of it.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from itertools import combinations
from math import pi

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.cells import transitions
from keramos.measurements.counting.configurations import count_cells
from keramos.measurements.counting.extrapolation import Extrapolated, crossing_weights, extrapolate
from keramos.measurements.counting.interval import add_interval, ratio_spread, sum_spread
from keramos.measurements.counting.line_pieces import AFTER, BEFORE
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import MATBOX, PORESPY, TAUFACTOR
from keramos.measurements.results import Measured, Measurements, join_phases
from keramos.measurements.sources import OHSER, UNDERWOOD
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.triple_line import Lengths, TripleLine, length_of
from keramos.measurements.volume import MeasuredVolume

_SHARED = 4
"""Pairs of voxels along an axis in a cell: crossings are counted in quarters."""
_UM2 = 1e6

AREA = QuantitySpec(
    id="interface-area",
    name="interface area",
    unit="1/um",
    length_power=-1,
    meaning="How much boundary {phase} have with each other in each cubic micrometre of the material.",
    method="half of the surface of both phases less that of the two as one, each by Crofton's formula over 13 "
    "directions, extrapolated from pairs of voxels one and two apart",
    caveat="as the specific surface area, of which the areas of a phase with all others are parts; that with a film on "
    "a ball is 28 % too large where the film is one voxel thick, 11 % where two, and right from three on "
    "(in voxels four times as deep as wide 11 % at three, 5 % at four)",
    sources=(OHSER,),
    rank=21,
    comparison="shown",
    has_interval=True,
    printed=(
        TAUFACTOR.prints("metrics.interfacial_areas: faces of voxels", benchmark="printed"),
        PORESPY.prints("metrics.region_interface_areas: of a mesh", benchmark="printed"),
        MATBOX.prints("specific interface area, direct: number of faces"),
    ),
)
COVERAGE = QuantitySpec(
    id="coverage",
    name="coverage",
    unit="1",
    length_power=0,
    meaning="The share of the surface of the first phase of {phase} that the second one touches.",
    method="crossings between neighbouring voxels along 13 directions (Crofton's formula): those to the second phase "
    "over all of the first",
    caveat="surfaces along the voxel grid count for up to 7 % less than others; a film of one voxel, which diagonals "
    "jump over, covers a tenth too little (a quarter where voxels are twice as long along one axis), a thicker one not",
    sources=(OHSER,),
    rank=22,
    display="fraction",
    has_interval=True,
)
CONTACT = QuantitySpec(
    id="mean-contact-length",
    name="mean contact length",
    unit="um",
    length_power=1,
    meaning="How long the line is, on a section through the material, along which {phase} touch before a third phase "
    "comes between.",
    method="pi times the interface area over the length of the triple-phase boundary at its rims",
    caveat="as these two; contacts without a rim make it longer, those that the volume's border cuts do not",
    sources=(UNDERWOOD,),
    rank=45,
    has_interval=True,
)


@dataclass(eq=False)
class PairCounts:
    """Crossings, in quarters, along 13 directions and cells (groups, windows Z Y X, 14), in cells of one voxel and of
    two; and the lines where three phases meet."""

    near: NDArray[np.int64]
    wide: NDArray[np.int64]
    lines: Lengths


@dataclass(frozen=True)
class PairInterfaces:
    """Interfaces between each two of the measured phases.

    Contact length: an interface of area S_V per volume is seen on sections as lines of length B_A = (pi / 4) S_V per
    area, the lines at its rims, of length L_V, as P_A = L_V / 2 points, two for each contact (Underwood, Quantitative
    Stereology, 1970, equations 2.3, 2.4): a mean contact is B_A / (P_A / 2) = pi S_V / L_V long.
    """

    volume: MeasuredVolume
    before: Triple = BEFORE
    after: Triple = AFTER

    def measure(self, block: BlockView) -> PairCounts:
        near, wide = (self._count(block, step) for step in (1, 2))
        return PairCounts(near, wide, self._lines.measure(block))

    def merge(self, first: PairCounts, second: PairCounts) -> PairCounts:
        return PairCounts(
            first.near + second.near, first.wide + second.wide, self._lines.merge(first.lines, second.lines)
        )

    def finish(self, partial: PairCounts) -> Measurements:
        names = self.volume.phases.names
        surfaces = self._surfaces(partial.near, partial.wide)
        if not surfaces:
            return Measurements()
        neighbours = self._surfaces(partial.near, np.zeros_like(partial.wide))
        present = [code for code in self.volume.measured_codes if np.any(partial.near[code, ..., :13])]
        counted = self.volume.select_windows(partial.lines.cells)
        rows: list[Measured] = []
        for pair in combinations(present, 2):
            parts, deviations = self._between(surfaces, pair)
            value = max(0.0, float(parts.sum()))
            phases = join_phases(names[code] for code in pair)
            rows.append(add_interval(AREA.row(value, phases), sum_spread(deviations, counted), 0.0))
            touching, _ = self._between(neighbours, pair)
            for one, other in (pair, pair[::-1]):
                both = join_phases((names[one], names[other]))
                rows += _ratio(COVERAGE, both, touching, neighbours[one,].parts, counted, 1.0)
            lines = [each for bits, each in partial.lines.amounts.items() if all(bits >> code & 1 for code in pair)]
            if lines and value:
                length = length_of(np.sum(lines, axis=0), self.volume.voxel_size)
                volume = float(partial.lines.cells.sum()) * self.volume.voxel_size.volume_nm3
                rows += _ratio(CONTACT, phases, pi * parts, _UM2 * length / volume, counted, np.inf)
        return Measurements(tuple(rows))

    @cached_property
    def _groups(self) -> list[tuple[int, ...]]:
        """The phases alone and, where a third phase alone is not all the rest, each two of them together."""
        count = len(self.volume.phases)
        pairs = combinations(self.volume.measured_codes, 2) if count > 3 else ()
        return [*((code,) for code in range(count)), *pairs]

    @cached_property
    def _lines(self) -> TripleLine:
        return TripleLine(self.volume)

    def _count(self, block: BlockView, step: int) -> NDArray[np.int64]:
        table = np.ones((256, 14), np.int64)
        table[:, :13] = np.rint(_SHARED * transitions())
        return np.stack([count_cells(block, group, self.volume.windows, step) @ table for group in self._groups])

    def _surfaces(self, near: NDArray[np.int64], wide: NDArray[np.int64]) -> dict[tuple[int, ...], Extrapolated]:
        """The surface of each group; none without any cell."""
        found = zip(self._groups, map(self._surface, near, wide), strict=True)
        return {group: surface for group, surface in found if surface is not None}

    def _surface(self, near: NDArray[np.int64], wide: NDArray[np.int64]) -> Extrapolated | None:
        weights = crossing_weights(self.volume.voxel_size) / _SHARED
        (near_surface, near_cells), (wide_surface, wide_cells) = (
            (each[..., :13] @ weights, each[..., 13].astype(float)) for each in (near, wide)
        )
        return extrapolate(near_surface, near_cells, wide_surface, wide_cells)

    def _between(
        self, surfaces: dict[tuple[int, ...], Extrapolated], pair: tuple[int, ...]
    ) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Parts and deviations of the area between two phases."""
        first, second = (surfaces[code,] for code in pair)
        rest = tuple(code for code in range(len(self.volume.phases)) if code not in pair)
        both = surfaces[rest if len(rest) == 1 else pair]  # the surface of two phases together is that of all others
        parts = (first.parts + second.parts - both.parts) / 2
        return parts, (first.deviations + second.deviations - both.deviations) / 2


def _ratio(
    spec: QuantitySpec,
    phases: str,
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    counted: NDArray[np.bool_],
    most: float,
) -> list[Measured]:
    """A ratio of sums over windows with its interval; none where the lower sum is zero."""
    if below.sum() <= 0:
        return []
    value = min(max(0.0, float(above.sum() / below.sum())), most)
    return [add_interval(spec.row(value, phases), ratio_spread(above, below, counted), 0.0, most)]


def _applies(volume: MeasuredVolume) -> bool:
    return len(volume.phases) > 2 and volume.shape[0] > 1


MEASUREMENT = Measurement(
    name="pair-interfaces", quantities=(AREA, COVERAGE, CONTACT), applies=_applies, in_blocks=PairInterfaces
)
