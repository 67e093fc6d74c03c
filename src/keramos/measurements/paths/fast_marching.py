"""The length of the shortest path inside a phase from an outer face to each voxel: the eikonal equation, solved by fast
marching (Sethian, Proc. Natl. Acad. Sci. 93, 1591, 1996).

Differences are of second order where two voxels upwind are known (Sethian, SIAM Rev. 41, 199, 1999). Voxels whose
lengths lie within the shortest edge over the square root of three of the smallest are settled together, for none of
them can shorten another (Kim, SIAM J. Sci. Comput. 23, 86, 2001), so whole fronts are updated at once.

Where a channel is but a few voxels wide, marching has one neighbour to go by and takes corners for the way. So a
settled voxel beside a wall also shortens the lengths of those at its edges and corners to which faces lead within the
block that both span: along walls no length is longer than on the graph of such steps.
"""

from __future__ import annotations

from itertools import product
from math import sqrt

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

_PAD = 2
_DECIMALS = 9
"""Lengths that only rounding tells apart are the same: the order of sums must not decide which comes first."""
_BLOCK = np.array(sorted(product((-1, 0, 1), repeat=3), key=lambda step: np.abs(step).sum())[1:])
"""Steps to the 26 neighbours: to faces, then to edges, then to corners."""
_EDGES, _CORNERS = slice(6, 18), slice(18, 26)
_BEFORE_EDGES, _BEFORE_CORNERS = (
    np.array([np.flatnonzero(np.abs(_BLOCK[part] - step).sum(1) == 1) for step in _BLOCK[steps]]).T
    for part, steps in ((slice(6), _EDGES), (_EDGES, _CORNERS))
)
"""The steps to faces from which a face leads to each edge (2, 12), and those to edges of each corner (3, 8)."""
Lengths = NDArray[np.float64]
Places = NDArray[np.int64]


def march(mask: NDArray[np.bool_], edges: tuple[float, float, float]) -> Lengths:
    """The length of the shortest path through a mask in memory from the outer face where its first axis begins to the
    centre of each voxel, in units of `edges` (about 1); infinite where none leads. Paths pass through faces of voxels.

    Takes about 20 bytes of memory per voxel.

    Example:
        >>> march(np.ones((3, 1, 1), bool), (20.0, 10.0, 10.0)).ravel().tolist()
        [10.0, 30.0, 50.0]
    """
    front = _Front.at_face(mask, edges)
    step = min(edges) / sqrt(3)
    pending = np.flatnonzero(np.isfinite(front.lengths))
    while pending.size:
        lengths = front.lengths[pending]
        ready = lengths < lengths.min() + step
        front.settled[pending[ready]] = True
        fresh = front.update_around(pending[ready])
        pending = np.concatenate([pending[~ready], fresh])
    inner = tuple(slice(_PAD, -_PAD) for _ in range(3))
    padded = [n + 2 * _PAD for n in mask.shape]
    return np.ascontiguousarray(front.lengths.reshape(padded)[inner])


class _Front:
    """Lengths of a padded volume, flat, those of them that are settled, and the mask."""

    def __init__(self, mask: NDArray[np.bool_], edges: tuple[float, float, float]) -> None:
        padded = np.pad(mask, _PAD)
        self.inside = padded.ravel()
        self.lengths = np.full(padded.size, np.inf)
        self.settled = np.zeros(padded.size, bool)
        self.strides = (padded.shape[1] * padded.shape[2], padded.shape[2], 1)
        self.ways = np.array([-1, 1])[:, None, None] * np.array(self.strides)[:, None]
        self.squares = np.array([edge**2 for edge in edges])[:, None]
        self.block = (_BLOCK @ np.array(self.strides))[:, None]
        self.aside = np.sqrt(_BLOCK[6:] ** 2 @ np.array(edges) ** 2)
        self.beside = (padded & ~ndimage.binary_erosion(padded, np.ones((3, 3, 3), bool))).ravel()

    @classmethod
    def at_face(cls, mask: NDArray[np.bool_], edges: tuple[float, float, float]) -> _Front:
        """The voxels at the outer face have half an edge to go."""
        front = cls(mask, edges)
        layer = slice(_PAD * front.strides[0], (_PAD + 1) * front.strides[0])
        front.lengths[layer][front.inside[layer]] = edges[0] / 2
        return front

    def update_around(self, places: Places) -> Places:
        """Shorten the lengths of the neighbours of voxels that have just been settled; those seen for the first time
        come out."""
        near = (places + self.ways).ravel()
        near = np.unique(near[self.inside[near] & ~self.settled[near]])
        aside, straight = self._step_aside(places)
        new = np.unique(np.concatenate([near, aside]))
        new = new[np.isinf(self.lengths[new])]
        self.lengths[near] = np.minimum(self.lengths[near], np.round(self._solve(near), _DECIMALS))
        np.minimum.at(self.lengths, aside, np.round(straight, _DECIMALS))
        return np.asarray(new)

    def _step_aside(self, places: Places) -> tuple[Places, Lengths]:
        """The voxels at edges and corners of those settled to which faces lead, and the lengths straight from there."""
        places = places[self.beside[places]]
        at = places + self.block
        inside = self.inside[at]
        edges = inside[_EDGES] & inside[:6][_BEFORE_EDGES].any(axis=0)
        corners = inside[_CORNERS] & edges[_BEFORE_CORNERS].any(axis=0)
        numbers, which = np.nonzero(np.concatenate([edges, corners]))
        aside, straight = at[6:][numbers, which], self.lengths[places[which]] + self.aside[numbers]
        shorter = straight < self.lengths[aside]
        return aside[shorter], straight[shorter]

    def _solve(self, places: Places) -> Lengths:
        """The lengths that settled neighbours give, from the axes upwind along which they are the shortest."""
        values, weights = self._look_upwind(places)
        order = np.argsort(values, axis=0)
        values, weights = np.take_along_axis(values, order, 0), np.take_along_axis(weights, order, 0)
        best = values[0] + 1 / np.sqrt(weights[0])
        total, first, second = weights[0], weights[0] * values[0], weights[0] * values[0] ** 2
        for value, weight in zip(values[1:], weights[1:], strict=True):
            # The sum over the axes of weight * (length - value)^2 is 1.
            used = best > value
            value, weight = np.where(used, value, 0.0), np.where(used, weight, 0.0)
            total, first, second = total + weight, first + weight * value, second + weight * value**2
            inner = first**2 - total * (second - 1)
            length = (first + np.sqrt(np.maximum(inner, 0))) / total
            best = np.where(used & (inner >= 0), length, best)
        return np.asarray(best)

    def _look_upwind(self, places: Places) -> tuple[Lengths, Lengths]:
        """The value and the weight with which each axis counts (axes, places): of first order, or of second where the
        voxel beyond the neighbour is settled and nearer to the face."""
        # Both ways along all axes at once: fronts are small, and each call of NumPy takes longer than its numbers.
        at = places + self.ways
        near, far = (np.where(self.settled[there], self.lengths[there], np.inf) for there in (at, at + self.ways))
        twice = np.isfinite(far) & (far <= near)
        sides = near.copy()
        sides[twice] = (4 * near[twice] - far[twice]) / 3
        (near, other_near), (value, other_value) = near, sides
        weight, other_weight = np.where(twice, 2.25, 1.0) / self.squares
        # Of two that are equally near the one that gives the shorter length, so that both ways along an axis are alike.
        shorter = (other_value < value) | ((other_value == value) & (other_weight > weight))
        other = (other_near < near) | ((other_near == near) & shorter)
        return np.where(other, other_value, value), np.where(other, other_weight, weight)
