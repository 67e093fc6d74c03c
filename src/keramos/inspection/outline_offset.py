"""Are all outlines of labels drawn to one side of where a network and the grey values have them?

A network that knows the material, and has not seen these labels, decides the pixels near their outlines; the area by
which it differs there, over the length of the outlines, is how far all of them are displaced. Of phantoms labelled
exactly that is 0.1 pixels at most, also where the annotator errs by one or two pixels to both sides. It is believed
where it is half a pixel or more, all over the slices, and where grey values jump more across the outlines once they are
moved there: the network may have learnt an outline of its own, the image has not.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Finding, PhaseTable
from keramos.inspection.amounts import percent
from keramos.inspection.outlines import cell_means, find_outlines, smooth_slice, student_t
from keramos.learning import AnnotatedSlice, AnnotatedSlices, measure_depth, move_outlines

REACH = 3.0
"""Pixels on both sides of an outline; what differs farther off is another error than an offset."""
LEAST_OFFSET = 0.5
"""Pixels. On the hand labels of two patches of the paper it is 0.2 and 0.0."""
_LEAST_GAIN = 1.1
"""By this factor grey values jump more where the outlines should be."""
_LEAST_T = 4.0
_CELL = 32
_LEAST_LEFT = 0.1


@dataclass(frozen=True, slots=True)
class OutlineOffset:
    """The bright phases are drawn too small by `pixels` on all sides, or too large where it is negative. `jump_here`
    and `jump_there` are the mean jumps of grey values across the outlines as drawn and once moved; `fraction_here` and
    `fraction_there` the shares of the annotation that the positive phase has then; `left` is what remains of `pixels`
    then, as whole pixels change their phase."""

    pixels: float
    jump_here: float
    jump_there: float
    fraction_here: float
    fraction_there: float
    slices: tuple[int, ...]
    left: float = 0.0


def find_outline_offset(
    data: AnnotatedSlices, scores: Mapping[int, NDArray[np.float32]], bright: Sequence[bool]
) -> OutlineOffset | None:
    """The systematic offset of the outlines between `bright` phases (by code) and others; None where there is none, or
    where it cannot be told.

    Args:
        scores: of the bright phases together (Y X), by place in the data, of a model that did not learn these labels.
    """
    if not scores or len(set(bright)) < 2:
        return None
    items = [data.slices[place] for place in scores]
    differences = [_compare(item, scores[place], bright) for place, item in zip(scores, items, strict=True)]
    pixels = _find_pixels(differences)
    gains = np.concatenate([one.gains for one in differences])
    if abs(pixels) < LEAST_OFFSET or abs(student_t(gains)) < _LEAST_T:
        return None
    drawn, moved = [item.codes for item in items], [move_outlines(item.codes, bright, pixels) for item in items]
    here, there = (_mean_jump(items, codes, bright) for codes in (drawn, moved))
    if there <= _LEAST_GAIN * max(here, 0):
        return None
    before, after = (_fraction(codes, data.phases.positive) for codes in (drawn, moved))
    again = [replace(item, codes=codes) for item, codes in zip(items, moved, strict=True)]
    left = _find_pixels([_compare(item, scores[place], bright) for place, item in zip(scores, again, strict=True)])
    return OutlineOffset(pixels, here, there, before, after, tuple(item.z for item in items), left)


def report_outline_offset(offset: OutlineOffset, phases: PhaseTable, bright: Sequence[bool]) -> Finding:
    """The finding that says what is displaced, and what that does to the fraction of the positive phase."""
    names = [name for name, one in zip(phases.names, bright, strict=True) if one]
    side = "outside" if offset.pixels < 0 else "inside"
    positive, change = phases.names[phases.positive], offset.fraction_here - offset.fraction_there
    return Finding(
        "displaced-outlines",
        f"the outlines of {' and '.join(names)} are drawn {abs(offset.pixels):.1f} pixels {side} of those in the image "
        f"(moved there, grey values jump by {offset.jump_there:.3g} across them, by {offset.jump_here:.3g} where they "
        "are)",
        f"{positive} holds {percent(offset.fraction_here)} of what is annotated, {percent(offset.fraction_there)} with "
        f"the outlines moved: as drawn, its fraction would come out {100 * abs(change):.2g} percentage points too "
        f"{'large' if change > 0 else 'small'}{_say_left(offset)}",
        "the outlines that are learnt are the moved ones; --outlines drawn learns them as they are",
        slices=offset.slices,
    )


def _say_left(offset: OutlineOffset) -> str:
    """The clause on what is left of an offset once the outlines are moved; empty where that is next to nothing."""
    if abs(offset.left) < _LEAST_LEFT:
        return ""
    side = "outside" if offset.left < 0 else "inside"
    moved = offset.pixels - offset.left
    points = 100 * abs((offset.fraction_here - offset.fraction_there) * offset.left / moved) if moved else 0.0
    return (
        f"; as whole pixels change their phase, {abs(offset.left):.1f} pixels {side} are left, about {points:.2g} "
        "percentage points"
    )


@dataclass(frozen=True, eq=False)
class _Difference:
    """Pixels near outlines: their depth in the bright phases as drawn, how many of them the model has as bright, and
    what that is above those drawn so, in each cell of the slice, as a share of its pixels."""

    depth: NDArray[np.float64]
    area: int
    gains: NDArray[np.float64]


def _compare(item: AnnotatedSlice, score: NDArray[np.float32], bright: Sequence[bool]) -> _Difference:
    depth = measure_depth(item.codes, bright)
    near = np.abs(depth) <= REACH
    found, drawn = score[near] > 0.5, depth[near] > 0
    row, column = np.nonzero(near)
    cell = row // _CELL * (depth.shape[1] // _CELL + 1) + column // _CELL
    return _Difference(depth[near], int(found.sum()), cell_means(found.astype(np.float64) - drawn, cell))


def _find_pixels(differences: Sequence[_Difference]) -> float:
    """The offset of all outlines."""
    return _match_areas(np.concatenate([one.depth for one in differences]), sum(one.area for one in differences))


def _match_areas(depth: NDArray[np.float64], area: int) -> float:
    """By how much the bright phases have to grow to take up so many of the pixels with these depths; 0 for none."""
    levels, number = np.unique(-depth, return_counts=True)
    # Depths are few values; the pixels of each lie evenly around it.
    return float(np.interp(area, np.cumsum(number) - number / 2, levels)) if depth.size else 0.0


def _mean_jump(items: Sequence[AnnotatedSlice], drawn: Sequence[NDArray[np.uint8]], bright: Sequence[bool]) -> float:
    """The mean rise of smoothed grey values across outlines, from dark phases into bright ones."""
    jumps = []
    for item, codes in zip(items, drawn, strict=True):
        groups = np.where(
            codes == NOT_ANNOTATED, codes, np.asarray(bright, np.uint8)[np.minimum(codes, len(bright) - 1)]
        )
        jumps.append(find_outlines(groups).jumps(smooth_slice(item.grey), np.array([0.0, 1.0])))
    values = np.concatenate(jumps)
    return float(values.mean()) if values.size else 0.0


def _fraction(drawn: Sequence[NDArray[np.uint8]], positive: int) -> float:
    annotated = sum(int(np.count_nonzero(codes != NOT_ANNOTATED)) for codes in drawn)
    return sum(int(np.count_nonzero(codes == positive)) for codes in drawn) / max(annotated, 1)
