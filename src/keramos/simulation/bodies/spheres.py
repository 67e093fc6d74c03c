"""Overlapping spheres (the Boolean model), solid or void: a random medium with known averages."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from keramos.simulation.body import Body, Matter, Positions, Structure
from keramos.simulation.scatter import find_windows, scatter

_FAR_NM = 1e4


@dataclass(frozen=True)
class Spheres(Body):
    """Independently placed spheres.

    At threshold 0 the uncovered fraction is exp(-n <V>) (Stoyan, Kendall and Mecke 1995); for another solid fraction
    all radii grow or shrink by the same length.

    Attributes:
        key: random key.
        radius_nm: smallest and largest radius; uniform between.
        per_um3: number per cubic micrometre.
        filled: the phase inside the spheres.
    """

    key: int
    radius_nm: tuple[float, float] = (250.0, 450.0)
    per_um3: float = 6.0
    filled: Literal["solid", "void"] = "solid"

    def sample(self, positions_nm: Positions) -> Matter:
        """Matter whose solidness is the distance to the surface of the nearest sphere, up to a radius outside."""
        low, high = self.radius_nm
        reach = 2 * high
        inside = np.full([len(axis) for axis in positions_nm], -_FAR_NM, np.float32)
        centres, lots = scatter(self.key, positions_nm, reach_nm=reach, per_um3=self.per_um3, numbers=1)
        radii = low + lots[:, 0] * (high - low)
        for number, place in find_windows(centres, np.full((len(centres), 1), reach), positions_nm):
            z, y, x = ((a[part] - c) ** 2 for a, part, c in zip(positions_nm, place, centres[number], strict=True))
            distance = np.sqrt(z[:, None, None] + y[:, None] + x)
            np.maximum(inside[place], (radii[number] - distance).astype(np.float32), out=inside[place])
        return Matter(inside if self.filled == "solid" else -inside)


SPHERES = Structure("spheres", Spheres)
