"""Bodies with analytic answers: measurements and images of them follow from geometry alone.

All are defined by exact distances in nm, positive inside the solid, so that any voxel size samples the same body.
"""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.body import Body, Matter, Positions

Point = tuple[float, float, float]
Line = NDArray[np.float64]


@dataclass(frozen=True)
class Analytic(Body):
    """Base of the bodies: two phases, a fixed threshold, and a distance that the members define."""

    @property
    def adjustable(self) -> bool:
        return False

    def sample(self, positions_nm: Positions) -> Matter:
        z, y, x = positions_nm
        inside = self.inside_nm(z[:, None, None], y[:, None], x[None, None])
        shape = tuple(len(axis) for axis in positions_nm)
        return Matter(np.ascontiguousarray(np.broadcast_to(inside, shape), dtype=np.float32))

    @abstractmethod
    def inside_nm(self, z: Line, y: Line, x: Line) -> Any:
        """Depth in nm inside the solid at points given by arrays that broadcast."""


@dataclass(frozen=True)
class Laminate(Analytic):
    """Plates of solid, `solid_nm` thick, one every `period_nm` along `axis` (0, 1, 2 for Z Y X), the first at 0.

    Example:
        >>> plates = Laminate(axis=0, solid_nm=30, period_nm=100)
        >>> plates.solid_fraction, plates.surface_per_nm
        (0.3, 0.02)
    """

    axis: int
    solid_nm: float
    period_nm: float

    @property
    def solid_fraction(self) -> float:
        return self.solid_nm / self.period_nm

    @property
    def surface_per_nm(self) -> float:
        """Surface per volume in 1/nm."""
        return 2 / self.period_nm

    def inside_nm(self, z: Line, y: Line, x: Line) -> Any:
        phase = (z, y, x)[self.axis] % self.period_nm
        outside = np.minimum(phase - self.solid_nm, self.period_nm - phase)
        return np.where(phase < self.solid_nm, np.minimum(phase, self.solid_nm - phase), -outside)


@dataclass(frozen=True)
class Ball(Analytic):
    """One ball of solid in a void, or of void in solid if `hollow`."""

    centre_nm: Point
    radius_nm: float
    hollow: bool = False

    @property
    def volume_nm3(self) -> float:
        """Volume of the ball in nm³."""
        return 4 / 3 * pi * self.radius_nm**3

    @property
    def surface_nm2(self) -> float:
        return 4 * pi * self.radius_nm**2

    def inside_nm(self, z: Line, y: Line, x: Line) -> Any:
        cz, cy, cx = self.centre_nm
        inside = self.radius_nm - np.sqrt((z - cz) ** 2 + (y - cy) ** 2 + (x - cx) ** 2)
        return -inside if self.hollow else inside


@dataclass(frozen=True)
class Rod(Analytic):
    """A straight cylinder between the centres of its flat ends, of void in solid if `hollow`.

    It is oblique if the two points differ along more than one axis, and a dead end if it stops inside the volume.
    """

    start_nm: Point
    stop_nm: Point
    radius_nm: float
    hollow: bool = False

    @property
    def length_nm(self) -> float:
        return float(np.linalg.norm(np.subtract(self.stop_nm, self.start_nm)))

    @property
    def volume_nm3(self) -> float:
        """Volume of the cylinder in nm³."""
        return pi * self.radius_nm**2 * self.length_nm

    @property
    def surface_nm2(self) -> float:
        """Surface including both ends in nm²."""
        return 2 * pi * self.radius_nm * (self.length_nm + self.radius_nm)

    def inside_nm(self, z: Line, y: Line, x: Line) -> Any:
        start = np.asarray(self.start_nm)
        axis = (np.asarray(self.stop_nm) - start) / self.length_nm
        dz, dy, dx = z - start[0], y - start[1], x - start[2]
        along = dz * axis[0] + dy * axis[1] + dx * axis[2]
        side = np.sqrt(np.maximum(dz**2 + dy**2 + dx**2 - along**2, 0))
        ends, wall = np.abs(along - self.length_nm / 2) - self.length_nm / 2, side - self.radius_nm
        outside = np.hypot(np.maximum(ends, 0), np.maximum(wall, 0)) + np.minimum(np.maximum(ends, wall), 0)
        return outside if self.hollow else -outside


@dataclass(frozen=True)
class Checkerboard(Analytic):
    """Cubes of edge `edge_nm`, alternately solid and void, which touch only along edges and at corners."""

    edge_nm: float

    @property
    def solid_fraction(self) -> float:
        return 0.5

    @property
    def surface_per_nm(self) -> float:
        """Surface per volume in 1/nm."""
        return 3 / self.edge_nm

    def inside_nm(self, z: Line, y: Line, x: Line) -> Any:
        cells = [np.floor(axis / self.edge_nm) for axis in (z, y, x)]
        nearest = np.minimum(np.minimum(self._to_wall(z), self._to_wall(y)), self._to_wall(x))
        return np.where((cells[0] + cells[1] + cells[2]) % 2 == 0, nearest, -nearest)

    def _to_wall(self, axis: Line) -> Line:
        phase = axis % self.edge_nm
        return np.minimum(phase, self.edge_nm - phase)


@dataclass(frozen=True)
class Gyroid(Analytic):
    """Schoen's gyroid of lattice constant `period_nm`, the surface sin x cos y + sin y cos z + sin z cos x = 0.

    Solid and void are congruent. The distance is to first order: the level over the length of its gradient.
    """

    period_nm: float

    @property
    def solid_fraction(self) -> float:
        return 0.5

    def inside_nm(self, z: Line, y: Line, x: Line) -> Any:
        wave = 2 * pi / self.period_nm
        (sz, cz), (sy, cy), (sx, cx) = ((np.sin(wave * axis), np.cos(wave * axis)) for axis in (z, y, x))
        level = sx * cy + sy * cz + sz * cx
        slope = wave * np.sqrt((cx * cy - sz * sx) ** 2 + (cy * cz - sx * sy) ** 2 + (cz * cx - sy * sz) ** 2)
        return level / np.maximum(slope, 0.1 * wave)


@dataclass(frozen=True)
class Well(Analytic):
    """Solid with a rectangular well in it, open towards smaller z: its floor lies at `floor_nm`, its walls at
    `top_nm` ... `bottom_nm` along Y and `left_nm` ... `right_nm` along X. Its shine-through is known analytically."""

    floor_nm: float
    top_nm: float
    bottom_nm: float
    left_nm: float
    right_nm: float

    def inside_nm(self, z: Line, y: Line, x: Line) -> Any:
        walls = [self.top_nm - y, y - self.bottom_nm, self.left_nm - x, x - self.right_nm, z - self.floor_nm]
        nearest = walls[0]
        for wall in walls[1:]:
            nearest = np.maximum(nearest, wall)
        return nearest
