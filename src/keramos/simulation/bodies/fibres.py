"""Fibres or platelets that prefer a direction: textured bodies, whose numbers differ from axis to axis."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import pi
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import VOID_SOLID, PhaseTable
from keramos.simulation.bodies.matter import Matter, Positions
from keramos.simulation.bodies.scattered import scatter, touched

_FAR_NM = 1e4
_MARGIN_NM = 300.0  # how far outside an object its distance is told: room for the threshold to move


@dataclass(frozen=True)
class Fibres:
    """Rounded rods (`long_nm` > `thick_nm`) or discs (`long_nm` < `thick_nm`), `per_um3` of them.

    Attributes:
        key: which body.
        long_nm: length along the object's axis.
        thick_nm: diameter across it.
        per_um3: how many.
        spread: how far the axes stray from `axis`: 0 all along it, 1 in all directions alike.
        axis: Z Y X, the preferred direction.
    """

    key: int
    long_nm: float = 3000.0
    thick_nm: float = 320.0
    per_um3: float = 2.2
    spread: float = 0.35
    axis: tuple[float, float, float] = (0.0, 0.0, 1.0)

    @property
    def phases(self) -> PhaseTable:
        return VOID_SOLID

    @property
    def adjustable(self) -> bool:
        return True

    def matter(self, positions_nm: Positions) -> Matter:
        inside = np.full([len(axis) for axis in positions_nm], -_FAR_NM, np.float32)
        half = (self.long_nm**2 + self.thick_nm**2) ** 0.5 / 2
        centres, lots = scatter(self.key, positions_nm, reach_nm=half + _MARGIN_NM, per_um3=self.per_um3, numbers=2)
        self.paint(inside, positions_nm, centres, self._directions(lots))
        return Matter(inside)

    def to_json(self) -> dict[str, Any]:
        return {"structure": "platelets" if self.long_nm < self.thick_nm else "fibres", **asdict(self)}

    def _directions(self, lots: NDArray[np.float64]) -> NDArray[np.float64]:
        """Unit vectors (n, 3) around the axis: random on the sphere, then drawn towards it."""
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
        """Raise `inside` to the distance from the objects' surfaces; centres (n, 3) in nm, directions unit vectors.

        Each object is a segment (rod) or a flat disc, thickened to a capsule or a rounded disc.
        """
        radius = min(self.long_nm, self.thick_nm) / 2
        straight = max(self.long_nm - self.thick_nm, 0.0) / 2
        flat = max(self.thick_nm - self.long_nm, 0.0) / 2
        reach = straight * np.abs(directions) + flat * np.sqrt(np.maximum(1 - directions**2, 0)) + radius + _MARGIN_NM
        for number, place in touched(centres, reach, positions_nm):
            z, y, x = (a[part] - c for a, part, c in zip(positions_nm, place, centres[number], strict=True))
            dz, dy, dx = directions[number]
            along = z[:, None, None] * dz + y[:, None] * dy + x * dx
            square = z[:, None, None] ** 2 + y[:, None] ** 2 + x**2
            side = np.sqrt(np.maximum(square - along**2, 0))
            distance = np.hypot(np.maximum(np.abs(along) - straight, 0), np.maximum(side - flat, 0))
            np.maximum(inside[place], (radius - distance).astype(np.float32), out=inside[place])
