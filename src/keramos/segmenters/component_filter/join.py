"""Judge the components that reach over several blocks, in memory that the depth of the volume does not change.

forward, layer of blocks by layer along Z: candidates that touch are one group, together with the groups that the layer
before left open; a group that reaches the next layer is left open again, any other is judged
backward: what a group left open came to be is handed down to its members, and each block's verdicts are written

A group that has grown large enough is let go: whatever touches it is large, too.
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
    KEPT,
    LARGE,
    read_array,
    read_face,
    save_array,
    save_arrays,
    verdicts,
)
from keramos.segmenters.component_filter.removal import Removal


@dataclass(frozen=True)
class Files:
    """Where the findings of one removal are."""

    folder: Path

    def found(self, block: int) -> Path:
        return self.folder / f"block-{block}.npz"

    def verdict(self, block: int) -> Path:
        return self.folder / f"verdict-{block}.npy"

    def layer(self, number: int) -> Path:
        return self.folder / f"layer-{number}.npz"


@dataclass(frozen=True, eq=False)
class _LeftOpen:
    """Groups that reach beyond a layer: their voxels and votes so far; and by block of the layer the group of each of
    its open candidates, LARGE for those that touch the next layer and are."""

    size: NDArray[np.int64]
    votes: NDArray[np.int64]
    of: dict[int, NDArray[np.int64]] = field(default_factory=dict)


@dataclass(eq=False)
class _Layer:
    """The nodes of a layer: groups left open by the one before, then the open candidates of its blocks."""

    size: NDArray[np.int64]
    votes: NDArray[np.int64]
    of: dict[int, NDArray[np.int64]]
    large: NDArray[np.bool_]
    reaches_on: NDArray[np.bool_]
    edges: list[NDArray[np.int64]] = field(default_factory=list)

    def touch(self, one: NDArray[np.int64], other: NDArray[np.int64]) -> None:
        """Two planes of nodes, LARGE and encoded codes, that face each other."""
        both = (one >= 0) & (other >= 0)
        if both.any():
            self.edges.append(np.unique(np.stack([one[both], other[both]]), axis=1))
        for here, there in ((one, other), (other, one)):
            self.large[here[(here >= 0) & (there == LARGE)]] = True
            apart = (here >= 0) & (there < LARGE)
            np.add.at(self.votes, (here[apart], -2 - there[apart]), 1)

    def grouped(self, fewer: int) -> _Groups:
        """The groups of nodes that touch; those of no `fewer` voxels are large."""
        count, of = self._connected()
        size, votes = np.zeros(count, np.int64), np.zeros((count, self.votes.shape[1]), np.int64)
        np.add.at(size, of, self.size)
        np.add.at(votes, of, self.votes)
        large, on = size >= fewer, np.zeros(count, bool)
        large[of[self.large]] = True
        on[of[self.reaches_on]] = True
        on &= ~large
        return _Groups(of, size, votes, np.where(large | on, KEPT, verdicts(votes)).astype(np.uint8), on)

    def _connected(self) -> tuple[int, NDArray[np.int64]]:
        """How many groups there are, and that of each node."""
        one, other = np.concatenate(self.edges, axis=1) if self.edges else np.zeros((2, 0), np.int64)
        nodes = len(self.size)
        if not nodes:
            return 0, np.zeros(0, np.int64)
        graph = coo_array((np.ones(len(one), bool), (one, other)), (nodes, nodes))
        count, of = connected_components(graph, directed=False)
        return int(count), of.astype(np.int64)


@dataclass(frozen=True, eq=False)
class _Groups:
    """By node its group (`of`); by group voxels, votes, verdict, and whether it is left open (`on`)."""

    of: NDArray[np.int64]
    size: NDArray[np.int64]
    votes: NDArray[np.int64]
    verdict: NDArray[np.uint8]
    on: NDArray[np.bool_]

    @property
    def further(self) -> NDArray[np.int64]:
        """The number of each group among those left open; LARGE for others: whoever asks for them knows they are."""
        return np.where(self.on, np.cumsum(self.on) - 1, LARGE)

    @property
    def changed(self) -> NDArray[np.int64]:
        """Components and voxels that change."""
        changes = self.verdict != KEPT
        return np.array([changes.sum(), self.size[changes].sum()], np.int64)


def join(files: Files, plan: Plan, removal: Removal, progress: Progress) -> tuple[int, int]:
    """Write the verdicts on all candidates of all blocks; components and voxels that will change."""
    layers, changed = plan.grid[0], np.zeros(2, np.int64)
    phases = len(removal.phases)
    left = _LeftOpen(np.zeros(0, np.int64), np.zeros((0, phases), np.int64))
    for number in range(layers):
        left, more = _forward(files, plan, number, left, removal)
        changed += more
        progress(number + 1, 2 * layers)
    handed_down = np.zeros(0, np.uint8)
    for number in reversed(range(layers)):
        handed_down = _backward(files, plan, number, handed_down)
        progress(2 * layers - number, 2 * layers)
    return int(changed[0]), int(changed[1])


def _forward(
    files: Files, plan: Plan, number: int, before: _LeftOpen, removal: Removal
) -> tuple[_LeftOpen, NDArray[np.int64]]:
    """Group the nodes of a layer, and write what they came to; what is left open, and what changes for good."""
    layer = _read(files, plan, number, before)
    _bring_together(files, plan, number, before, layer)
    groups = layer.grouped(removal.fewer)
    further, on = groups.further, groups.on
    save_arrays(
        files.layer(number), of=groups.of, verdict=groups.verdict, further=further, first=np.array(len(before.size))
    )
    changed = groups.changed
    for block in _blocks(plan, number):
        changed += read_array(files.found(block), "changes")
    handed_on = {block: further[groups.of[nodes]] for block, nodes in layer.of.items()}
    return _LeftOpen(groups.size[on], groups.votes[on], handed_on), changed


def _bring_together(files: Files, plan: Plan, number: int, before: _LeftOpen, layer: _Layer) -> None:
    """Let the blocks of a layer touch one another and those of the layer before; see what reaches the next."""
    for block, axis, other in _contacts(plan, number):
        of = before.of if axis == 0 else layer.of
        layer.touch(_nodes(files, other, (axis, 1), of[other]), _nodes(files, block, (axis, 0), layer.of[block]))
    if number + 1 < plan.grid[0]:
        for block in _blocks(plan, number):
            last = _nodes(files, block, (0, 1), layer.of[block])
            layer.reaches_on[last[last >= 0]] = True


def _backward(files: Files, plan: Plan, number: int, handed_down: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Write the verdicts of a layer's blocks from those on the groups that it left open; those on the groups that the
    layer before left open."""
    path = files.layer(number)
    further, verdict = read_array(path, "further"), read_array(path, "verdict")
    verdict[further >= 0] = handed_down[further[further >= 0]]
    of_node: NDArray[np.uint8] = verdict[read_array(path, "of")]
    first = int(read_array(path, "first"))
    start = first
    for block in _blocks(plan, number):
        found = read_array(files.found(block), "verdict")
        numbers = read_array(files.found(block), "open_")
        found[numbers] = of_node[start : start + len(numbers)]
        start += len(numbers)
        save_array(files.verdict(block), found)
    return of_node[:first]


def _read(files: Files, plan: Plan, number: int, before: _LeftOpen) -> _Layer:
    sizes, votes, of = [before.size], [before.votes], {}
    start = len(before.size)
    for block in _blocks(plan, number):
        sizes.append(read_array(files.found(block), "size"))
        votes.append(read_array(files.found(block), "votes"))
        of[block] = np.arange(start, start + len(sizes[-1]))
        start += len(sizes[-1])
    size = np.concatenate(sizes)
    return _Layer(size, np.concatenate(votes), of, np.zeros(len(size), bool), np.zeros(len(size), bool))


def _nodes(files: Files, block: int, face: tuple[int, int], of: NDArray[np.int64]) -> NDArray[np.int64]:
    """A block's plane with nodes in place of its own numbers of candidates."""
    plane = read_face(files.found(block), face).astype(np.int64)
    plane[plane >= 0] = of[plane[plane >= 0]]
    return plane


def _blocks(plan: Plan, number: int) -> range:
    """Indices of a layer's blocks."""
    _, ny, nx = plan.grid
    return range(number * ny * nx, (number + 1) * ny * nx)


def _contacts(plan: Plan, number: int) -> Iterator[tuple[int, int, int]]:
    """Every block of a layer with each block before it, and the axis along which that is."""
    _, ny, nx = plan.grid
    for block in _blocks(plan, number):
        here = (number, block // nx % ny, block % nx)
        for axis, step in enumerate((ny * nx, nx, 1)):
            if here[axis]:
                yield block, axis, block - step
