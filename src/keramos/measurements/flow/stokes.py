"""Stokes flow through a phase along an axis: finite volumes on a staggered grid, solved by MINRES.

velocities on the faces between voxels, pressures in their centres -> one symmetric system
-> MINRES (Paige and Saunders, SIAM J. Numer. Anal. 12, 617, 1975) -> flows through all sections -> permeability

The fluid sticks to walls, which lie on the faces of voxels. Pressure is 1 at the first end and 0 at the last; through
the other sides nothing flows, and nothing sticks to them: the volume goes on as its mirror image. Viscosity is 1, and
lengths are in units of the shortest edge. Velocities are preconditioned by Chebyshev polynomials of their matrix,
pressures by the volume of a voxel, which is what their Schur complement is like (Elman, Silvester and Wathen, Finite
Elements and Fast Iterative Solvers, Oxford, 2014, chapter 4).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from keramos.core.errors import ConvergenceError
from keramos.core.progress import Progress, silent
from keramos.measurements.pieces import find_through

Mask = NDArray[np.bool_]
Vector = NDArray[np.float64]
_STEPS = 8
"""Products with the matrix of velocities in the preconditioner."""
_MOST = 3000
_CHECKED = 25
_MAX_IMBALANCE = 1e-3
_RANGE = 60.0
"""The largest over the smallest eigenvalue that the polynomial is made for."""


@dataclass(frozen=True)
class StokesFlow:
    """`permeability` in units of the edges squared, how unequal the flows through sections are, and the iterations;
    zero where nothing reaches both ends."""

    permeability: float
    imbalance: float
    iterations: int


def solve_stokes(
    mask: Mask, edges: tuple[float, float, float], *, tolerance: float = 1e-4, progress: Progress = silent
) -> StokesFlow:
    """The flow through a mask in memory along its first axis; `edges` are those of a voxel.

    Takes about 1,400 bytes of memory for each voxel of the mask.

    Raises:
        ConvergenceError: the flows through the sections did not become alike.
    """
    fluid = find_through(mask)
    if not fluid.any():
        return StokesFlow(0.0, 0.0, 0)
    system = _System.of(fluid, edges)
    return _iterate(system, tolerance, progress)


@dataclass(frozen=True, eq=False)
class _System:
    """The matrix of velocities, the divergence at voxels, the drive of the first end, and the shape of the problem.

    Attributes:
        viscous: friction between faces (symmetric, positive definite).
        divergence: of the velocities, times areas; its transpose is the force of pressure.
        drive: the force of the pressure at the first end.
        section: of each velocity along the first axis, -1 of the others; and `area` of faces across it.
        voxel: the volume of a voxel.
        shape: of the grid, and its `edges`.
    """

    viscous: scipy.sparse.csr_array
    divergence: scipy.sparse.csr_array
    drive: Vector
    section: NDArray[np.int64]
    area: float
    voxel: float
    shape: tuple[int, ...]
    edges: tuple[float, float, float]

    @classmethod
    def of(cls, fluid: Mask, edges: tuple[float, float, float]) -> _System:
        number = np.full(fluid.shape, -1, np.int64)
        number[fluid] = np.arange(np.count_nonzero(fluid))
        areas = [float(np.prod(edges)) / edge for edge in edges]
        viscous, divergence, drives, sections = [], [], [], []
        for axis in range(3):
            faces = _open_faces(fluid, axis)
            viscous.append(_friction(fluid, faces, axis, edges))
            divergence.append(_divergence(faces, number, axis, areas[axis]))
            places = np.nonzero(faces)
            along = places[axis] if axis == 0 else np.full(len(places[0]), -1)
            sections.append(along)
            drives.append(np.where(along == 0, areas[0], 0.0))
        return cls(
            scipy.sparse.block_diag(viscous, format="csr"),
            scipy.sparse.hstack(divergence, format="csr"),
            np.concatenate(drives),
            np.concatenate(sections),
            areas[0],
            float(np.prod(edges)),
            fluid.shape,
            edges,
        )

    def flows(self, velocity: Vector) -> Vector:
        """The flow through each section across the first axis, both ends included."""
        along = self.section >= 0
        sums = np.bincount(self.section[along], weights=velocity[along], minlength=self.shape[0] + 1)
        return np.asarray(self.area * sums, np.float64)


def _open_faces(fluid: Mask, axis: int) -> Mask:
    """The faces across an axis (one more than voxels along it) through which the fluid moves: those between two voxels
    of it and, across the first axis, those at the ends."""
    pads = [(1, 1) if other == axis else (0, 0) for other in range(3)]
    padded = np.pad(fluid, pads, mode="edge" if axis == 0 else "constant")
    first, last = ([slice(None)] * 3 for _ in range(2))
    first[axis], last[axis] = slice(0, -1), slice(1, None)
    return np.asarray(padded[tuple(first)] & padded[tuple(last)])


def _friction(fluid: Mask, faces: Mask, axis: int, edges: tuple[float, float, float]) -> scipy.sparse.csr_array:
    """The friction of the velocities on the faces across an axis: area over distance for each neighbour. A wall that
    runs beside a face is half an edge away, one that begins there on the mean of both."""
    number = np.full(faces.shape, -1, np.int64)
    number[faces] = np.arange(np.count_nonzero(faces))
    share = np.ones(faces.shape)
    if axis == 0:  # faces at the ends have half a voxel
        share[[0, -1]] = 0.5
    beside = _voxels_beside(fluid, axis)
    count = int(number.max()) + 1
    diagonal, rows, columns, values = np.zeros(count), [], [], []
    for other in range(3):
        weight = float(np.prod(edges)) / edges[other] ** 2 * (1 if other == axis else share)
        for way in (-1, 1):
            here, there = _neighbours(other, way)
            own, near = number[here], number[there]
            size = np.broadcast_to(weight, faces.shape)[here]
            joined, wall = (own >= 0) & (near >= 0), (own >= 0) & (near < 0)
            against = size if other == axis else size * (2 - 0.5 * beside[there])
            diagonal += np.bincount(own[joined], weights=size[joined], minlength=count)
            diagonal += np.bincount(own[wall], weights=against[wall], minlength=count)
            rows.append(own[joined])
            columns.append(near[joined])
            values.append(-size[joined])
    every = np.arange(count)
    parts = (np.concatenate([*values, diagonal]), (np.concatenate([*rows, every]), np.concatenate([*columns, every])))
    return scipy.sparse.csr_array(scipy.sparse.coo_array(parts, shape=(count, count)))


def _voxels_beside(fluid: Mask, axis: int) -> NDArray[np.float64]:
    """The number of fluid voxels beside each face across an axis, 0 to 2; at an end, twice the one there is."""
    pads = [(1, 1) if other == axis else (0, 0) for other in range(3)]
    padded = np.pad(fluid, pads, mode="edge").astype(float)
    first, last = ([slice(None)] * 3 for _ in range(2))
    first[axis], last[axis] = slice(0, -1), slice(1, None)
    return np.asarray(padded[tuple(first)] + padded[tuple(last)], np.float64)


def _neighbours(axis: int, way: int) -> tuple[tuple[slice, ...], tuple[slice, ...]]:
    """The places that have a neighbour one step along an axis, and these."""
    here, there = ([slice(None)] * 3 for _ in range(2))
    here[axis], there[axis] = (slice(0, -1), slice(1, None)) if way > 0 else (slice(1, None), slice(0, -1))
    return tuple(here), tuple(there)


def _divergence(faces: Mask, number: NDArray[np.int64], axis: int, area: float) -> scipy.sparse.csr_array:
    """Area times what the faces across an axis let out of each voxel less what they let in."""
    order = np.full(faces.shape, -1, np.int64)
    order[faces] = np.arange(np.count_nonzero(faces))
    low, high = ([slice(None)] * 3 for _ in range(2))
    low[axis], high[axis] = slice(0, -1), slice(1, None)
    rows, columns, values = [], [], []
    for side, sign in ((tuple(low), -area), (tuple(high), area)):
        used = (order[side] >= 0) & (number >= 0)
        rows.append(number[used])
        columns.append(order[side][used])
        values.append(np.full(np.count_nonzero(used), sign))
    parts = (np.concatenate(values), (np.concatenate(rows), np.concatenate(columns)))
    return scipy.sparse.csr_array(scipy.sparse.coo_array(parts, shape=(int(number.max()) + 1, int(faces.sum()))))


class _Done(Exception):
    """The flows through all sections are alike."""


def _iterate(system: _System, tolerance: float, progress: Progress) -> StokesFlow:
    moving, still = system.viscous.shape[0], system.divergence.shape[0]
    transposed = scipy.sparse.csr_array(system.divergence.T)
    precondition = _polynomial(system.viscous)

    def multiply(x: Vector) -> Vector:
        velocity, pressure = x[:moving], x[moving:]
        return np.concatenate([system.viscous @ velocity - transposed @ pressure, -(system.divergence @ velocity)])

    def smooth(x: Vector) -> Vector:
        return np.concatenate([precondition(x[:moving]), x[moving:] / system.voxel])

    size = (moving + still, moving + still)
    matrix, inverse = (scipy.sparse.linalg.LinearOperator(size, matvec=one, dtype=float) for one in (multiply, smooth))
    state = {"turn": 0, "last": np.inf}
    found = np.zeros(moving)

    def check(x: Vector) -> None:
        state["turn"] += 1
        if state["turn"] % _CHECKED:
            return
        flows = system.flows(x[:moving])
        mean = float(flows.mean())
        alike = float(np.ptp(flows)) <= tolerance * abs(mean)
        steady = abs(mean - state["last"]) <= tolerance * abs(mean)
        state["last"] = mean
        found[:] = x[:moving]
        if alike and steady:
            raise _Done
        progress(int(state["turn"]), _MOST)

    try:
        right = np.concatenate([system.drive, np.zeros(still)])
        solution, _ = scipy.sparse.linalg.minres(matrix, right, M=inverse, rtol=1e-12, maxiter=_MOST, callback=check)
        found[:] = solution[:moving]
    except _Done:
        pass
    flows = system.flows(found)
    imbalance = float(np.ptp(flows) / abs(flows.mean()))
    if not imbalance <= _MAX_IMBALANCE:
        raise ConvergenceError(
            f"the flows through the sections differ by {100 * imbalance:.2g} % after {int(state['turn'])} iterations, "
            f"more than {100 * _MAX_IMBALANCE:g} %"
        )
    depth, height, width = system.shape
    length, section = depth * system.edges[0], height * width * system.area
    return StokesFlow(float(flows.mean()) * length / section, imbalance, int(state["turn"]))


def _polynomial(matrix: scipy.sparse.csr_array) -> Callable[[Vector], Vector]:
    """An approximate inverse: Chebyshev's iteration on the matrix scaled by its diagonal, a fixed number of steps from
    zero (Saad, Iterative Methods, 2003, algorithm 12.1)."""
    inverse = 1 / matrix.diagonal()
    highest, lowest = 2.0, 2.0 / _RANGE
    centre, half = (highest + lowest) / 2, (highest - lowest) / 2
    sigma = centre / half

    def apply(r: Vector) -> Vector:
        rho = 1 / sigma
        step = inverse * r / centre
        x = step.copy()
        for _ in range(_STEPS - 1):
            r = r - matrix @ step
            following = 1 / (2 * sigma - rho)
            step = following * rho * step + 2 * following / half * (inverse * r)
            rho = following
            x += step
        return x

    return apply
