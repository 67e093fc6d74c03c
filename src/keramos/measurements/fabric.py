"""Fabric: the ellipsoid of mean intercept lengths, how far it is from a ball, and where its longest axis points.

Mean intercept lengths L along 13 directions n are fitted by 1 / L^2 = n M n with a symmetric M (Harrigan and Mann, J.
Mater. Sci. 19, 761, 1984); the principal lengths are the inverse roots of its eigenvalues. Crossings are those of the
cells that surfaces are counted in, extrapolated from pairs of voxels one and two apart, so that the grid gives no
direction of its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple
from keramos.measurements.block_view import BlockView
from keramos.measurements.counting.cells import transitions
from keramos.measurements.counting.configurations import Configurations, Counts
from keramos.measurements.counting.directions import sphere_shares, vectors
from keramos.measurements.counting.interval import add_interval
from keramos.measurements.fabric_tensor import add_angle_interval, angles_of, linear_spreads, name_direction
from keramos.measurements.measurement import Measurement
from keramos.measurements.printed import BONEJ
from keramos.measurements.results import AXES, Measured, Measurements
from keramos.measurements.spec import QuantitySpec
from keramos.measurements.volume import MeasuredVolume

_HARRIGAN = "T. P. Harrigan and R. W. Mann, J. Mater. Sci. 19, 761 (1984)"
_METHOD = "ellipsoid fitted to mean intercept lengths along 13 directions"
_NONE = "none where the fit is no ellipsoid, as in layers whose lines along an axis end nowhere"

DEGREE = QuantitySpec(
    id="fabric-anisotropy",
    name="degree of anisotropy (fabric)",
    unit="1",
    length_power=0,
    meaning="The longest over the shortest axis of the ellipsoid of mean intercept lengths of {phase}, in whatever "
    "directions they lie: 1 where it looks alike in all.",
    method=f"{_METHOD}; longest over shortest",
    caveat="overlapping balls of three voxels' radius and more, stretched twofold, within 11 % (35 % in voxels four "
    f"times as deep as wide); isotropic ones up to 0.1 above 1, for noise can only add; {_NONE}",
    sources=(_HARRIGAN,),
    rank=81,
    has_interval=True,
    printed=(BONEJ.prints("Anisotropy, of mean intercept lengths: 1 - (shortest / longest)^2"),),
)
ANGLE = QuantitySpec(
    id="fabric-angle",
    name="angle of the longest fabric axis",
    unit="degree",
    length_power=0,
    meaning="The angle between an axis of the volume and the direction in which lines stay longest in {phase}.",
    method=f"{_METHOD}; its longest axis",
    caveat="within 3 degrees where the degree of anisotropy is 1.5 or more and the volume some twenty bodies wide, 6"
    " in volumes of nine radii, 10 where voxels are four times as deep as wide; of no meaning near 1: the "
    "interval is then any angle",
    sources=(_HARRIGAN,),
    rank=82,
    headline=False,
    has_interval=True,
)


@dataclass(eq=False)
class FabricCells:
    """Counted cells of one voxel and of two, per phase and window."""

    near: Counts
    wide: Counts


@dataclass(frozen=True)
class Fabric:
    """The ellipsoid of mean intercept lengths of each phase."""

    volume: MeasuredVolume
    before: Triple = (0, 0, 0)
    after: Triple = (2, 2, 2)

    def measure(self, block: BlockView) -> FabricCells:
        codes, windows = self.volume.measured_codes, self.volume.windows
        near, wide = (Configurations(codes, windows, step).count_inside(block) for step in (1, 2))
        return FabricCells(near, wide)

    def merge(self, first: FabricCells, second: FabricCells) -> FabricCells:
        return FabricCells(first.near + second.near, first.wide + second.wide)

    def finish(self, partial: FabricCells) -> Measurements:
        rows: list[Measured] = []
        for number, code in enumerate(self.volume.measured_codes):
            rows += self._of_phase(self.volume.phases.names[code], partial.near[number], partial.wide[number])
        return Measurements(tuple(rows))

    def _of_phase(self, phase: str, near: Counts, wide: Counts) -> list[Measured]:
        above, below = _crossings(near, wide)
        if not (below.sum(axis=(0, 1, 2)) > 0).all():
            return []
        fit = _Fit(vectors(self.volume.voxel_size))
        if fit.axes(above.sum(axis=(0, 1, 2)) / below.sum(axis=(0, 1, 2))) is None:
            return []
        used = self.volume.select_windows(near.sum(axis=-1).astype(float))
        values, spreads = linear_spreads(fit.describe, above, below, used)
        axes = fit.axes(above.sum(axis=(0, 1, 2)) / below.sum(axis=(0, 1, 2)))
        where = "" if axes is None else f", towards z y x {name_direction(axes[1])}"
        rows = [add_interval(DEGREE.row(float(values[0]), phase), spreads[0], 1.0)]
        for number, axis in enumerate(AXES, 2):
            row = ANGLE.row(float(values[number]), phase, axis, method=f"{ANGLE.method}{where}")
            rows.append(add_angle_interval(row, spreads[number], (float(values[1]), spreads[1])))
        return rows


@dataclass(frozen=True, eq=False)
class _Fit:
    """Ellipsoids fitted to ratios: of pairs one apart and two apart that cross, along each of `lines` (13, ZYX)."""

    lines: NDArray[np.float64]

    @cached_property
    def weights(self) -> NDArray[np.float64]:
        """With which the lines count: the root of the share of all directions that each stands for."""
        return np.sqrt(sphere_shares(self.lines))

    def axes(self, ratios: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]] | None:
        """The principal lengths up to a factor, the longest first, and the direction of the longest; None if there is
        no ellipsoid."""
        lengths = np.linalg.norm(self.lines, axis=1)
        near, wide = ratios[:13] / lengths, ratios[13:] / (2 * lengths)
        per_length = np.maximum(2 * near - wide, 0)
        units = self.lines / lengths[:, None]
        design = np.stack([units[:, a] * units[:, b] * (1 if a == b else 2) for a, b in _PAIRS], axis=1)
        solved, *_ = np.linalg.lstsq(design * self.weights[:, None], per_length**2 * self.weights, rcond=None)
        matrix = np.zeros((3, 3))
        for value, (a, b) in zip(solved, _PAIRS, strict=True):
            matrix[a, b] = matrix[b, a] = value
        values, directions = np.linalg.eigh(matrix)
        if values[0] <= 1e-3 * values[2]:
            return None
        return 1 / np.sqrt(values), directions[:, 0]

    def describe(self, ratios: NDArray[np.float64]) -> NDArray[np.float64]:
        """The degree of anisotropy, by what share of the second axis the longest is longer, and its angles with Z, Y
        and X."""
        found = self.axes(ratios)
        if found is None:
            return np.full(5, np.nan)
        lengths, direction = found
        return np.concatenate([[lengths[0] / lengths[2], lengths[0] / lengths[1] - 1], angles_of(direction)])


_PAIRS = ((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))


def _crossings(near: Counts, wide: Counts) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """The pairs that cross along each direction in each window (Z Y X, 26), first those one apart; and all pairs."""
    crossed = [counts @ transitions() for counts in (near, wide)]
    pairs = [np.repeat(counts.sum(axis=-1)[..., None], 13, axis=-1) for counts in (near, wide)]
    return np.concatenate(crossed, axis=-1), np.concatenate(pairs, axis=-1).astype(float)


def _applies(volume: MeasuredVolume) -> bool:
    return volume.shape[0] > 2 and min(volume.shape) > 2


MEASUREMENT = Measurement(name="fabric", quantities=(DEGREE, ANGLE), applies=_applies, in_blocks=Fabric)
