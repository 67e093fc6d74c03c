"""Connected components of every phase, of a volume of any size.

Each block is labelled together with one layer of voxels after it (connected-components-3d). A voxel of that layer lies
in the next block, too, and has a label there: the two are one component. Contacts across faces, edges and corners of
blocks all lie within some block and its layer, so nothing is missed. What is kept of a block is the size of each
component and, until all its neighbours have been met, the labels on its surface.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import cc3d
import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from keramos.core import NOT_ANNOTATED, Box, Quantity, Triple, triple
from keramos.core.errors import SettingsError
from keramos.measurements.measured import AXES, Curve, Measured, Measurements
from keramos.measurements.measurement import Domain
from keramos.measurements.seen import Seen

CONNECTIVITY = {6: "faces", 18: "faces and edges", 26: "faces, edges and corners"}


@dataclass(eq=False)
class Surface:
    """What a block still shows its neighbours: the labels (from 1) on the planes at the start of its core (`first`) and
    one beyond its end (`beyond`), one plane per axis; its components are numbered from `offset` on. `waits` is for how
    many neighbours it is kept."""

    core: Box
    seen: Box
    first: tuple[NDArray[np.uint32], ...]
    beyond: tuple[NDArray[np.uint32] | None, ...]
    waits: int
    offset: int = 0


@dataclass(eq=False)
class Labelled:
    """The components of some blocks, numbered through: phase code, voxels of the cores and, in bits 0-5, which borders
    of the volume they touch (first and last along Z, Y, X); the `pairs` (N, 2) of them that are one; and the surfaces
    (by the start of their core) of the blocks some of whose neighbours are not among them yet."""

    code: NDArray[np.uint8]
    voxels: NDArray[np.int64]
    touches: NDArray[np.uint8]
    pairs: NDArray[np.int64]
    surfaces: dict[Triple, Surface]


@dataclass(frozen=True)
class Components:
    """Number, sizes, largest share and percolating fraction of each phase, connected through `connectivity` neighbours.

    Raises:
        SettingsError: a connectivity other than 6, 18 or 26.
    """

    domain: Domain
    connectivity: int = 6
    before: Triple = (0, 0, 0)
    after: Triple = (1, 1, 1)

    def __post_init__(self) -> None:
        if self.connectivity not in CONNECTIVITY:
            raise SettingsError(f"expected a connectivity of 6, 18 or 26 neighbours, found {self.connectivity}")

    def measure(self, seen: Seen) -> Labelled:
        box = seen.core.grow((1, 1, 1)).clip(Box(seen.core.start, seen.shape))
        codes = seen.codes[box.relative_to(seen.read).slices]
        # Zero is no component to cc3d: neither are voxels without a phase, nor phases that nobody asked for.
        table = np.zeros(256, np.uint8)
        for code in self.domain.wanted:
            table[code] = code + 1
        labels, count = cc3d.connected_components(
            table[codes],
            connectivity=self.connectivity,
            return_N=True,
            out_dtype=np.uint32,  # type: ignore[call-overload]
        )
        return _described(labels, int(count), codes, seen, box)

    def merge(self, one: Labelled, other: Labelled) -> Labelled:
        return met(one, other)

    def finish(self, partial: Labelled) -> Measurements:
        bodies = joined(partial)
        found = Measurements()
        for code in self.domain.wanted:
            mine = bodies.code == code
            found += self._of_phase(self.domain.phases.names[code], bodies.voxels[mine], bodies.touches[mine])
        return found

    def _of_phase(self, phase: str, voxels: NDArray[np.int64], touches: NDArray[np.uint8]) -> Measurements:
        how = f"connected through {CONNECTIVITY[self.connectivity]} ({self.connectivity})"
        total = int(voxels.sum())
        rows = [Measured("components", Quantity(len(voxels), "1", f"components {how}"), phase)]
        if not total:
            return Measurements(tuple(rows))
        share = Quantity(int(voxels.max()) / total, "1", f"the largest component's share of the phase, {how}")
        rows.append(Measured("largest component", share, phase))
        for axis, name in enumerate(AXES):
            both = 3 << 2 * axis
            through = int(voxels[touches & both == both].sum()) / total
            method = f"share of the phase in components that reach both ends of {name}, {how}"
            rows.append(Measured("percolating fraction", Quantity(through, "1", method), phase, name))
        return Measurements(tuple(rows), (self._sizes(phase, voxels, how),))

    def _sizes(self, phase: str, voxels: NDArray[np.int64], how: str) -> Curve:
        volumes, counts = np.unique(voxels, return_counts=True)
        columns = {"volume": (volumes * self.domain.voxel_size.volume_nm3).tolist(), "components": counts.tolist()}
        return Curve("component sizes", columns, {"volume": "nm3", "components": "1"}, f"components {how}", phase)


@dataclass(frozen=True, eq=False)
class Bodies:
    """The components of a whole volume: code, voxels and borders touched of each."""

    code: NDArray[np.uint8]
    voxels: NDArray[np.int64]
    touches: NDArray[np.uint8]


def met(one: Labelled, other: Labelled) -> Labelled:
    """The components of both, and which of the one's are the other's. Only surfaces that wait for more are kept: memory
    grows with the front between what is measured and what is not, not with the volume."""
    offset = len(one.voxels)
    moved = {at: replace(surface, offset=surface.offset + offset) for at, surface in other.surfaces.items()}
    here = {at: replace(surface) for at, surface in one.surfaces.items()}
    pairs = [one.pairs, other.pairs + offset, *_shared(here, moved), *_shared(moved, here)]
    return Labelled(
        np.concatenate([one.code, other.code]),
        np.concatenate([one.voxels, other.voxels]),
        np.concatenate([one.touches, other.touches]),
        np.concatenate(pairs),
        {at: surface for at, surface in {**here, **moved}.items() if surface.waits},
    )


def joined(found: Labelled) -> Bodies:
    """The components of a volume from those of all its blocks."""
    count = len(found.voxels)
    one, other = found.pairs.T
    graph = coo_array((np.ones(len(one), bool), (one, other)), (count, count))
    bodies, of = connected_components(graph, directed=False)
    voxels = np.zeros(bodies, np.int64)
    np.add.at(voxels, of, found.voxels)
    touches, code = np.zeros(bodies, np.uint8), np.zeros(bodies, np.uint8)
    np.bitwise_or.at(touches, of, found.touches)
    code[of] = found.code
    # The layer beyond a core may hold a component that is another block's alone: with it, it has its voxels.
    return Bodies(code, voxels, touches)


def _described(labels: NDArray[np.uint32], count: int, codes: NDArray[np.uint8], seen: Seen, box: Box) -> Labelled:
    """The components of one block; `labels` and `codes` (Z Y X) are of `box`, the core and one layer after it."""
    inside = labels[tuple(slice(0, n) for n in seen.core.shape)]
    voxels = np.bincount(inside.ravel(), minlength=count + 1)[1:].astype(np.int64)
    code = np.full(count + 1, NOT_ANNOTATED, np.uint8)
    touches = np.zeros(count + 1, np.uint8)
    code[labels.ravel()] = codes.ravel()
    first, beyond = [], []
    for axis in range(3):
        for end, at_border in ((0, seen.core.start[axis] == 0), (1, seen.core.stop[axis] == seen.shape[axis])):
            if at_border:
                plane = np.take(inside, 0 if end == 0 else seen.core.shape[axis] - 1, axis=axis)
                touches[plane.ravel()] |= np.uint8(1 << (2 * axis + end))
        first.append(np.take(inside, 0, axis=axis))
        deeper = box.stop[axis] > seen.core.stop[axis]
        beyond.append(np.take(labels, seen.core.shape[axis], axis=axis) if deeper else None)
    surface = Surface(seen.core, box, tuple(first), tuple(beyond), _neighbours(seen.core, seen.shape))
    none = np.zeros((0, 2), np.int64)
    surfaces = {seen.core.start: surface} if surface.waits else {}
    return Labelled(code[1:], voxels, touches[1:], none, surfaces)


def _neighbours(core: Box, shape: Triple) -> int:
    """How many blocks meet a block at a face, edge or corner on the side of its start, or of its end."""
    before = sum(a > 0 for a in core.start)
    after = sum(b < n for b, n in zip(core.stop, shape, strict=True))
    return (1 << before) + (1 << after) - 2


def _shared(before: dict[Triple, Surface], after: dict[Triple, Surface]) -> Iterator[NDArray[np.int64]]:
    """Pairs of components (N, 2) that share a voxel: of blocks among `before`, and those among `after` that follow
    them along one axis or several."""
    for block in before.values():
        for step in product((0, 1), repeat=3):
            at = triple([b if s else a for a, b, s in zip(block.core.start, block.core.stop, step, strict=True)])
            other = after.get(at) if any(step) else None
            if other is not None:
                block.waits -= 1
                other.waits -= 1
                yield np.add(_pairs(block, other, step.index(1)), (block.offset, other.offset))


def _pairs(block: Surface, after: Surface, axis: int) -> NDArray[np.int64]:
    """Labels (from 0) of both blocks at the voxels of the plane that both have: beyond the one, first of the other."""
    beyond = block.beyond[axis]
    assert beyond is not None
    common = block.seen.clip(after.core)
    across = [other for other in range(3) if other != axis]
    here = tuple(common.relative_to(block.seen).slices[other] for other in across)
    there = tuple(common.relative_to(after.core).slices[other] for other in across)
    pairs = np.stack([beyond[here].ravel(), after.first[axis][there].ravel()], axis=1).astype(np.int64)
    return np.unique(pairs[pairs[:, 0] > 0], axis=0) - 1
