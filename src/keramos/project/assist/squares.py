"""Squares of the image plane whose labels no model of a project learns, so that every model can be scored on them.

A square that was learnt from is never held out later, nor the other way round: whatever is drawn between two trainings,
a model that goes on from an earlier one has not seen what it is scored on. Like `learning.hold_out`, squares are held
out in every slice, since the same material goes on in the next one, with a margin that is neither learnt nor checked.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from keramos.core import NOT_ANNOTATED

Codes = Mapping[int, NDArray[np.uint8]]
"""Labels (Y X) by the slice that they are of; 255 is not annotated."""

_EDGES = (16, 128)
"""Least and largest edge of a square in voxels; an eighth of the shorter side of the slice between these."""
_MARGIN = 8
SHARE = 1 / 6
"""The share of the annotated voxels that is held out, about."""
_LARGEST = 0.5
"""A square with a larger share of all labels than this is learnt: too little would be left."""


@dataclass(frozen=True)
class Squares:
    """The squares (numbered row by row) of slices of `shape` that are held out, and those that are learnt from."""

    shape: tuple[int, int]
    held: frozenset[int] = frozenset()
    learned: frozenset[int] = frozenset()

    @property
    def edge(self) -> int:
        return int(np.clip(min(self.shape) // 8, *_EDGES))

    @property
    def numbers(self) -> NDArray[np.int64]:
        """The number of each voxel's square (Y X)."""
        rows, columns = (np.arange(length) // self.edge for length in self.shape)
        return np.asarray(rows[:, None] * (columns[-1] + 1) + columns, np.int64)

    def assign(self, labels: Codes, by_hand: Codes | None = None, seed: int = 0) -> Squares:
        """The squares with those that have labels for the first time dealt out: about a sixth of the labels `by_hand`
        (all, if not given) is held out, and of every phase some is left to learn from. Of the squares that have other
        labels only, as many are kept for what is drawn there later."""
        counts = self.count(labels)
        own = counts if by_hand is None else self.count(by_hand)
        has_own = own.sum(axis=1) > 0
        dealt = self._deal(counts, own.sum(axis=1), has_own, seed)
        return dealt._deal(counts, counts.sum(axis=1), ~has_own, seed)

    def _deal(
        self, counts: NDArray[np.int64], weights: NDArray[np.int64], which: NDArray[np.bool_], seed: int
    ) -> Squares:
        """With the new ones of the squares `which` dealt out, so that about a sixth of the `weights` is held out."""
        total, present = counts.sum(), counts.sum(axis=0) > 0
        held, learned = set(self.held), set(self.learned)
        new = [int(n) for n in np.flatnonzero(counts.sum(axis=1) * which) if n not in held and n not in learned]
        order = np.random.default_rng((seed, len(held), len(learned))).permutation(new)
        left = counts[[n for n in range(len(counts)) if n not in held]].sum(axis=0)
        kept = weights[sorted(held)].sum()
        for square in order.tolist():
            own = counts[square]
            # Of each phase at least as much is left as is taken.
            enough = np.all((left - own >= own)[present]) and own.sum() <= _LARGEST * total
            if enough and kept + weights[square] / 2 <= SHARE * weights.sum():
                held.add(square)
                kept, left = kept + weights[square], left - own
            else:
                learned.add(square)
        return Squares(self.shape, frozenset(held), frozenset(learned))

    def count(self, labels: Codes) -> NDArray[np.int64]:
        """Annotated voxels of each square and code (squares, 255)."""
        numbers = self.numbers
        counts = np.zeros((int(numbers[-1, -1]) + 1, NOT_ANNOTATED), np.int64)
        for codes in labels.values():
            known = codes != NOT_ANNOTATED
            place = numbers[known] * NOT_ANNOTATED + codes[known]
            counts += np.bincount(place, minlength=counts.size).reshape(counts.shape)
        return counts

    def keep_learned(self, labels: Codes) -> dict[int, NDArray[np.uint8]]:
        """The labels without those that are held out, and without a margin around these."""
        return _blank(labels, maximum_filter(self._mask(), 2 * _MARGIN + 1) if self.held else self._mask())

    def keep_held_out(self, labels: Codes) -> dict[int, NDArray[np.uint8]]:
        """Only the labels that are held out."""
        return _blank(labels, ~self._mask())

    def to_json(self) -> dict[str, Any]:
        return {"shape": list(self.shape), "held": sorted(self.held), "learned": sorted(self.learned)}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Squares:
        """The inverse of `to_json`. KeyError where something is missing."""
        height, width = (int(length) for length in data["shape"])
        return cls((height, width), _numbers(data["held"]), _numbers(data["learned"]))

    def _mask(self) -> NDArray[np.bool_]:
        """The voxels (Y X) of squares that are held out."""
        return np.isin(self.numbers, sorted(self.held))


def _numbers(values: Iterable[Any]) -> frozenset[int]:
    return frozenset(int(value) for value in values)


def _blank(labels: Codes, mask: NDArray[np.bool_]) -> dict[int, NDArray[np.uint8]]:
    """The labels with the voxels of `mask` not annotated; slices that have none left are dropped."""
    kept = {z: np.where(mask, np.uint8(NOT_ANNOTATED), codes) for z, codes in labels.items()}
    return {z: codes for z, codes in kept.items() if np.any(codes != NOT_ANNOTATED)}
