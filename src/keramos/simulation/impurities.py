"""Impurities: rare dark inclusions in the solid, which count as void in the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.body import Positions
from keramos.simulation.scatter import find_windows, scatter
from keramos.simulation.smooth_field import smooth_field

_ROUGHNESS = 0.18  # of the radius, over a third of it


@dataclass(frozen=True)
class Impurities:
    """Rough ellipsoids of half-axes `radius_nm` (smallest, largest), `per_um3` of them per cubic micrometre.

    Six in the paper's training slice of 18.6 x 23.7 micrometre (Hirabayashi et al. 2024) are 0.014 per square
    micrometre, that is 0.03 per cubic micrometre for inclusions of 0.5 micrometre.
    """

    key: int
    per_um3: float = 0.03
    radius_nm: tuple[float, float] = (140.0, 420.0)

    def inside(self, positions_nm: Positions) -> NDArray[np.bool_]:
        """Mask (Z Y X) of the grid points in an inclusion."""
        inside = np.zeros([len(axis) for axis in positions_nm], bool)
        if self.per_um3 == 0:
            return inside
        high = self.radius_nm[1]
        reach = high * (1 + 3 * _ROUGHNESS)
        centres, lots = scatter(self.key, positions_nm, reach_nm=reach, per_um3=self.per_um3, numbers=3)
        for number, place in find_windows(centres, np.full((len(centres), 1), reach), positions_nm):
            window = [axis[part] for axis, part in zip(positions_nm, place, strict=True)]
            inside[place] |= self._sample_ellipsoid(window, centres[number], lots[number])
        return inside

    def _sample_ellipsoid(
        self, positions_nm: Positions, centre: NDArray[np.float64], lot: NDArray[np.float64]
    ) -> NDArray[np.bool_]:
        """Mask of one rough ellipsoid with axes along Z, Y and X."""
        low, high = self.radius_nm
        radii = low + lot * (high - low)
        squares = [((axis - c) / r) ** 2 for axis, c, r in zip(positions_nm, centre, radii, strict=True)]
        distance = np.sqrt(squares[0][:, None, None] + squares[1][:, None] + squares[2])
        rough = smooth_field(self.key + 100, positions_nm, (float(radii.min()) / 3,) * 3)
        inside: NDArray[np.bool_] = distance < 1 + _ROUGHNESS * rough
        return inside
