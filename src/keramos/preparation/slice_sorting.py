"""Slices that show nothing of the specimen, or the slice before once more: neither is used."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import blake2b
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from keramos.preparation.block_means import shrink_slice

Kind = Literal["good", "blank", "repeated"]

DIGEST_BYTES = 8
"""Length of what tells equal slices."""
_FLAT = 0.35
"""Of the typical standard deviation: what noise alone leaves of a slice, smoothed over blocks of pixels."""
_LIKE = 0.3
"""Correlation with a neighbour below which a flat slice shows something else, or nothing."""
_BLOCK, _LEAST = 4, 16


@dataclass(frozen=True, eq=False)
class SliceDigest:
    """A slice in small: `blocks` are means over blocks of pixels (Y X); `digest` tells equal slices, in any process."""

    blocks: NDArray[np.float32]
    digest: bytes
    is_constant: bool

    @property
    def spread(self) -> float:
        return float(self.blocks.std())


def digest_slice(grey: NDArray[Any]) -> SliceDigest:
    """The slice (Y X) in small."""
    block = _BLOCK if min(grey.shape) >= _BLOCK * _LEAST else 1
    digest = blake2b(np.ascontiguousarray(grey).data, digest_size=DIGEST_BYTES).digest()
    return SliceDigest(shrink_slice(grey, block), digest, bool(grey.min() == grey.max()))


class SliceSorter:
    """Tells, slice by slice in order, which of them are good; slices are compared with the good ones before them.

    Attributes:
        digests: of the slices that were sorted.

    Example:
        >>> rng = np.random.default_rng(1)
        >>> scene = rng.normal(100, 20, (64, 64))
        >>> slices = [scene + rng.normal(0, 3, (64, 64)) for _ in range(4)]
        >>> slices[2] = np.full((64, 64), 7.0)
        >>> sorter = SliceSorter()
        >>> sorter.sort(np.stack(slices))
        ['good', 'good', 'blank', 'good']
    """

    def __init__(self) -> None:
        self.digests: list[bytes] = []
        self._spreads: list[float] = []
        self._last: SliceDigest | None = None

    def sort(self, slab: NDArray[Any]) -> list[Kind]:
        """The kinds of the next slices (Z Y X)."""
        digests = [digest_slice(one) for one in slab]
        self.digests += [one.digest for one in digests]
        usual = self._usual_spread(digests)
        kinds: list[Kind] = []
        for place, one in enumerate(digests):
            following = digests[place + 1] if place + 1 < len(digests) else None
            kind = self._kind(one, following, usual)
            if kind == "good":
                self._spreads.append(one.spread)
                self._last = one
            kinds.append(kind)
        return kinds

    def _usual_spread(self, digests: list[SliceDigest]) -> float:
        spreads = [one.spread for one in digests if not one.is_constant] + self._spreads[-64:]
        return float(np.median(spreads)) if spreads else 0.0

    def _kind(self, one: SliceDigest, following: SliceDigest | None, usual: float) -> Kind:
        if one.is_constant:
            return "blank"
        if self._last is not None and one.digest == self._last.digest:
            return "repeated"
        others = [other for other in (self._last, following) if other is not None and not other.is_constant]
        alike = max((_correlate(one.blocks, other.blocks) for other in others), default=1.0)
        return "blank" if one.spread < _FLAT * usual and alike < _LIKE else "good"


def _correlate(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    left, right = one - one.mean(), other - other.mean()
    norm = float(np.sqrt((left * left).sum() * (right * right).sum()))
    return float((left * right).sum()) / norm if norm > 0 else 0.0
