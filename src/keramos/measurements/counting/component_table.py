"""Connected components of every phase of a volume of any size, from blocks.

Each block is labelled together with one layer of voxels after it (connected-components-3d). A voxel of that layer lies
in the next block, too, and has a label there: the two are one component. Contacts across faces, edges and corners of
blocks all lie within some block and its layer, so nothing is missed. What is kept of a block is the size of each
component and, until it has been merged with all its neighbours, the labels on its surface.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

import cc3d
import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray

from keramos.core import Box, Triple, triple
from keramos.measurements.block_view import BlockView


@dataclass(eq=False)
class BlockSurface:
    """The labels of a block that its neighbours need.

    Attributes:
        core: of the block; labelled: the core and the layer after it.
        first: labels (from 1) on the plane at the start of the core, one plane per axis; beyond: on the plane one voxel
            beyond its end, None at the border of the volume.
        pending_neighbours: how many neighbours it is kept for.
        offset: the number of its first component.
    """

    core: Box
    labelled: Box
    first: tuple[NDArray[np.uint32], ...]
    beyond: tuple[NDArray[np.uint32] | None, ...]
    pending_neighbours: int
    offset: int = 0


@dataclass(eq=False)
class ComponentTable:
    """The components of some blocks, numbered through.

    Attributes:
        code: phase code (or class) of each; voxels: its voxels in the cores; touches: in bits 0-5, which borders of the
            volume it touches (first and last along Z, Y, X).
        pairs: (N, 2) numbers of components that are one.
        surfaces: of the blocks some of whose neighbours are not among them yet, by the start of their core.
    """

    code: NDArray[np.unsignedinteger]
    voxels: NDArray[np.int64]
    touches: NDArray[np.uint8]
    pairs: NDArray[np.int64]
    surfaces: dict[Triple, BlockSurface]


@dataclass(frozen=True, eq=False)
class Components:
    """The components of a whole volume: code, voxels and borders touched of each; and `number`, which of them each row
    of the table is a part of."""

    code: NDArray[np.unsignedinteger]
    voxels: NDArray[np.int64]
    touches: NDArray[np.uint8]
    number: NDArray[np.integer]

    def share_through(self, code: int, axis: int) -> float:
        """The share of a phase (that is in the volume) in components that touch both ends of an axis."""
        of_phase, both = self.code == code, 3 << 2 * axis
        through = of_phase & (self.touches & both == both)
        return int(self.voxels[through].sum()) / int(self.voxels[of_phase].sum())


def empty_table() -> ComponentTable:
    """The table of no block."""
    none = np.zeros(0, np.uint8)
    return ComponentTable(none, none.astype(np.int64), none, np.zeros((0, 2), np.int64), {})


def label_components(block: BlockView, phase_codes: tuple[int, ...], connectivity: int) -> ComponentTable:
    """The components of these phases in one block, connected through 6, 18 or 26 neighbours."""
    return labelled_components(block, phase_codes, connectivity)[1]


def labelled_components(
    block: BlockView, phase_codes: tuple[int, ...], connectivity: int
) -> tuple[NDArray[np.uint32], ComponentTable]:
    """The same with the labels (from 1, Z Y X) of the voxels in the `labelled_box` of its core."""
    return block.share(("components", phase_codes, connectivity), lambda: _label(block, phase_codes, connectivity))


def _label(
    block: BlockView, phase_codes: tuple[int, ...], connectivity: int
) -> tuple[NDArray[np.uint32], ComponentTable]:
    box = labelled_box(block.core, block.shape)
    codes = block.codes[box.relative_to(block.read).slices]
    # Zero is no component to cc3d: neither are voxels without a phase (255), nor phases that nobody asked for.
    classes = codes + np.uint8(1)
    wanted = np.isin(np.arange(256), [code + 1 for code in phase_codes])
    if not wanted[1 : int(classes.max()) + 1].all():
        classes[~wanted[classes]] = 0
    labels, table = label_classes(classes, block.core, block.shape, connectivity)
    return labels, replace(table, code=table.code - np.uint8(1))


def labelled_box(core: Box, shape: Triple) -> Box:
    """The voxels of which a block's components are labelled: its core and one layer after it, inside the volume."""
    return core.grow((1, 1, 1)).clip(Box(core.start, shape))


def label_classes(
    classes: NDArray[np.unsignedinteger], core: Box, shape: Triple, connectivity: int = 6
) -> tuple[NDArray[np.uint32], ComponentTable]:
    """Labels (from 1, Z Y X) of the connected voxels of one class in the `labelled_box` of a core, and the table of
    these components, whose `code` is the class; voxels of class 0 belong to none and have label 0."""
    labels, count = cc3d.connected_components(
        classes,
        connectivity=connectivity,
        return_N=True,
        out_dtype=np.uint32,  # type: ignore[call-overload]
    )
    return labels, _tabulate(labels, int(count), classes, core, shape)


def merge_components(first: ComponentTable, second: ComponentTable) -> ComponentTable:
    """The components of both, and which of the first's are the second's.

    Only surfaces that wait for more neighbours are kept: memory grows with the front between what is measured and what
    is not, not with the volume.
    """
    offset = len(first.voxels)
    moved = {at: replace(surface, offset=surface.offset + offset) for at, surface in second.surfaces.items()}
    kept = {at: replace(surface) for at, surface in first.surfaces.items()}
    pairs = [first.pairs, second.pairs + offset, *_find_shared_pairs(kept, moved), *_find_shared_pairs(moved, kept)]
    return ComponentTable(
        np.concatenate([first.code, second.code]),
        np.concatenate([first.voxels, second.voxels]),
        np.concatenate([first.touches, second.touches]),
        np.concatenate(pairs),
        {at: surface for at, surface in {**kept, **moved}.items() if surface.pending_neighbours},
    )


def resolve_components(table: ComponentTable) -> Components:
    """The components of a volume from those of all its blocks."""
    count = len(table.voxels)
    first, second = table.pairs.T
    graph = scipy.sparse.coo_array((np.ones(len(first), bool), (first, second)), (count, count))
    total, number = scipy.sparse.csgraph.connected_components(graph, directed=False) if count else (0, np.zeros(0, int))
    voxels = np.zeros(total, np.int64)
    np.add.at(voxels, number, table.voxels)
    touches, code = np.zeros(total, np.uint8), np.zeros(total, table.code.dtype)
    np.bitwise_or.at(touches, number, table.touches)
    code[number] = table.code
    # The layer beyond a core may hold a component that is another block's alone: merged, it has its voxels.
    return Components(code, voxels, touches, number)


def _tabulate(
    labels: NDArray[np.uint32], count: int, classes: NDArray[np.unsignedinteger], core: Box, shape: Triple
) -> ComponentTable:
    """The components of one block; `labels` and `classes` (Z Y X) are of the core and one layer after it."""
    box = labelled_box(core, shape)
    inside = labels[tuple(slice(0, n) for n in core.shape)]
    voxels = _count_voxels(inside, count)
    code = np.zeros(count + 1, classes.dtype)
    touches = np.zeros(count + 1, np.uint8)
    flat = labels.reshape(-1)
    starts = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))  # once for each run of voxels
    code[flat[starts]] = classes.reshape(-1)[starts]
    first, beyond = [], []
    for axis in range(3):
        for end, at_border in ((0, core.start[axis] == 0), (1, core.stop[axis] == shape[axis])):
            if at_border:
                plane = np.take(inside, 0 if end == 0 else core.shape[axis] - 1, axis=axis)
                touches[plane.ravel()] |= np.uint8(1 << (2 * axis + end))
        first.append(np.take(inside, 0, axis=axis))
        deeper = box.stop[axis] > core.stop[axis]
        beyond.append(np.take(labels, core.shape[axis], axis=axis) if deeper else None)
    neighbours = _count_neighbours(core, shape)
    surface = BlockSurface(core, box, tuple(first), tuple(beyond), neighbours)
    none = np.zeros((0, 2), np.int64)
    return ComponentTable(code[1:], voxels, touches[1:], none, {core.start: surface} if neighbours else {})


def _count_voxels(labels: NDArray[np.uint32], count: int) -> NDArray[np.int64]:
    """The voxels of each label from 1 to `count`, run by run."""
    flat = labels.reshape(-1)
    starts = np.flatnonzero(np.concatenate([[True], flat[1:] != flat[:-1]]))
    lengths = np.diff(starts, append=flat.size)
    return np.bincount(flat[starts], weights=lengths, minlength=count + 1)[1:].astype(np.int64)  # exact below 2**53


def _count_neighbours(core: Box, shape: Triple) -> int:
    """The number of blocks that meet a block at a face, edge or corner on the side of its start, or of its end."""
    before = sum(a > 0 for a in core.start)
    after = sum(b < n for b, n in zip(core.stop, shape, strict=True))
    return (1 << before) + (1 << after) - 2


def _find_shared_pairs(
    before: dict[Triple, BlockSurface], after: dict[Triple, BlockSurface]
) -> Iterator[NDArray[np.int64]]:
    """Pairs of components (N, 2) that share a voxel: of blocks among `before`, and those among `after` that follow
    them along one axis or several."""
    for block in before.values():
        for step in product((0, 1), repeat=3):
            at = triple([b if s else a for a, b, s in zip(block.core.start, block.core.stop, step, strict=True)])
            other = after.get(at) if any(step) else None
            if other is not None:
                block.pending_neighbours -= 1
                other.pending_neighbours -= 1
                yield np.add(_pairs(block, other, step.index(1)), (block.offset, other.offset))


def _pairs(block: BlockSurface, after: BlockSurface, axis: int) -> NDArray[np.int64]:
    """Labels (from 0) of both blocks at the voxels of the plane that both have: beyond the one, first of the other."""
    beyond = block.beyond[axis]
    if beyond is None:
        return np.zeros((0, 2), np.int64)
    common = block.labelled.clip(after.core)
    across = [other for other in range(3) if other != axis]
    one = tuple(common.relative_to(block.labelled).slices[other] for other in across)
    other = tuple(common.relative_to(after.core).slices[other] for other in across)
    labels, others = beyond[one].ravel().astype(np.int64), after.first[axis][other].ravel().astype(np.int64)
    # As one number each, and runs along a line once: rows of two take far longer to sort.
    keys = (labels << 32 | others)[labels > 0]
    keys = np.unique(keys[np.diff(keys, prepend=-1) != 0])
    return np.stack([keys >> 32, keys & 0xFFFFFFFF], axis=1) - 1
