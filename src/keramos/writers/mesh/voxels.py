"""Voxels as hexahedra that share their corners, slice by slice: a slab of slices and two planes of corners are in
memory.

plane 0   plane 1   plane 2      the corners of slice z lie in the planes z and z + 1; a corner is a node if any of
   |slice 0 |slice 1 |           the eight voxels around it is meshed, and nodes are numbered along x, y, z
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import chain, tee

import numpy as np
from numpy.typing import NDArray

from keramos.core.progress import Reporter
from keramos.writers.domain import Domain
from keramos.writers.slabs import slices_of

Mask = NDArray[np.bool_]
Numbers = NDArray[np.int64]
_CORNERS = ((0, 0, 0), (0, 0, 1), (0, 1, 1), (0, 1, 0), (1, 0, 0), (1, 0, 1), (1, 1, 1), (1, 1, 0))
"""Z Y X, in the order of VTK's and Abaqus's hexahedra: around the lower face, then around the upper."""
_AT_ONCE = 2**18  # nodes or elements in a piece: a slice of 4096 x 4096 has 16 million, of 64 bytes each


@dataclass(frozen=True)
class VoxelMesh:
    """A mesh of the voxels of some phases (`codes`)."""

    domain: Domain
    codes: tuple[int, ...]
    reporter: Reporter

    def count(self) -> tuple[int, dict[int, int]]:
        """The number of nodes, and the number of elements of each phase."""
        elements = np.zeros(256, np.int64)
        slices, same_slices = tee(self._slices("count the voxels"))
        nodes = 0
        for codes, plane in zip(chain(slices, [None]), self._planes(same_slices), strict=True):
            nodes += int(np.count_nonzero(plane))
            if codes is not None:
                elements += np.bincount(codes.ravel(), minlength=256)
        return nodes, {code: int(elements[code]) for code in self.codes}

    def nodes(self) -> Iterator[NDArray[np.float64]]:
        """Coordinates of the nodes (N, 3) in nm, X Y Z, plane by plane."""
        edges, first = np.array(self.domain.size.zyx[::-1]), np.array(self.domain.corner[::-1])
        for z, plane in enumerate(self._planes(self._slices("write the nodes"))):
            for y, x in _places(plane):
                yield np.stack([x, y, np.full_like(x, z)], axis=1) * edges + first

    def elements(self, code: int | None = None) -> Iterator[Numbers]:
        """The eight nodes (N, 8), counted from 0, of the elements along x, y, z; of one phase, or of all."""
        slices, same_slices = tee(self._slices("write the elements"))
        planes = _number_nodes(self._planes(same_slices))
        below = next(planes)
        for codes, above in zip(slices, planes, strict=True):
            both = (below, above)
            for y, x in _places(self._mask(codes) if code is None else codes == code):
                yield np.stack([both[dz][y + dy, x + dx] for dz, dy, dx in _CORNERS], axis=1)
            below = above

    def phases(self) -> Iterator[NDArray[np.uint8]]:
        """The code of each element, slice by slice."""
        for codes in self._slices("write the phases"):
            yield codes[self._mask(codes)]

    def _slices(self, task: str) -> Iterator[NDArray[np.uint8]]:
        return slices_of(self.domain.labels, self.reporter.progress(task, "slice"))

    def _mask(self, codes: NDArray[np.uint8]) -> Mask:
        is_meshed = np.zeros(256, np.bool_)
        is_meshed[list(self.codes)] = True
        return is_meshed[codes]

    def _planes(self, slices: Iterator[NDArray[np.uint8]]) -> Iterator[Mask]:
        """The corners that are nodes: one plane more than there are slices."""
        before = np.zeros([length + 1 for length in self.domain.labels.shape[1:]], np.bool_)
        for codes in slices:
            after = _corners(self._mask(codes))
            yield before | after
            before = after
        yield before


def _places(mask: Mask) -> Iterator[tuple[Numbers, Numbers]]:
    """The y and x of the pixels of a plane's mask, along x, then y, in pieces."""
    y, x = np.nonzero(mask)
    for start in range(0, len(y), _AT_ONCE):
        yield y[start : start + _AT_ONCE], x[start : start + _AT_ONCE]


def _corners(mask: Mask) -> Mask:
    """The corners of the pixels of a mask."""
    height, width = mask.shape
    corners = np.zeros((height + 1, width + 1), np.bool_)
    for dy in (0, 1):
        for dx in (0, 1):
            corners[dy : dy + height, dx : dx + width] |= mask
    return corners


def _number_nodes(planes: Iterator[Mask]) -> Iterator[Numbers]:
    """The number of each node at its corner."""
    first = 0
    for plane in planes:
        yield first + np.cumsum(plane.ravel(), dtype=np.int64).reshape(plane.shape) - 1
        first += int(np.count_nonzero(plane))
