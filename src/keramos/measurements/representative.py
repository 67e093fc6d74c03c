"""How the phase fraction spreads between windows of growing size, and what volume would give it to 1 %."""

from __future__ import annotations

from math import isfinite, prod

import numpy as np
from numpy.typing import NDArray

from keramos.core import Quantity, VoxelSize
from keramos.measurements.interval import ratio_spread
from keramos.measurements.measured import Curve, Measured, Measurements
from keramos.measurements.windows import Windows

_LEAST_WINDOWS = 8
_WANTED = 0.01
_NORMAL = 1.96


def representative(
    phase: str, above: NDArray[np.float64], below: NDArray[np.float64], windows: Windows, voxel_size: VoxelSize
) -> Measurements:
    """The curve of spread against window volume, and the representative volume.

    The spread of a large volume V falls as 1/sqrt(V) (integral range; Kanit et al., Int. J. Solids Struct. 40, 3647,
    2003, equation 8), so the volume that gives the fraction to +-1 % (absolute, 95 %) follows from the spread here.
    """
    edges, volumes, spreads = [], [], []
    for factor in (1, 2, 3, 4, 6, 8):
        shares = _shares(above, below, factor)
        if shares.size >= _LEAST_WINDOWS:
            volumes.append(prod(windows.edge) * factor**3 * voxel_size.volume_nm3 / 1e9)
            edges.append(volumes[-1] ** (1 / 3))
            spreads.append(float(shares.std(ddof=1)))
    units = {"edge": "um", "volume": "um3", "standard deviation": "1"}
    columns = {"edge": edges, "volume": volumes, "standard deviation": spreads}
    curve = Curve("spread of the phase fraction between windows", columns, units, "windows of the volume", phase)
    spread = ratio_spread(above, below)
    measured = below.sum() * voxel_size.volume_nm3 / 1e9
    needed = np.nan if spread is None else measured * (_NORMAL * spread.error / _WANTED) ** 2
    if not isfinite(needed) or needed == 0:
        return Measurements(curves=(curve,) if edges else ())
    method = "integral range: volume whose phase fraction is within 0.01 of the material's in 95 % of samples"
    row = Measured("representative volume", Quantity(float(needed), "um3", method), phase)
    return Measurements((row,), (curve,))


def _shares(above: NDArray[np.float64], below: NDArray[np.float64], factor: int) -> NDArray[np.float64]:
    """The fractions of windows of `factor` times the edge; those that are not whole are left out."""
    if min(below.shape) < factor:
        return np.zeros(0)
    part = tuple(slice(0, n // factor * factor) for n in below.shape)
    merged = []
    for counts in (above[part], below[part]):
        z, y, x = (n // factor for n in counts.shape)
        merged.append(counts.reshape(z, factor, y, factor, x, factor).sum(axis=(1, 3, 5)))
    full = merged[1] == merged[1].max()
    return np.asarray(merged[0][full] / merged[1][full])
