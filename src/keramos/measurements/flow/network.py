"""A network of conductances between neighbouring voxels of a grid, held at 1 and 0 at the ends of its first axis."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from keramos.core import Triple, triple

Grid = NDArray[np.float32]
_SLAB = 2**18
"""Voxels whose flows are summed at a time: few enough for a processor's cache."""


@dataclass(frozen=True, eq=False)
class Flow:
    """Flows at given potentials, in double precision.

    Attributes:
        excess: what flows into each unknown less what flows out of it; 0 where the potentials are a solution.
        sections: the flow through each section across the first axis, both ends included.
        energy: the sum over all conductances of their flow times the difference of potential. Of all potentials those
            of the solution have the least, which is the conductance from end to end; its error is of second order in
            theirs.
    """

    excess: NDArray[np.float64]
    sections: NDArray[np.float64]
    energy: float

    @property
    def imbalance(self) -> float:
        """The difference of the largest and the smallest flow through a section, relative to their mean."""
        return float(np.ptp(self.sections) / abs(self.sections.mean()))


@dataclass(frozen=True, eq=False)
class Network:
    """`filled` says where there are voxels; `between[a]` are conductances from each to the next along axis a (one less
    along it), `first` and `last` those to the two ends of the first axis, one per line of voxels."""

    filled: NDArray[np.bool_]
    between: tuple[Grid, Grid, Grid]
    first: Grid
    last: Grid

    @classmethod
    def of(cls, conductivity: Grid, steps: NDArray[np.float64]) -> Network:
        """From conductivities of voxels with edges `steps`; zero where nothing conducts.

        Single precision needs both near 1: the conductances of a network in nm differ from those in um by rounding.
        """
        faces = [float(steps.prod() / step**2) for step in steps]  # area over distance
        pairs = [_pairs(conductivity, axis) for axis in range(3)]
        between = [_harmonic(a, b) * np.float32(face) for (a, b), face in zip(pairs, faces, strict=True)]
        first, last = (np.float32(2 * faces[0]) * conductivity[end] for end in (0, -1))
        return cls(conductivity > 0, (between[0], between[1], between[2]), first, last)

    @property
    def shape(self) -> Triple:
        return triple(self.filled.shape)

    @cached_property
    def count(self) -> int:
        """The number of unknowns: one for each filled voxel, in the order of the grid."""
        return int(np.count_nonzero(self.filled))

    def guess(self) -> NDArray[np.float64]:
        """Potentials that fall evenly from one end to the other."""
        depth = self.shape[0]
        fall = 1 - (np.arange(depth) + 0.5) / depth
        return np.broadcast_to(fall[:, None, None], self.shape)[self.filled]

    def flow(self, potential: NDArray[np.float64]) -> Flow:
        """The flows at these potentials of the unknowns.

        They follow from differences of potential, so what leaves one voxel enters the next to the last bit: a matrix
        whose diagonal is rounded leaks, the more the larger the volume.
        """
        depth = self.shape[0]
        grid, net = np.zeros(self.shape), np.zeros(self.shape)
        grid[self.filled] = potential
        sections, energy = np.zeros(depth + 1), 0.0
        layers = max(1, _SLAB // (self.shape[1] * self.shape[2]))
        for start in range(0, depth, layers):
            slab = slice(start, start + layers)
            for axis, conductance in enumerate(self.between):
                part = slice(start, start + layers + 1) if axis == 0 else slab
                u, into, g = grid[part], net[part], conductance[slab]
                low, high = _along(axis, slice(0, -1)), _along(axis, slice(1, None))
                fall = u[low] - u[high]
                flows = g * fall
                into[low] -= flows
                into[high] += flows
                energy += float(np.einsum("zyx,zyx->", flows, fall))
                if axis == 0:
                    sections[start + 1 : start + 1 + len(flows)] = flows.sum(axis=(1, 2))
        first, last = self.first * (1 - grid[0]), self.last * grid[-1]
        net[0] += first
        net[-1] -= last
        sections[0], sections[-1] = first.sum(), last.sum()
        energy += float(np.sum(first * (1 - grid[0])) + np.sum(last * grid[-1]))
        return Flow(net[self.filled], sections, energy)

    def matrix(self) -> tuple[scipy.sparse.csr_array, NDArray[np.float32]]:
        """The network's matrix (symmetric, positive definite) and its diagonal."""
        number = np.full(self.shape, -1, np.int32)
        number[self.filled] = np.arange(self.count, dtype=np.int32)
        columns = np.full((self.count, 7), -1, np.int32)
        values = np.zeros((self.count, 7), np.float32)
        columns[:, 3] = np.arange(self.count)
        for place, axis, forward in (
            (0, 0, False),
            (1, 1, False),
            (2, 2, False),
            (4, 2, True),
            (5, 1, True),
            (6, 0, True),
        ):
            grid, neighbour = np.zeros(self.shape, np.float32), np.full(self.shape, -1, np.int32)
            here, there = (slice(0, -1), slice(1, None)) if forward else (slice(1, None), slice(0, -1))
            grid[_along(axis, here)] = self.between[axis]
            neighbour[_along(axis, here)] = number[_along(axis, there)]
            values[:, place], columns[:, place] = -grid[self.filled], neighbour[self.filled]
        diagonal = (self._to_ends() - values.sum(axis=1, dtype=np.float64)).astype(np.float32)
        values[:, 3] = diagonal
        kept = values != 0
        starts = np.concatenate([[0], np.cumsum(np.count_nonzero(kept, axis=1))])
        index = np.int32 if starts[-1] < 2**31 else np.int64
        matrix = scipy.sparse.csr_array(
            (values[kept], columns[kept].astype(index), starts.astype(index)), (self.count, self.count)
        )
        return matrix, diagonal

    def merge(self) -> tuple[Network, NDArray[np.int32]]:
        """The network of 2 x 2 x 2 voxels in one, and in which of its unknowns each unknown of this one is."""
        filled = _merge(self.filled, (0, 1, 2), np.logical_or)
        between = []
        for axis, conductance in enumerate(self.between):
            faces = conductance[_along(axis, slice(1, None, 2))]
            between.append(_merge(faces, tuple(a for a in range(3) if a != axis), np.add))
        first, last = (_merge(end, (0, 1), np.add) for end in (self.first, self.last))
        coarser = Network(filled, (between[0], between[1], between[2]), first, last)
        number = np.zeros(filled.shape, np.int32)
        number[filled] = np.arange(coarser.count, dtype=np.int32)
        for axis, length in enumerate(self.shape):
            number = np.repeat(number, 2, axis=axis)[_along(axis, slice(0, length))]
        return coarser, number[self.filled]

    def _to_ends(self) -> NDArray[np.float32]:
        grid = np.zeros(self.shape, np.float32)
        grid[0] += self.first
        grid[-1] += self.last
        return grid[self.filled]


def _along(axis: int, part: slice) -> tuple[slice, ...]:
    return tuple(part if other == axis else slice(None) for other in range(axis + 1))


def _pairs(grid: Grid, axis: int) -> tuple[Grid, Grid]:
    return grid[_along(axis, slice(0, -1))], grid[_along(axis, slice(1, None))]


def _harmonic(a: Grid, b: Grid) -> Grid:
    both = a + b
    return np.asarray(2 * a * np.divide(b, both, out=np.zeros_like(both), where=both > 0))


def _merge(grid: NDArray, axes: tuple[int, ...], join: np.ufunc) -> NDArray:  # type: ignore[type-arg]
    """Neighbours along each of the axes joined in pairs; one that is left over stays."""
    for axis in axes:
        even, odd = grid[_along(axis, slice(0, None, 2))], grid[_along(axis, slice(1, None, 2))]
        joined = even.copy()
        both = _along(axis, slice(0, odd.shape[axis]))
        joined[both] = join(even[both], odd)
        grid = joined
    return grid
