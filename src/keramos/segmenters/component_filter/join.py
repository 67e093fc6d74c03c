"""Decide on the components that reach over several blocks, in memory that the depth of the volume does not change.

forward, layer of blocks by layer along Z: candidates that touch are merged to components, together with those that the
layer before carried on; one that continues into the next layer is carried on again, any other gets its new code
backward: the codes of the components that were carried on are handed to their members, and each block's are written

A component that has grown large enough is not carried on: whatever touches it is large, too.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from keramos.blocks import Plan
from keramos.core.progress import Progress
from keramos.segmenters.component_filter.candidates import (
    LARGE,
    UNCHANGED,
    choose_codes,
    read_array,
    read_face,
    save_array,
    save_arrays,
)
from keramos.segmenters.component_filter.removal import Removal


@dataclass(frozen=True)
class Files:
    """The files of one removal."""

    folder: Path

    def candidates(self, block: int) -> Path:
        return self.folder / f"candidates-{block}.npz"

    def new_codes(self, block: int) -> Path:
        return self.folder / f"codes-{block}.npy"

    def layer(self, number: int) -> Path:
        return self.folder / f"layer-{number}.npz"


@dataclass(frozen=True, eq=False)
class _Carried:
    """Components that continue beyond a layer: their voxels and votes so far. By block of the layer, `component` is
    that of each of its unresolved candidates; LARGE for those that touch the next layer and are large."""

    size: NDArray[np.int64]
    votes: NDArray[np.int64]
    component: dict[int, NDArray[np.int64]] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class _Layer:
    """The pieces of components in a layer of blocks: those carried on from the layer before, then each block's
    unresolved candidates, whose numbers are in `piece` by block.

    `size` and `votes` are by piece; `is_large` marks those that touch a large one, `continues` those that touch the
    next layer; `edges` are pairs of pieces that touch.
    """

    size: NDArray[np.int64]
    votes: NDArray[np.int64]
    piece: dict[int, NDArray[np.int64]]
    is_large: NDArray[np.bool_]
    continues: NDArray[np.bool_]
    edges: list[NDArray[np.int64]] = field(default_factory=list)

    def add_contacts(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> None:
        """Add what two planes that face each other show; they hold pieces, LARGE and encoded codes."""
        both = (one >= 0) & (other >= 0)
        if both.any():
            self.edges.append(np.unique(np.stack([one[both], other[both]]), axis=1))
        for plane, facing in ((one, other), (other, one)):
            self.is_large[plane[(plane >= 0) & (facing == LARGE)]] = True
            apart = (plane >= 0) & (facing < LARGE)
            np.add.at(self.votes, (plane[apart], -2 - facing[apart]), 1)

    def merge_pieces(self, fewer: int) -> _Components:
        """Merge the pieces that touch to components; those of `fewer` voxels or more are large."""
        count, component = self._connect()
        size, votes = np.zeros(count, np.int64), np.zeros((count, self.votes.shape[1]), np.int64)
        np.add.at(size, component, self.size)
        np.add.at(votes, component, self.votes)
        is_large, continues = size >= fewer, np.zeros(count, bool)
        is_large[component[self.is_large]] = True
        continues[component[self.continues]] = True
        continues &= ~is_large
        new_code = np.where(is_large | continues, UNCHANGED, choose_codes(votes)).astype(np.uint8)
        return _Components(component, size, votes, new_code, continues)

    def _connect(self) -> tuple[int, NDArray[np.int64]]:
        """The number of components, and that of each piece."""
        one, other = np.concatenate(self.edges, axis=1) if self.edges else np.zeros((2, 0), np.int64)
        pieces = len(self.size)
        if not pieces:
            return 0, np.zeros(0, np.int64)
        graph = coo_array((np.ones(len(one), bool), (one, other)), (pieces, pieces))
        count, component = connected_components(graph, directed=False)
        return int(count), component.astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Components:
    """By piece of a layer its `component`; by component its voxels, votes and new code, and whether it `continues` into
    the next layer without being large."""

    component: NDArray[np.int64]
    size: NDArray[np.int64]
    votes: NDArray[np.int64]
    new_code: NDArray[np.uint8]
    continues: NDArray[np.bool_]

    @property
    def carried_index(self) -> NDArray[np.int64]:
        """The number of each component among those that continue; LARGE for others: only large ones are asked for."""
        return np.where(self.continues, np.cumsum(self.continues) - 1, LARGE)

    @property
    def changes(self) -> NDArray[np.int64]:
        """The number of components that change, and of their voxels."""
        changed = self.new_code != UNCHANGED
        return np.array([changed.sum(), self.size[changed].sum()], np.int64)


def join_blocks(files: Files, plan: Plan, removal: Removal, progress: Progress) -> tuple[int, int]:
    """Write the new codes of all candidates of all blocks; how many components and voxels will change."""
    layers, changes = plan.grid[0], np.zeros(2, np.int64)
    phases = len(removal.phases)
    carried = _Carried(np.zeros(0, np.int64), np.zeros((0, phases), np.int64))
    for number in range(layers):
        carried, more = _go_forward(files, plan, number, carried, removal)
        changes += more
        progress(number + 1, 2 * layers)
    resolved_codes = np.zeros(0, np.uint8)
    for number in reversed(range(layers)):
        resolved_codes = _go_backward(files, plan, number, resolved_codes)
        progress(2 * layers - number, 2 * layers)
    return int(changes[0]), int(changes[1])


def _go_forward(
    files: Files, plan: Plan, number: int, before: _Carried, removal: Removal
) -> tuple[_Carried, NDArray[np.int64]]:
    """Merge the pieces of a layer and write the result; what is carried on, and what changes for good."""
    layer = _read_layer(files, plan, number, before)
    _add_all_contacts(files, plan, number, before, layer)
    components = layer.merge_pieces(removal.fewer)
    carried_index, continues = components.carried_index, components.continues
    save_arrays(
        files.layer(number),
        component=components.component,
        new_code=components.new_code,
        carried_index=carried_index,
        first=np.array(len(before.size)),
    )
    changes = components.changes
    for block in _blocks_of_layer(plan, number):
        changes += read_array(files.candidates(block), "changes")
    carried = {block: carried_index[components.component[pieces]] for block, pieces in layer.piece.items()}
    return _Carried(components.size[continues], components.votes[continues], carried), changes


def _add_all_contacts(files: Files, plan: Plan, number: int, before: _Carried, layer: _Layer) -> None:
    """Add the contacts of a layer's blocks with one another and with the layer before; mark what touches the next."""
    for block, axis, other in _contacts(plan, number):
        pieces = before.component if axis == 0 else layer.piece
        layer.add_contacts(
            _read_pieces(files, other, (axis, 1), pieces[other]),
            _read_pieces(files, block, (axis, 0), layer.piece[block]),
        )
    if number + 1 < plan.grid[0]:
        for block in _blocks_of_layer(plan, number):
            last = _read_pieces(files, block, (0, 1), layer.piece[block])
            layer.continues[last[last >= 0]] = True


def _go_backward(files: Files, plan: Plan, number: int, resolved_codes: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Write the new codes of a layer's blocks, given those of the components that it carried on; the codes of the
    components that the layer before carried on."""
    path = files.layer(number)
    carried_index, new_code = read_array(path, "carried_index"), read_array(path, "new_code")
    new_code[carried_index >= 0] = resolved_codes[carried_index[carried_index >= 0]]
    code_of_piece: NDArray[np.uint8] = new_code[read_array(path, "component")]
    first = int(read_array(path, "first"))
    start = first
    for block in _blocks_of_layer(plan, number):
        codes = read_array(files.candidates(block), "new_code")
        unresolved = read_array(files.candidates(block), "unresolved")
        codes[unresolved] = code_of_piece[start : start + len(unresolved)]
        start += len(unresolved)
        save_array(files.new_codes(block), codes)
    return code_of_piece[:first]


def _read_layer(files: Files, plan: Plan, number: int, before: _Carried) -> _Layer:
    sizes, votes, pieces = [before.size], [before.votes], {}
    start = len(before.size)
    for block in _blocks_of_layer(plan, number):
        sizes.append(read_array(files.candidates(block), "size"))
        votes.append(read_array(files.candidates(block), "votes"))
        pieces[block] = np.arange(start, start + len(sizes[-1]))
        start += len(sizes[-1])
    size = np.concatenate(sizes)
    return _Layer(size, np.concatenate(votes), pieces, np.zeros(len(size), bool), np.zeros(len(size), bool))


def _read_pieces(files: Files, block: int, face: tuple[int, int], pieces: NDArray[np.int64]) -> NDArray[np.int64]:
    """A block's plane with pieces in place of its own numbers of candidates."""
    plane = read_face(files.candidates(block), face).astype(np.int64)
    plane[plane >= 0] = pieces[plane[plane >= 0]]
    return plane


def _blocks_of_layer(plan: Plan, number: int) -> range:
    """The indices of a layer's blocks."""
    _, ny, nx = plan.grid
    return range(number * ny * nx, (number + 1) * ny * nx)


def _contacts(plan: Plan, number: int) -> Iterator[tuple[int, int, int]]:
    """Every block of a layer with each block before it, and the axis along which that is."""
    _, ny, nx = plan.grid
    for block in _blocks_of_layer(plan, number):
        position = (number, block // nx % ny, block % nx)
        for axis, step in enumerate((ny * nx, nx, 1)):
            if position[axis]:
                yield block, axis, block - step
