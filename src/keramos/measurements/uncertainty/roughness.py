"""The share of a phase's surface that may be nothing but slices that do not fit each other.

Slices that were segmented a little differently, or registered a little off, make surfaces along Z rough: voxels differ
from the next slice's more often than they would. A slice shows how a phase's borders run within it, gamma(d): how often
voxels d apart differ. If the structure along Z is that within the slice, only stretched (geometric anisotropy: Chiles
and Delfiner, Geostatistics, 2012, section 2.5.2), voxels h slices apart differ as often as voxels d apart with
d^2 = (stretch h)^2 + rough^2, where `rough` comes from slices moved against each other at random. A line through d^2
against h^2 tells the two apart. Whether the rough part is real, no single slice can tell: it is the most that may be
taken off.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import Triple, VoxelSize, triple
from keramos.measurements.counting.directions import DIRECTIONS, sphere_shares, vectors

_LAGS = 12
_ALONG_Z = 6


def smooth_share(filled: NDArray[np.bool_], voxel_size: VoxelSize) -> float | None:
    """The share (0 ... 1) of a phase's specific surface (mask Z Y X) that is left if the borders along Z were as smooth
    as within slices; 1 for a single slice, None where there are too few slices, or no border, to tell."""
    if filled.shape[0] == 1:
        return 1.0
    if filled.shape[0] <= _ALONG_Z or filled.shape[2] <= _LAGS:
        return None
    distances = np.arange(_LAGS + 1) * voxel_size.x_nm
    within = np.maximum.accumulate([0.0, *(_differing(filled, (0, 0, h)) for h in range(1, _LAGS + 1))])
    within += np.arange(_LAGS + 1) * 1e-12  # strictly rising, to be read backwards
    if within[1] < 1e-6:
        return None
    rough = _rough(filled, distances, within)
    lines = vectors(voxel_size)
    weights = sphere_shares(lines) / np.linalg.norm(lines, axis=1)
    surface, excess = 0.0, 0.0
    for step, share in ((1, 2.0), (2, -0.5)):
        for weight, direction in zip(weights, DIRECTIONS, strict=True):
            seen = _differing(filled, triple([step * n for n in direction]))
            surface += share * weight * seen
            if direction[0]:
                squared = float(np.interp(seen, within, distances)) ** 2
                smooth = np.interp(np.sqrt(max(squared - rough, squared / 4)), distances, within)
                excess += share * weight * (min(seen, within[-1]) - smooth)
    return float(np.clip(1 - excess / surface, 0, 1)) if surface > 0 else None


def _rough(filled: NDArray[np.bool_], distances: NDArray[np.floating], within: NDArray[np.floating]) -> float:
    """Squared distance (nm2) that neighbouring slices lie further apart than their number says."""
    lags = np.arange(1, _ALONG_Z + 1)
    along = [_differing(filled, (int(h), 0, 0)) for h in lags]
    squared = np.interp(along, within, distances) ** 2
    slope, start = np.polyfit(lags**2, squared, 1, w=1 / lags**2)
    return float(max(0.0, start)) if slope > 0 else 0.0


def _differing(filled: NDArray[np.bool_], step: Triple) -> float:
    """The share of pairs of voxels a step (Z Y X) apart of which one is filled."""
    first = tuple(slice(max(0, -k), n - max(0, k)) for k, n in zip(step, filled.shape, strict=True))
    second = tuple(slice(max(0, k), n + min(0, k)) for k, n in zip(step, filled.shape, strict=True))
    return float(np.mean(filled[first] != filled[second]))
