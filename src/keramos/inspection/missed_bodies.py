"""Are small dark bodies, such as pores, missing from the labels?

A network that knows the material, and has not seen these labels, is sure of a dark body where all that is drawn is a
bright phase. On 12 slices of six simulated materials whose annotator misses 20 to 40 % of the small voids, all 45
bodies of which it was sure in that way were there; of exact labels, and of the hand labels of two patches of the
paper, there was none (benchmarks/missed_bodies.py). Bright bodies within dark phases are not doubted: they may be
floors that shine through, which a person tells better. Who leaves out most bodies of a size means it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import NOT_ANNOTATED, Finding
from keramos.inspection.amounts import percent
from keramos.learning import AnnotatedSlice, AnnotatedSlices

_SURE = 0.9
"""The score of a dark phase that a pixel of the body has at least."""
_FEWEST_PIXELS = 3
_MOST_LEFT_OUT = 0.5
"""The share of the bodies of their size from which on they are left out on purpose."""
_ALIKE = 2.0
"""Bodies of up to this many times the area of the largest one that was left out are of their size."""
_EIGHT = np.ones((3, 3), bool)


@dataclass(frozen=True, eq=False)
class _Seen:
    """Dark bodies on a slice of which a network is sure and that are annotated all over: their areas in pixels, and
    which were left out."""

    areas: NDArray[np.int64]
    left_out: NDArray[np.bool_]


def report_missed_bodies(
    data: AnnotatedSlices, scores: Mapping[int, NDArray[np.float32]], bright: Sequence[bool]
) -> list[Finding]:
    """A finding where dark bodies seem to be left out of the labels by oversight.

    Args:
        scores: of the bright phases together (Y X), by place in the data, of a model that did not learn these labels.
        bright: which phases (by code) are bright.
    """
    if len(set(bright)) < 2:
        return []
    seen = {place: _see(data.slices[place], score, bright) for place, score in scores.items()}
    left = {place: one.areas[one.left_out] for place, one in seen.items() if one.left_out.any()}
    if not left:
        return []
    areas = np.concatenate(list(left.values()))
    drawn = np.concatenate([one.areas[~one.left_out] for one in seen.values()])
    alike = int(np.count_nonzero(drawn <= _ALIKE * areas.max()))
    if len(areas) >= _MOST_LEFT_OUT * (len(areas) + alike):
        return []
    seen_part = "" if len(seen) == len(data.slices) else f"; {len(seen)} of {len(data.slices)} slices were looked at"
    annotated = sum(int(np.count_nonzero(data.slices[place].codes != NOT_ANNOTATED)) for place in seen)
    dark, light = (
        " or ".join(name for name, one in zip(data.phases.names, bright, strict=True) if one == is_bright)
        for is_bright in (False, True)
    )
    least, most = areas.min(), areas.max()
    size, bodies = f"{least}" if least == most else f"{least} to {most}", "body" if len(areas) == 1 else "bodies"
    return [
        Finding(
            "missed-bodies",
            f"the bundled weights are sure of {len(areas)} small {bodies} of {dark} ({size} pixels) where all is "
            f"labelled {light}; {alike} of their size are labelled{seen_part}",
            f"if they are {dark}, what is counted and scored on these labels lacks them "
            f"({percent(areas.sum() / annotated)} of what is annotated)",
            f"look at these places: label what is {dark}; leave it if it is none",
            "note",
            tuple(data.slices[place].z for place in left),
        )
    ]


def _see(item: AnnotatedSlice, score: NDArray[np.float32], bright: Sequence[bool]) -> _Seen:
    """The bodies on one slice; `score` is that of its bright phases (Y X)."""
    bodies, number = ndimage.label(score < 0.5, _EIGHT)
    each = np.arange(1, number + 1)
    as_bright = np.isin(item.codes, np.flatnonzero(bright))
    areas, brightly, unknown = (
        np.bincount(bodies.ravel(), one.ravel(), minlength=number + 1)[1:].astype(np.int64)
        for one in (np.ones_like(score), as_bright, item.codes == NOT_ANNOTATED)
    )
    surest = 1 - np.asarray(ndimage.minimum(score, bodies, each)) if number else np.zeros(0)
    kept = (surest >= _SURE) & (areas >= _FEWEST_PIXELS) & (unknown == 0)
    return _Seen(areas[kept], (brightly == areas)[kept])
