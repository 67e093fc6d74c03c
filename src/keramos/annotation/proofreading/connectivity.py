"""The effect of flipping a piece on the numbers, exactly: fractions, largest components and what percolates."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.proofreading.cuts import Cuts
from keramos.annotation.proofreading.graph import PieceGraph
from keramos.annotation.proofreading.place import Change
from keramos.core import PhaseTable
from keramos.measurements import AXES

Amounts = NDArray[np.int64]
"""Voxels, and then how many pieces touch each border of the volume (first and last along Z, Y, X), of bodies (N, 7)."""


Weight = Literal["all", "own", "other"]
_CONNECTED = ("largest-component", "percolating-fraction")


@dataclass(frozen=True, eq=False)
class Flip:
    """The consequences of flipping a piece.

    Attributes:
        changes: the numbers before and after.
        cut_off: share of the piece's phase that loses its connection to the larger rest.
        joined: share of the other phase that becomes connected to a larger component.
        surface: relative change of the faces of the piece's phase.
    """

    changes: tuple[Change, ...]
    cut_off: float
    joined: float
    surface: float

    def weigh(self, by: Weight = "all") -> float:
        """The change of the numbers, each sort added up: connectivity of the phase that loses the piece (`own`) or
        gains it (`other`), or (`all`) of both, with fraction and surface."""
        own, other = self.changes[0].phase, self.changes[-1].phase
        if by == "own":
            return self.cut_off + self._largest(_CONNECTED, own)
        if by == "other":
            return self.joined + self._largest(_CONNECTED, other)
        parts = (self._largest(ids, own, other) for ids in (("phase-fraction",), *((id,) for id in _CONNECTED)))
        return self.cut_off + self.joined + abs(self.surface) + sum(parts)

    def _largest(self, ids: tuple[str, ...], *phases: str) -> float:
        return max(abs(row.difference) for row in self.changes if row.id in ids and row.phase in phases)


class Connectivity:
    """The components of each phase as made of pieces, and how they change when a piece is flipped.

    Voxels are connected through their faces. A component percolates along an axis if it touches both borders of the
    volume there.
    """

    def __init__(self, graph: PieceGraph, phases: PhaseTable) -> None:
        self.graph, self.phases = graph, phases
        self._amounts = np.zeros((len(graph), 7), np.int64)
        self._amounts[:, 0] = graph.voxels
        self._amounts[:, 1:] = graph.touches[:, None] >> np.arange(6, dtype=np.uint8) & 1
        count = int(graph.component.max(initial=-1)) + 1
        self.bodies: Amounts = np.zeros((count, 7), np.int64)
        np.add.at(self.bodies, graph.component, self._amounts)
        self.phase_of_body = np.zeros(count, np.uint8)
        self.phase_of_body[graph.component] = graph.phase
        self._phases = [_PhaseBodies.of(self.bodies, self.phase_of_body == code) for code in range(len(phases))]

    @cached_property
    def cuts(self) -> Cuts:
        """The parts of components without a piece."""
        graph = self.graph
        same = graph.phase[graph.pairs[:, 0]] == graph.phase[graph.pairs[:, 1]]
        return Cuts(len(graph), graph.pairs[same], self._amounts)

    @cached_property
    def is_largest(self) -> NDArray[np.bool_]:
        """Whether each component is the largest of its phase."""
        largest = np.zeros(len(self.bodies), bool)
        largest[[phase.numbers[0] for phase in self._phases if phase.numbers]] = True
        return largest

    @cached_property
    def is_between(self) -> NDArray[np.bool_]:
        """Whether each piece shares faces with several components of one other phase."""
        ends = np.concatenate([self.graph.pairs, self.graph.pairs[:, ::-1]])
        ends = ends[self.graph.phase[ends[:, 0]] != self.graph.phase[ends[:, 1]]]
        pairs = np.unique(ends[:, 0] * len(self.bodies) + self.graph.component[ends[:, 1]])
        piece, body = np.divmod(pairs, max(1, len(self.bodies)))
        each, count = np.unique(piece * len(self.phases) + self.phase_of_body[body], return_counts=True)
        between = np.zeros(len(self.graph), bool)
        between[each[count > 1] // len(self.phases)] = True
        return between

    def touching(self, piece: int, code: int) -> NDArray[np.int64]:
        """The components of a phase that share faces with a piece, the largest first."""
        others, _ = self.graph.neighbours(piece)
        bodies = np.unique(self.graph.component[others[self.graph.phase[others] == code]])
        return bodies[np.argsort(-self.bodies[bodies, 0], kind="stable")]

    def nearest_phase(self, piece: int) -> int:
        """The other phase that shares most faces with a piece; the most common one where none does."""
        others, contacts = self.graph.neighbours(piece)
        own = int(self.graph.phase[piece])
        faces = np.bincount(self.graph.phase[others], contacts.sum(axis=1), len(self.phases))
        totals = np.array([phase.voxels for phase in self._phases], float)
        weights = faces + totals / (1 + totals.sum())
        weights[own] = -1
        return int(np.argmax(weights))

    def flip(self, piece: int, to: int) -> Flip:
        """The consequences of flipping a piece to another phase."""
        own, amounts = int(self.graph.phase[piece]), self._amounts[piece]
        lost, parts = int(self.graph.component[piece]), self.cuts.parts(piece)
        gained = self.touching(piece, to)
        body = (amounts + self.bodies[gained].sum(axis=0))[None]
        changes = [*self._changes(own, [lost], parts), *self._changes(to, gained.tolist(), body)]
        total = max(1, self._phases[to].voxels)
        joined = (self.bodies[gained, 0].sum() - self.bodies[gained, 0].max(initial=0)) / total
        remaining = max(1, self._phases[own].voxels - int(amounts[0]))
        cut_off = (parts[:, 0].sum() - parts[:, 0].max(initial=0)) / remaining
        return Flip(tuple(changes), float(cut_off), float(joined), self._surface_change(piece))

    @cached_property
    def annotated(self) -> int:
        """Voxels of any phase."""
        return int(self.graph.voxels.sum())

    @cached_property
    def _faces(self) -> NDArray[np.int64]:
        """The faces of each phase."""
        one, two = self.graph.phase[self.graph.pairs].T
        faces = self.graph.contacts.sum(axis=1) * (one != two)
        both = [np.bincount(end, faces, len(self.phases)) for end in (one, two)]
        return np.asarray(np.sum(both, axis=0), np.int64)

    def _surface_change(self, piece: int) -> float:
        others, contacts = self.graph.neighbours(piece)
        own, faces = self.graph.phase[piece], contacts.sum(axis=1)
        inner = self.graph.phase[others] == own
        return float(faces[inner].sum() - faces[~inner].sum()) / max(1, int(self._faces[own]))

    def _changes(self, code: int, gone: list[int], new: Amounts) -> Iterable[Change]:
        """The numbers of a phase before and after some of its components are replaced by new ones."""
        name, phase = self.phases.names[code], self._phases[code]
        before, old = phase.voxels, self.bodies[gone].reshape(-1, 7)
        after = before - int(old[:, 0].sum()) + int(new[:, 0].sum())
        yield Change("phase-fraction", name, "", before / self.annotated, after / self.annotated)
        largest = (phase.largest_without([]), max(phase.largest_without(gone), int(new[:, 0].max(initial=0))))
        yield Change("largest-component", name, "", largest[0] / max(1, before), largest[1] / max(1, after))
        for axis, label in enumerate(AXES):
            through = phase.through[axis]
            changed = through - _through(old, axis) + _through(new, axis)
            share = (through / max(1, before), changed / max(1, after))
            yield Change("percolating-fraction", name, label, *share)


@dataclass(frozen=True, eq=False)
class _PhaseBodies:
    """The components of a phase: numbers and voxels, the largest first; all voxels, and those that percolate along each
    axis."""

    numbers: list[int]
    sizes: list[int]
    voxels: int
    through: tuple[int, ...]

    @classmethod
    def of(cls, bodies: Amounts, chosen: NDArray[np.bool_]) -> _PhaseBodies:
        numbers = np.flatnonzero(chosen)
        numbers = numbers[np.argsort(-bodies[numbers, 0], kind="stable")]
        sizes = bodies[numbers, 0]
        through = tuple(_through(bodies[numbers], axis) for axis in range(3))
        return cls(numbers.tolist(), sizes.tolist(), int(sizes.sum()), through)

    def largest_without(self, gone: list[int]) -> int:
        """Voxels of the largest component that is none of these."""
        kept = (size for number, size in zip(self.numbers, self.sizes, strict=True) if number not in gone)
        return next(kept, 0)


def _through(bodies: Amounts, axis: int) -> int:
    """Voxels in components that touch both borders of an axis."""
    ends = bodies[:, 1 + 2 * axis : 3 + 2 * axis]
    return int(bodies[np.all(ends > 0, axis=1), 0].sum())
