"""Fibres or platelets with a preferred direction: anisotropic bodies."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import cos, pi, radians, sin

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.body import Body, Matter, Positions, Structure
from keramos.simulation.scatter import find_windows, scatter

_FAR_NM = 1e4
_MARGIN_NM = 300.0  # distances are exact up to this far outside an object: room for the threshold to move


@dataclass(frozen=True)
class Fibres(Body):
    """Rounded rods (`long_nm` > `thick_nm`) or discs (`long_nm` < `thick_nm`), `per_um3` of them.

    Attributes:
        key: random key.
        long_nm: length along the object's axis.
        thick_nm: diameter across it.
        per_um3: number per cubic micrometre.
        spread: disorder of the axes: 0 if all lie along `axis`, 1 for an isotropic body.
        axis: preferred direction, Z Y X.
    """

    key: int
    long_nm: float = 3000.0
    thick_nm: float = 320.0
    per_um3: float = 2.2
    spread: float = 0.35
    axis: tuple[float, float, float] = (0.0, 0.0, 1.0)

    @property
    def structure(self) -> str:
        return "platelets" if self.long_nm < self.thick_nm else "fibres"

    def incline(self, angle_deg: float) -> Fibres:
        """The same objects turned: rods that lie along z, or discs that contain it, leaning towards larger y."""
        down, along = sin(radians(angle_deg)), cos(radians(angle_deg))
        return replace(self, axis=(-down, along, 0.0) if self.long_nm < self.thick_nm else (along, down, 0.0))

    def sample(self, positions_nm: Positions) -> Matter:
        inside = np.full([len(axis) for axis in positions_nm], -_FAR_NM, np.float32)
        half = (self.long_nm**2 + self.thick_nm**2) ** 0.5 / 2
        centres, lots = scatter(self.key, positions_nm, reach_nm=half + _MARGIN_NM, per_um3=self.per_um3, numbers=2)
        self.paint(inside, positions_nm, centres, self._directions(lots))
        return Matter(inside)

    def _directions(self, lots: NDArray[np.float64]) -> NDArray[np.float64]:
        """Unit vectors (n, 3): random on the sphere, then pulled towards the axis."""
        up, turn = 2 * lots[:, 0] - 1, 2 * pi * lots[:, 1]
        flat = np.sqrt(1 - up**2)
        random = np.stack([up, flat * np.cos(turn), flat * np.sin(turn)], axis=-1)
        axis = np.asarray(self.axis) / np.linalg.norm(self.axis)
        along = random @ axis
        drawn = self.spread * random + ((1 - self.spread) * np.sign(along) + 1e-9)[:, None] * axis
        return np.asarray(drawn / np.linalg.norm(drawn, axis=-1, keepdims=True))

    def paint(
        self,
        inside: NDArray[np.float32],
        positions_nm: Positions,
        centres: NDArray[np.float64],
        directions: NDArray[np.float64],
    ) -> None:
        """Raise `inside` (Z Y X, in place) to the depth in nm inside objects of given centres and directions (n, 3).

        Each object is a segment (rod) or a flat disc, thickened to a capsule or a rounded disc.
        """
        radius = min(self.long_nm, self.thick_nm) / 2
        straight = max(self.long_nm - self.thick_nm, 0.0) / 2
        flat = max(self.thick_nm - self.long_nm, 0.0) / 2
        reach = straight * np.abs(directions) + flat * np.sqrt(np.maximum(1 - directions**2, 0)) + radius + _MARGIN_NM
        for number, place in find_windows(centres, reach, positions_nm):
            z, y, x = (a[part] - c for a, part, c in zip(positions_nm, place, centres[number], strict=True))
            dz, dy, dx = directions[number]
            along = z[:, None, None] * dz + y[:, None] * dy + x * dx
            square = z[:, None, None] ** 2 + y[:, None] ** 2 + x**2
            side = np.sqrt(np.maximum(square - along**2, 0))
            distance = np.hypot(np.maximum(np.abs(along) - straight, 0), np.maximum(side - flat, 0))
            np.maximum(inside[place], (radius - distance).astype(np.float32), out=inside[place])


FIBRES = Structure("fibres", Fibres)
PLATELETS = Structure(
    "platelets", lambda key: Fibres(key, long_nm=220.0, thick_nm=1600.0, per_um3=1.6, axis=(0.0, 1.0, 0.0))
)
