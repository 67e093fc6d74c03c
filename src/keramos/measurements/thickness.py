"""Local thickness: at each voxel the diameter of the largest ball inside the phase that covers it.

Hildebrand and Rueegsegger, J. Microsc. 185, 67 (1997), by distance transforms at growing radii: the voxels that balls
of radius r cover are those nearer than r to a voxel whose own distance to the phase's border is at least r. Voxels
need not be cubes. The volume's border does not end the phase: a ball may stick out of it.
"""

from __future__ import annotations

import os
from dataclasses import dataclass

import edt
import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.core.progress import Progress, silent

_MOST_STEPS = 48


@dataclass(frozen=True)
class Thickness:
    """Diameters (nm) and the share of the phase's voxels that have each."""

    diameters: NDArray[np.float64]
    shares: NDArray[np.float64]

    @property
    def mean(self) -> float:
        return float(self.diameters @ self.shares)


def local_thickness(
    mask: NDArray[np.bool_], voxel_size: VoxelSize, *, progress: Progress = silent
) -> NDArray[np.float32]:
    """The diameter (nm) at every voxel of a mask (Z Y X) in memory, zero outside it.

    Radii grow in steps of half a voxel's shortest edge, or in 48 equal steps if that is fewer: a diameter is at most
    one step too small. Between two flat borders an even number of voxels apart it is one voxel too small: no voxel's
    centre lies midway.
    """
    found = np.zeros(mask.shape, np.float32)
    if not mask.any() or mask.all():
        return found
    depth = distance_to_border(mask, voxel_size)
    smallest, largest = min(voxel_size.zyx) / 2, float(depth.max())
    steps = min(_MOST_STEPS, max(1, int(np.ceil(largest / smallest))))
    radii = np.linspace(smallest, largest, steps) if steps > 1 else np.array([largest])
    for done, radius in enumerate(radii, 1):
        centres = depth >= radius * (1 - 1e-6)
        if not centres.any():
            break
        reach = _edt(~centres, voxel_size)
        found[mask & (reach < radius)] = 2 * radius
        progress(done, len(radii))
    return found


def distance_to_border(mask: NDArray[np.bool_], voxel_size: VoxelSize) -> NDArray[np.float32]:
    """How far (nm) each voxel's centre of a mask lies from the mask's border, about half a voxel before the next voxel
    outside; zero outside."""
    depth = _edt(mask, voxel_size) - np.float32(min(voxel_size.zyx) / 2)
    return np.where(mask, np.maximum(depth, 0), np.float32(0))


def distribution(thickness: NDArray[np.float32]) -> Thickness:
    """How much of a phase has each thickness."""
    diameters, counts = np.unique(thickness[thickness > 0], return_counts=True)
    return Thickness(diameters.astype(float), counts / max(1, counts.sum()))


def _edt(mask: NDArray[np.bool_], voxel_size: VoxelSize) -> NDArray[np.float32]:
    """Distance (nm) of each voxel's centre of the mask to the nearest centre outside it."""
    return np.asarray(
        edt.edt(np.ascontiguousarray(mask), anisotropy=voxel_size.zyx, black_border=False, parallel=os.cpu_count() or 1)
    )
