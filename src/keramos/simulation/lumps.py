"""Small round grains everywhere in space, of which a body keeps those on its surfaces."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.body import Positions
from keramos.simulation.scatter import find_windows, scatter

_FAR_NM = 1e4


def sample_lumps(
    key: int, positions_nm: Positions, *, radius_nm: tuple[float, float], per_um3: float
) -> NDArray[np.float32]:
    """Depth (Z Y X, in nm) of each grid point inside the nearest small ball, valid up to a radius outside it."""
    low, high = radius_nm
    inside = np.full([len(axis) for axis in positions_nm], -_FAR_NM, np.float32)
    centres, lots = scatter(key, positions_nm, reach_nm=2 * high, per_um3=per_um3, numbers=1)
    axes = [axis.astype(np.float32) for axis in positions_nm]
    radii = low + lots * (high - low)
    for number, place in find_windows(centres, 2 * radii, positions_nm):
        z, y, x = (
            (axis[part] - np.float32(c)) ** 2 for axis, part, c in zip(axes, place, centres[number], strict=True)
        )
        distance = np.sqrt(z[:, None, None] + y[:, None] + x)
        np.maximum(inside[place], np.float32(radii[number, 0]) - distance, out=inside[place])
    return inside
