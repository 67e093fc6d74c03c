"""Surface area, mean curvature and Euler number of each phase, from counted configurations."""

from __future__ import annotations

from dataclasses import dataclass
from math import pi

import numpy as np
from numpy.typing import NDArray

from keramos.core import Quantity, Triple, VoxelSize
from keramos.measurements.cells import euler_by_corners, euler_by_faces, planes, transitions
from keramos.measurements.configurations import Configurations, Counts
from keramos.measurements.directions import sphere_shares, vectors
from keramos.measurements.interval import interval, ratio_spread, sum_spread
from keramos.measurements.measured import Measured, Measurements
from keramos.measurements.measurement import Domain
from keramos.measurements.seen import Seen
from keramos.measurements.windows import Windows

SURFACE = "Crofton's formula over 13 directions, extrapolated from pairs of voxels one and two apart"
CURVATURE = "Euler numbers of sections along 13 planes"
_UM = 1e3
_BY_FACES = "connected through faces (6)"


@dataclass(eq=False)
class Cells:
    """Counted cells of one voxel and of two, per phase and window; and those that stick out of the volume."""

    near: Counts
    wide: Counts
    border: Counts


@dataclass(frozen=True)
class Interface:
    """Specific surface area, mean curvature and Euler number, per volume that was measured."""

    domain: Domain
    windows: Windows
    before: Triple = (1, 1, 1)
    after: Triple = (2, 2, 2)

    def measure(self, seen: Seen) -> Cells:
        near, wide = (Configurations(self.domain, self.windows, step) for step in (1, 2))
        return Cells(near.inside(seen), wide.inside(seen), near.border(seen))

    def merge(self, one: Cells, other: Cells) -> Cells:
        return Cells(one.near + other.near, one.wide + other.wide, one.border + other.border)

    def finish(self, partial: Cells) -> Measurements:
        found = Measurements()
        for number, code in enumerate(self.domain.wanted):
            parts = (partial.near[number], partial.wide[number], partial.border[number])
            found += self._of_phase(self.domain.phases.names[code], *parts)
        return found

    def _of_phase(self, phase: str, near: Counts, wide: Counts, border: Counts) -> Measurements:
        size, cells = self.domain.voxel_size, near.sum(axis=-1).astype(float)
        surface, curved = near @ surface_table(size), near @ curvature_table(size)
        euler = near @ euler_by_faces() / size.volume_nm3
        rows = [
            self._surface(phase, near, wide),
            _ratio("mean curvature", phase, curved * _UM, surface, "1/um", f"{CURVATURE}, per surface"),
            _ratio("Euler number density", phase, euler * _UM**3, cells, "1/um3", f"configurations, {_BY_FACES}"),
        ]
        whole = near.sum(axis=(0, 1, 2)) + border
        for name, table, how in (
            ("Euler number", euler_by_faces(), _BY_FACES),
            ("Euler number (26)", euler_by_corners(), "connected through faces, edges and corners (26)"),
        ):
            method = f"configurations, {how}; the body ends where the volume ends"
            rows.append(Measured(name, Quantity(round(float(whole @ table)), "1", method), phase))
        return Measurements(tuple(row for row in rows if row is not None))

    def _surface(self, phase: str, near: Counts, wide: Counts) -> Measured | None:
        """From pairs one voxel apart and two, to where they would meet: pairs miss surface that lies twice between
        them, in proportion to their distance where it has edges."""
        table, cells = surface_table(self.domain.voxel_size), near.sum(axis=-1).astype(float)
        if not cells.sum():
            return None
        parts = [(_UM * near @ table, cells)]
        if wide.sum():
            parts.append((_UM / 2 * wide @ table, wide.sum(axis=-1).astype(float)))
        ratios = [float(above.sum() / below.sum()) for above, below in parts]
        deviations = [(a - r * b) / b.sum() for r, (a, b) in zip(ratios, parts, strict=True)]
        weights = (2, -1) if len(parts) == 2 else (1,)
        value = max(0.0, sum(w * r for w, r in zip(weights, ratios, strict=True)))
        spread = sum_spread(np.sum([w * d for w, d in zip(weights, deviations, strict=True)], axis=0))
        return Measured("specific surface area", Quantity(value, "1/um", SURFACE, interval(value, spread, 0.0)), phase)


def _ratio(
    name: str,
    phase: str,
    above: NDArray[np.float64],
    below: NDArray[np.float64],
    unit: str,
    method: str,
    low: float = -np.inf,
) -> Measured | None:
    """A ratio of sums over windows with its interval; None where the lower sum is zero."""
    if below.sum() <= 0:
        return None
    value = float(above.sum() / below.sum())
    return Measured(name, Quantity(value, unit, method, interval(value, ratio_spread(above, below), low)), phase)


def surface_table(size: VoxelSize) -> NDArray[np.float64]:
    """Surface per volume (1/nm) that a cell of each configuration stands for: S_V = 2 P_L, averaged over directions.

    P_L is the number of crossings of the surface per length of a line (Crofton; Underwood, Quantitative Stereology,
    1970, equation 2.3). Bias, cubic voxels: within 1 % over all orientations together, between -7.4 % (surfaces along
    the axes) and +4 % for one orientation.
    """
    lines = vectors(size)
    return np.asarray(2 * transitions() @ (sphere_shares(lines) / np.linalg.norm(lines, axis=1)))


def curvature_table(size: VoxelSize) -> NDArray[np.float64]:
    """The integral of mean curvature per volume (1/nm2) that a cell of each configuration stands for.

    M_V = 2 pi chi_A, with the Euler number per area of plane sections averaged over directions (Ohser and Muecklich,
    2000, equation 4.17); positive where the phase is convex.
    """
    found = [(np.multiply(a, size.zyx), np.multiply(b, size.zyx), table) for a, b, table in planes()]
    normals = np.array([np.cross(a, b) for a, b, _ in found])
    areas = np.linalg.norm(normals, axis=1)
    # Of the thirteenth to the tenth last, the tile is a triangle: half of what the two edges span.
    areas[-4:] /= 2
    tables = np.stack([table for _, _, table in found], axis=1)
    return np.asarray(2 * pi * tables @ (sphere_shares(normals) / areas), float)
