"""The graph of pieces of a whole volume: joined across blocks, with the contacts between them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from keramos.annotation.proofreading.markings import MARKS
from keramos.annotation.proofreading.pieces import PieceRows, Pieces, count_contacts
from keramos.core import Box, Triple, triple
from keramos.measurements import resolve_components


@dataclass(frozen=True, eq=False)
class PieceGraph(PieceRows):
    """All pieces of a volume, each pair of those that share faces once.

    Attributes:
        shape: of the volume.
        phase, mark, voxels: of each piece.
        touches: in bits 0-5, which borders of the volume it touches (first and last along Z, Y, X).
    """

    shape: Triple
    phase: NDArray[np.uint8]
    mark: NDArray[np.uint16]
    voxels: NDArray[np.int64]
    touches: NDArray[np.uint8]

    def __len__(self) -> int:
        return len(self.voxels)

    @cached_property
    def component(self) -> NDArray[np.int64]:
        """The component of its phase that each piece belongs to."""
        same = self.pairs[self.phase[self.pairs[:, 0]] == self.phase[self.pairs[:, 1]]]
        links = scipy.sparse.coo_array((np.ones(len(same), bool), (same[:, 0], same[:, 1])), (len(self), len(self)))
        return np.asarray(scipy.sparse.csgraph.connected_components(links, directed=False)[1], np.int64)

    @cached_property
    def _neighbours(self) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
        """The start of the neighbours of each piece, the neighbours, and the rows of their contacts."""
        one, two = self.pairs.T
        ends, others = np.concatenate([one, two]), np.concatenate([two, one])
        order = np.argsort(ends, kind="stable")
        starts = np.searchsorted(ends[order], np.arange(len(self) + 1))
        return starts, others[order], np.tile(np.arange(len(one)), 2)[order]

    def neighbours(self, piece: int) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The pieces that share faces with one, and how many across each axis (N, 3)."""
        starts, others, rows = self._neighbours
        part = slice(starts[piece], starts[piece + 1])
        return others[part], self.contacts[rows[part]]

    def box(self, piece: int) -> Box:
        """The bounding box of a piece."""
        return Box(triple(self.low[piece]), triple(self.high[piece]))

    def first_voxel(self, piece: int) -> Triple:
        """The first voxel of a piece in the order Z Y X."""
        return triple([int(n) for n in np.unravel_index(self.first[piece], self.shape)])


def join_pieces(pieces: Pieces, shape: Triple) -> PieceGraph:
    """The graph of the pieces of all blocks of a volume of that shape."""
    components = resolve_components(pieces.table)
    number, total = components.number, len(components.voxels)
    low, high = np.full((total, 3), np.iinfo(np.int64).max), np.zeros((total, 3), np.int64)
    first, unsure = np.full(total, np.iinfo(np.int64).max), np.zeros(total)
    np.minimum.at(low, number, pieces.low)
    np.maximum.at(high, number, pieces.high)
    np.minimum.at(first, number, pieces.first)
    np.add.at(unsure, number, pieces.unsure)
    one, two = number[pieces.pairs].T.astype(np.int64)
    keys = np.repeat(np.minimum(one, two) * total + np.maximum(one, two), 3)
    axes = np.tile(np.arange(3), len(one))
    pairs, contacts = count_contacts(keys, axes, pieces.contacts.ravel(), total)
    kind = components.code.astype(np.int64) - 1
    phase, mark = (kind // MARKS).astype(np.uint8), (kind % MARKS).astype(np.uint16)
    rows = (low, high, first, unsure, pairs, contacts)
    return PieceGraph(*rows, shape, phase, mark, components.voxels, components.touches)
