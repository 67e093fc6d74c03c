"""Effective conductivity (or diffusivity) of one or several phases along an axis: a solved field, not an estimate.

voxels that conduct and are connected to both ends -> a network of conductances between their centres
-> conjugate gradients, preconditioned by multigrid -> energy, and flux through every section -> effective conductivity

The ends of the volume along the axis are held at 0 and 1; nothing flows through its other sides. As a voxel's end
face lies half a voxel from its centre, the first and last layers are joined to the ends by twice the conductance.
The conductance from end to end is that of the dissipated energy, whose error is of second order in the potentials'.
Between voxels of unequal conductivity the conductance is the harmonic mean (Patankar, Numerical Heat Transfer and
Fluid Flow, 1980, section 4.2-3). Discretisation makes the tortuosity factor of a smooth body too large at first order
in the voxel's edge (Laurencin et al. 2008); the same volume with voxels merged two by two tells by how much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.core.errors import ConvergenceError, SettingsError
from keramos.core.progress import Progress, silent
from keramos.measurements.flow.multigrid import solve
from keramos.measurements.flow.network import Network
from keramos.measurements.pieces import find_through

_MAX_IMBALANCE = 1e-3
_MIN_TOLERANCE = 1e-7


@dataclass(frozen=True)
class Transport:
    """`effective` conductivity in units of the conductivities given; the relative `residual` and how unequal the fluxes
    through the sections are (`imbalance`); `iterations`. Zero, with no iterations, where nothing reaches both ends."""

    effective: float
    residual: float
    imbalance: float
    iterations: int
    unknowns: int


def transport(
    codes: NDArray[np.uint8],
    conductivity: Mapping[int, float],
    axis: int,
    voxel_size: VoxelSize,
    *,
    tolerance: float = 1e-5,
    progress: Progress = silent,
) -> Transport:
    """Solve for the effective conductivity along `axis` (0, 1, 2 for Z, Y, X) of phase codes (Z Y X) in memory.

    `conductivity` maps codes to conductivities; phases that it leaves out do not conduct. `tolerance` is on the
    relative residual of the solver; it is tightened where the fluxes through sections still differ.

    Raises:
        SettingsError: no conductivity above zero, or a negative one.
        ConvergenceError: the tolerance was not reached, or fluxes through sections differ by more than 0.1 %.
    """
    values = np.zeros(256)
    for code, value in conductivity.items():
        values[code] = value
    if values.min() < 0 or not np.isfinite(values).all() or values.max() <= 0:
        raise SettingsError(f"expected conductivities of at least 0, one of them above it, found {dict(conductivity)}")
    order = (axis, *(other for other in range(3) if other != axis))
    # In units of the highest conductivity and of the shortest edge: no unit that was chosen changes a digit.
    unit, steps = float(values.max()), _relative_edges(voxel_size)[list(order)]
    field = np.ascontiguousarray((values / unit).astype(np.float32)[codes].transpose(order))
    field[~find_through(field > 0)] = 0
    if not field.any():
        return Transport(0.0, 0.0, 0.0, 0, 0)
    network = Network.of(field, steps)
    solved = solve(network, tolerance=tolerance, progress=progress)
    iterations = solved.iterations
    while solved.flow.imbalance > _MAX_IMBALANCE and tolerance > _MIN_TOLERANCE:
        tolerance /= 10
        solved = solve(network, tolerance=tolerance, start=solved.potential)
        iterations += solved.iterations
    if not solved.flow.imbalance <= _MAX_IMBALANCE:
        raise ConvergenceError(
            f"the fluxes through the sections differ by {100 * solved.flow.imbalance:.2g} % at a relative residual of "
            f"{solved.residual:.2g}, more than {100 * _MAX_IMBALANCE:g} %"
        )
    length, section = steps[0] * field.shape[0], steps[1] * steps[2] * field.shape[1] * field.shape[2]
    effective = float(unit * solved.flow.energy * length / section)
    return Transport(effective, solved.residual, solved.flow.imbalance, iterations, network.count)


def _relative_edges(voxel_size: VoxelSize) -> NDArray[np.float64]:
    """The edges over the shortest of them, without what the division has rounded."""
    edges = np.array(voxel_size.zyx)
    return np.asarray(np.round(edges / edges.min(), 12))
