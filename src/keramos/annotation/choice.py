"""Slices that are unsure and unlike one another: greedily the best, then the best beside it, and so on.

The value of a slice is the worth of its best region times its novelty, 1 - the largest similarity to a slice that is
annotated or chosen before. Two slices are similar as exp(-|dz| / L) * exp(-d / D): near in z *and* of like grey
values. L is half the distance of slices that are spread evenly, so that with few of them a whole neighbourhood counts
as seen; d is the earth mover's distance of the grey values, D half their standard deviation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from keramos.annotation.survey import Quantiles, SliceSeen

_GREY_STDS = 0.5


@dataclass(frozen=True, eq=False)
class Chosen:
    """A slice, its novelty, and the nearest of those annotated or chosen before: z, and whether it was chosen."""

    slice: SliceSeen
    novelty: float
    nearest: int | None
    nearest_is_chosen: bool


def choose(
    seen: Sequence[SliceSeen], annotated: Mapping[int, Quantiles], *, count: int, depth: int, grey_std: float
) -> list[Chosen]:
    """Up to `count` of the slices seen, in the order of choice. `annotated` gives grey quantiles of slices by z;
    `depth` is the stack's in slices, `grey_std` the standard deviation of its grey values."""
    length = depth / (2 * (len(annotated) + count))
    known, chosen, left = dict(annotated), list[Chosen](), list(seen)
    while left and len(chosen) < count:
        rows = [_judged(item, known, length, grey_std, [row.slice.z for row in chosen]) for item in left]
        best = max(rows, key=_value)
        chosen.append(best)
        known[best.slice.z] = best.slice.quantiles
        left.remove(best.slice)
    return chosen


def _judged(
    item: SliceSeen, known: Mapping[int, Quantiles], length: float, grey_std: float, before: Sequence[int]
) -> Chosen:
    if not known:
        return Chosen(item, 1.0, None, False)
    similar = max(similarity(item.z - z, grey, item.quantiles, length, grey_std) for z, grey in known.items())
    nearest = min(known, key=lambda z: abs(z - item.z))
    return Chosen(item, 1 - similar, nearest, nearest in before)


def _value(row: Chosen) -> tuple[bool, float, float]:
    """What is annotated already comes last, but in order; where nothing is unsure, novelty decides."""
    return row.novelty > 0, row.novelty * row.slice.window.worth, row.novelty + row.slice.window.worth


def similarity(dz: int, first: Quantiles, second: Quantiles, length: float, grey_std: float) -> float:
    """Of two slices `dz` apart with these grey quantiles, 0 ... 1; 1 for the slice itself."""
    apart = float(np.mean(np.abs(first - second))) / (_GREY_STDS * grey_std)
    return float(np.exp(-abs(dz) / length - apart))
