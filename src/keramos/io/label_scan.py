"""The distinct values of a label image: how many voxels hold each, in which slices it is alone, and how it lies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

_MOST_LOOKED_AT = 4
_LARGEST = 1024


@dataclass
class LabelScan:
    """Counts from one pass over the slices of a label image.

    Attributes:
        counts: the voxels of each value.
        left_out: the same for values that were left out.
        alone: the slices that hold no other value.
        varied: the slices with the most values, as (number of values, z).
    """

    counts: Counter[int] = field(default_factory=Counter)
    left_out: Counter[int] = field(default_factory=Counter)
    alone: Counter[int] = field(default_factory=Counter)
    varied: list[tuple[int, int]] = field(default_factory=list)

    @property
    def values(self) -> list[int]:
        """The distinct values, smallest first."""
        return sorted(self.counts)

    def _add(self, z: int, values: NDArray[Any], left_out: Collection[int]) -> None:
        if values.dtype == np.uint8:
            number = np.bincount(values.ravel(), minlength=256)
            distinct = np.flatnonzero(number)
            number = number[distinct]
        else:
            distinct, number = np.unique(values, return_counts=True)
        everything = dict(zip(distinct.tolist(), number.tolist(), strict=True))
        here = {value: count for value, count in everything.items() if value not in left_out}
        self.counts.update(here)
        self.left_out.update({value: count for value, count in everything.items() if value in left_out})
        if len(here) == 1:
            self.alone.update(here.keys())
        self.varied = sorted([*self.varied, (len(here), z)], reverse=True)[:_MOST_LOOKED_AT]


def scan_labels(
    read: Callable[[int], NDArray[Any]], slices: Iterable[int], left_out: Collection[int] = (), most: int = 64
) -> LabelScan:
    """Count the values (integers) of slices (Y X, which `read` gives by their z), some values left out; stops at the
    slice in which there are more than `most`.

    Example:
        >>> scan = scan_labels([np.array([[0, 0, 9]]), np.array([[0, 0, 7]])].__getitem__, range(2), left_out=(7,))
        >>> scan.counts, scan.left_out, scan.alone
        (Counter({0: 4, 9: 1}), Counter({7: 1}), Counter({0: 1}))
    """
    scan = LabelScan()
    for z in slices:
        scan._add(z, read(z), left_out)
        if len(scan.counts) > most:
            break
    return scan


@dataclass(frozen=True)
class Surroundings:
    """The surroundings of the voxels of a value: the share `inside` has 8 neighbours of that value in the slice, the
    share `between` a smaller and a larger value at most two pixels away."""

    inside: float
    between: float


def measure_surroundings(slices: Iterable[NDArray[Any]], left_out: Collection[int] = ()) -> dict[int, Surroundings]:
    """The surroundings of the voxels of each value in these slices (Y X), but for values to leave out; of large slices
    the middle is looked at.

    Example:
        >>> outline = np.repeat([[0, 0, 0, 128, 255, 255, 255]], 5, axis=0)
        >>> around = measure_surroundings([outline])
        >>> around[0].inside > 0, around[128], around[255].between
        (True, Surroundings(inside=0.0, between=1.0), 0.0)
    """
    total, inside, between = Counter[int](), Counter[int](), Counter[int]()
    for whole in slices:
        values = _middle(whole).astype(np.int64)
        known = ~np.isin(values, list(left_out))
        low, high = _extremes(values, known, 1)
        lowest, highest = _extremes(values, known, 2)
        for mask, counter in ((known, total), (low == high, inside), ((lowest < values) & (values < highest), between)):
            distinct, number = np.unique(values[mask & known], return_counts=True)
            counter.update(dict(zip(distinct.tolist(), number.tolist(), strict=True)))
    return {value: Surroundings(inside[value] / count, between[value] / count) for value, count in total.items()}


def _middle(values: NDArray[Any]) -> NDArray[Any]:
    rows, columns = (slice(max(0, (n - _LARGEST) // 2), (n + _LARGEST + 1) // 2) for n in values.shape)
    return values[rows, columns]


def _extremes(
    values: NDArray[np.int64], known: NDArray[np.bool_], reach: int
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The least and the largest known value up to `reach` pixels away."""
    from scipy.ndimage import maximum_filter, minimum_filter

    size, ends = 2 * reach + 1, np.iinfo(np.int64)
    low = minimum_filter(np.where(known, values, ends.max), size, mode="nearest")
    high = maximum_filter(np.where(known, values, ends.min), size, mode="nearest")
    return low, high
