"""Are small dark bodies, such as pores, missing from the labels?

A network that knows the material, and has not seen these labels, is sure of a dark body where all that is drawn is a
bright phase. On simulated annotation, 24 slices of six materials on which 20 to 40 % of the small voids were left
out, 63 of the 64 bodies of which it was sure in that way were there, and of exact labels there was none; on the hand
labels of two patches of the paper there is none either. Bright bodies within dark phases are not doubted: they may be
floors that shine through, which a person tells better. Who leaves out most bodies of a size means it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import NOT_ANNOTATED, Finding, PhaseTable
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
class MissedBodies:
    """Dark bodies that were left out: their areas in pixels, how many of their size were drawn, their share of what is
    annotated, the z of their slices, and, by place of a slice in the data, a mask (Y X) of them with a rim of one
    pixel."""

    areas: tuple[int, ...]
    drawn: int
    share: float
    slices: tuple[int, ...]
    masks: dict[int, NDArray[np.bool_]]


@dataclass(frozen=True, eq=False)
class _Seen:
    """Dark bodies on a slice of which a network is sure and that are annotated all over: their number in `bodies` (Y X)
    is their place below plus one; areas in pixels, and which were left out."""

    bodies: NDArray[np.int32]
    areas: NDArray[np.int64]
    left_out: NDArray[np.bool_]


def find_missed_bodies(
    data: AnnotatedSlices, scores: Mapping[int, NDArray[np.float32]], bright: Sequence[bool]
) -> MissedBodies | None:
    """The dark bodies that were left out of the labels by oversight; None where there are none.

    Args:
        scores: of the bright phases together (Y X), by place in the data, of a model that did not learn these labels.
        bright: which phases (by code) are bright.
    """
    if len(set(bright)) < 2:
        return None
    seen = {place: _see(data.slices[place], score, bright) for place, score in scores.items()}
    left = {place: one for place, one in seen.items() if one.left_out.any()}
    if not left:
        return None
    areas = np.concatenate([one.areas[one.left_out] for one in left.values()])
    drawn = np.concatenate([one.areas[~one.left_out] for one in seen.values()])
    alike = int(np.count_nonzero(drawn <= _ALIKE * areas.max()))
    if len(areas) >= _MOST_LEFT_OUT * (len(areas) + alike):
        return None
    annotated = sum(int(np.count_nonzero(data.slices[place].codes != NOT_ANNOTATED)) for place in seen)
    masks = {place: _mask(one) for place, one in left.items()}
    slices = tuple(data.slices[place].z for place in left)
    return MissedBodies(tuple(sorted(areas.tolist())), alike, areas.sum() / annotated, slices, masks)


def leave_bodies_out(data: AnnotatedSlices, missed: MissedBodies) -> AnnotatedSlices:
    """The slices with these bodies not annotated."""
    items = list(data.slices)
    for place, mask in missed.masks.items():
        codes = np.where(mask, np.uint8(NOT_ANNOTATED), items[place].codes)
        items[place] = replace(items[place], codes=codes)
    return replace(data, slices=tuple(items))


def report_missed_bodies(missed: MissedBodies, phases: PhaseTable, bright: Sequence[bool]) -> Finding:
    """The finding that says what was left out, and what becomes of it."""
    dark = " or ".join(name for name, one in zip(phases.names, bright, strict=True) if not one)
    light = " or ".join(name for name, one in zip(phases.names, bright, strict=True) if one)
    number, least, most = len(missed.areas), missed.areas[0], missed.areas[-1]
    bodies = "body" if number == 1 else "bodies"
    size = f"{least} pixels" if least == most else f"{least} to {most} pixels"
    return Finding(
        "missed-bodies",
        f"the bundled weights are sure of {number} small {bodies} of {dark} ({size}) where all is labelled {light}; "
        f"{missed.drawn} of their size are labelled",
        f"learnt as {light}, they would teach to leave out small bodies of {dark}: fewer would be counted (these hold "
        f"{percent(missed.share)} of what is annotated)",
        f"they are not learnt, neither as {dark} nor as {light}; label what is {dark}; --outlines drawn learns them as "
        "they are",
        slices=missed.slices,
    )


def _see(item: AnnotatedSlice, score: NDArray[np.float32], bright: Sequence[bool]) -> _Seen:
    """The bodies on one slice; `score` is that of its bright phases (Y X)."""
    bodies, number = ndimage.label(score < 0.5, _EIGHT)
    each = np.arange(1, number + 1)
    as_bright = np.isin(item.codes, np.flatnonzero(bright))
    counted = np.stack(
        [
            np.bincount(bodies.ravel(), one.ravel(), minlength=number + 1)[1:]
            for one in (np.ones_like(score), as_bright, item.codes == NOT_ANNOTATED)
        ]
    ).astype(np.int64)
    areas, brightly, unknown = counted
    surest = 1 - np.asarray(ndimage.minimum(score, bodies, each)) if number else np.zeros(0)
    kept = (surest >= _SURE) & (areas >= _FEWEST_PIXELS) & (unknown == 0)
    renumbered = np.concatenate([[0], np.where(kept, np.cumsum(kept), 0)]).astype(np.int32)
    return _Seen(renumbered[bodies], areas[kept], (brightly == areas)[kept])


def _mask(seen: _Seen) -> NDArray[np.bool_]:
    left = np.concatenate([[False], seen.left_out])[seen.bodies]
    grown: NDArray[np.bool_] = ndimage.binary_dilation(left, _EIGHT)
    return grown
