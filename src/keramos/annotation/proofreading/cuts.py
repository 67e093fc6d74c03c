"""Cut nodes of a graph: for every node, the parts into which its component falls without it.

Depth-first search numbers the nodes so that each subtree is a run of numbers; a child's subtree comes off where none of
it reaches above the node (Hopcroft and Tarjan, Communications of the ACM 16, 372 (1973)).
"""

from __future__ import annotations

from collections import defaultdict

import numpy as np
from numpy.typing import NDArray


class Cuts:
    """The parts into which components fall without one of their nodes.

    Args:
        count: of nodes.
        edges: pairs of nodes (M, 2).
        amounts: what is added up over a part (count, K).

    Example:
        >>> chain = Cuts(4, np.array([[0, 1], [1, 2], [2, 3]]), np.array([[5], [1], [7], [2]]))
        >>> sorted(chain.parts(1)[:, 0].tolist()), chain.parts(3)[:, 0].tolist(), chain.cuts(1), chain.cuts(3)
        ([5, 9], [13], True, False)
    """

    def __init__(self, count: int, edges: NDArray[np.int64], amounts: NDArray[np.int64]) -> None:
        self._amounts = amounts
        order, parent, self._place = _search(count, edges)
        self._size, low = _reach(order, parent, self._place, edges)
        self._sums = np.zeros((count + 1, amounts.shape[1]), np.int64)
        np.cumsum(amounts[order], axis=0, out=self._sums[1:])
        self._off: dict[int, list[int]] = defaultdict(list)
        for node in order:
            above = parent[node]
            if above >= 0 and low[node] >= self._place[above]:
                self._off[above].append(node)
        self._root = _roots(order, parent)

    def cuts(self, node: int) -> bool:
        """Whether the component falls into several parts without the node."""
        is_root = self._root[node] == node
        return len(self._off.get(node, ())) > int(is_root)

    def parts(self, node: int) -> NDArray[np.int64]:
        """The amounts of each part of the node's component without it (parts, K)."""
        parts = [self._subtree(child) for child in self._off.get(node, ())]
        root = self._root[node]
        if root != node:
            parts.append(self._subtree(root) - self._amounts[node] - np.sum(parts, axis=0, dtype=np.int64))
        return np.array(parts, np.int64).reshape(len(parts), self._amounts.shape[1])

    def _subtree(self, node: int) -> NDArray[np.int64]:
        place = self._place[node]
        return np.asarray(self._sums[place + self._size[node]] - self._sums[place])


def _search(count: int, edges: NDArray[np.int64]) -> tuple[list[int], list[int], list[int]]:
    """The nodes in the order of a depth-first search, the parent of each (-1 for a root), its place in the order."""
    ends = np.concatenate([edges[:, 0], edges[:, 1]])
    by_end = np.argsort(ends, kind="stable")
    neighbours = np.concatenate([edges[:, 1], edges[:, 0]])[by_end].tolist()
    starts = np.searchsorted(ends[by_end], np.arange(count + 1)).tolist()
    following, stops = starts[:-1], starts[1:]
    order: list[int] = []
    parent, place = [-1] * count, [-1] * count
    for root in range(count):
        if place[root] >= 0:
            continue
        place[root] = len(order)
        order.append(root)
        stack = [root]
        while stack:
            node = stack[-1]
            at, stop = following[node], stops[node]
            while at < stop and place[neighbours[at]] >= 0:
                at += 1
            following[node] = at
            if at == stop:
                stack.pop()
                continue
            child = neighbours[at]
            parent[child], place[child] = node, len(order)
            order.append(child)
            stack.append(child)
    return order, parent, place


def _reach(
    order: list[int], parent: list[int], place: list[int], edges: NDArray[np.int64]
) -> tuple[list[int], list[int]]:
    """The nodes in the subtree of each node, and the first place in the order that an edge out of it reaches."""
    at = np.array(place, np.int64)
    first = at.copy()
    np.minimum.at(first, edges[:, 0], at[edges[:, 1]])
    np.minimum.at(first, edges[:, 1], at[edges[:, 0]])
    low, size = first.tolist(), [1] * len(order)
    for node in reversed(order):
        above = parent[node]
        if above >= 0:
            size[above] += size[node]
            low[above] = min(low[above], low[node])
    return size, low


def _roots(order: list[int], parent: list[int]) -> list[int]:
    roots = list(range(len(order)))
    for node in order:
        if parent[node] >= 0:
            roots[node] = roots[parent[node]]
    return roots
