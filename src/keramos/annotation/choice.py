"""Greedy selection of slices that are uncertain and unlike each other.

The value of a slice is the worth of its best region times its novelty: 1 - the largest similarity to a slice that is
annotated or was selected before. The similarity of two slices is exp(-|dz| / L) * exp(-d / D): they are near in z *and*
have similar grey values. L is half the spacing of evenly spread slices, so that with few slices a large neighbourhood
counts as known; d is the earth mover's distance of the grey values, D half their standard deviation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from keramos.annotation.survey import Quantiles, SliceSeen

_GREY_STDS = 0.5


@dataclass(frozen=True, eq=False)
class Chosen:
    """A selected slice.

    Attributes:
        slice: the slice.
        novelty: 0 ... 1, see above.
        nearest: z of the nearest slice that is annotated or was selected before; None if there is none.
        nearest_is_chosen: whether that one was selected.
    """

    slice: SliceSeen
    novelty: float
    nearest: int | None
    nearest_is_chosen: bool


def choose(
    seen: Sequence[SliceSeen], annotated: Mapping[int, Quantiles], *, count: int, depth: int, grey_std: float
) -> list[Chosen]:
    """Up to `count` of the surveyed slices, in the order of selection.

    Args:
        seen: surveyed slices.
        annotated: grey quantiles of the annotated slices, by z.
        count: number of slices to select.
        depth: number of slices of the stack.
        grey_std: standard deviation of its grey values.
    """
    length = depth / (2 * (len(annotated) + count))
    known, chosen, left = dict(annotated), list[Chosen](), list(seen)
    while left and len(chosen) < count:
        best = max((_rate(item, known, length, grey_std, chosen) for item in left), key=_value)
        chosen.append(best)
        known[best.slice.z] = best.slice.quantiles
        left.remove(best.slice)
    return chosen


def _rate(
    item: SliceSeen, known: Mapping[int, Quantiles], length: float, grey_std: float, before: Sequence[Chosen]
) -> Chosen:
    """The slice as a candidate, given the slices that are annotated or were selected before."""
    if not known:
        return Chosen(item, 1.0, None, False)
    similar = max(similarity(item.z - z, grey, item.quantiles, length, grey_std) for z, grey in known.items())
    nearest = min(known, key=lambda z: abs(z - item.z))
    return Chosen(item, 1 - similar, nearest, nearest in [row.slice.z for row in before])


def _value(row: Chosen) -> tuple[bool, float, float]:
    """Sort key: annotated slices come last, but in order; where nothing is uncertain, novelty decides."""
    return row.novelty > 0, row.novelty * row.slice.window.worth, row.novelty + row.slice.window.worth


def similarity(dz: int, first: Quantiles, second: Quantiles, length: float, grey_std: float) -> float:
    """Similarity, 0 ... 1, of two slices `dz` apart with these grey quantiles.

    Example:
        >>> same = np.linspace(0, 255, 25)
        >>> similarity(0, same, same, length=10, grey_std=50)
        1.0
    """
    distance = float(np.mean(np.abs(first - second))) / (_GREY_STDS * grey_std)
    return float(np.exp(-abs(dz) / length - distance))
