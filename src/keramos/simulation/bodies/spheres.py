"""Overlapping spheres (the Boolean model), solid or void: the random medium whose every average is known."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any, Literal

import numpy as np

from keramos.core import VOID_SOLID, PhaseTable
from keramos.simulation.bodies.matter import Matter, Positions
from keramos.simulation.bodies.scattered import scatter, touched

_FAR_NM = 1e4


@dataclass(frozen=True)
class Spheres:
    """Spheres of `radius_nm` (smallest, largest; uniform between), `per_um3` of them, thrown independently.

    `filled` says which phase the spheres are. Left alone the uncovered fraction is exp(-n <V>) (Stoyan, Kendall and
    Mecke 1995); where a solid fraction is asked for, all radii grow or shrink by the same length until it is met.
    """

    key: int
    radius_nm: tuple[float, float] = (250.0, 450.0)
    per_um3: float = 6.0
    filled: Literal["solid", "void"] = "solid"

    @property
    def phases(self) -> PhaseTable:
        return VOID_SOLID

    @property
    def adjustable(self) -> bool:
        return True

    def matter(self, positions_nm: Positions) -> Matter:
        """Solidness is the distance to the nearest sphere's surface, up to `_MARGIN` radii outside."""
        low, high = self.radius_nm
        reach = 2 * high
        inside = np.full([len(axis) for axis in positions_nm], -_FAR_NM, np.float32)
        centres, lots = scatter(self.key, positions_nm, reach_nm=reach, per_um3=self.per_um3, numbers=1)
        radii = low + lots[:, 0] * (high - low)
        for number, place in touched(centres, np.full((len(centres), 1), reach), positions_nm):
            z, y, x = ((a[part] - c) ** 2 for a, part, c in zip(positions_nm, place, centres[number], strict=True))
            distance = np.sqrt(z[:, None, None] + y[:, None] + x)
            np.maximum(inside[place], (radii[number] - distance).astype(np.float32), out=inside[place])
        return Matter(inside if self.filled == "solid" else -inside)

    def to_json(self) -> dict[str, Any]:
        return {"structure": "spheres", **asdict(self)}
