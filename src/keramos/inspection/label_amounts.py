"""Amounts of what is annotated: a value that covers nearly all, slices of one phase, scribbles."""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import NOT_ANNOTATED, Finding, Volume, name_ranges, name_slices
from keramos.inspection.amounts import percent
from keramos.inspection.check import Check
from keramos.inspection.outlines import mean_greys, pick_some_slices, smooth_slice
from keramos.learning import AnnotatedSlices

_NEARLY_ALL = 0.8
_MOST = 0.5
_AS_WIDE = 0.8
_LEAST_OF_OTHERS = 0.02
UNPAINTED = "unpainted-slices"
_UNPAINTED, _LEAST_UNPAINTED = 0.8, 4
"""The share of the slices, and the number, from which on slices of one value are taken for those of a stack of masks
that nobody painted."""
NEAR = 2
"""Pixels from an outline that count as near it."""
_FEW_NEAR = 0.02
"""On slices that were annotated all over 5 to 40 % of the pixels lie near outlines."""
_SCRIBBLES = 0.5


def check_amounts(data: AnnotatedSlices, volumes: Sequence[Volume]) -> list[Finding]:  # noqa: ARG001
    """Findings about a nameless value that covers nearly everything, slices that hold one phase alone, and scribbles
    that stay away from outlines."""
    return [*_find_background(data), *_find_plain_slices(data), *_find_scribbles(data)]


def _find_background(data: AnnotatedSlices) -> list[Finding]:
    voxels = np.array(data.phase_voxels())
    code, share = int(voxels.argmax()), float(voxels.max() / max(1, voxels.sum()))
    value = re.fullmatch(r"phase-(\d+)", data.phases.names[code])
    if len(data.phases) < 3 or share < _MOST or value is None or _is_asked_on_reading(value[1], data.phases.names):
        return []
    if share < _NEARLY_ALL and not _is_mixture(data, code):
        return []
    return [
        Finding(
            "unlabelled-value",
            f"{percent(share)} of what is annotated has the value {value[1]}, which has no name, beside "
            f"{len(data.phases) - 1} others",
            f"it is probably where nobody annotated, but is learnt as a phase of its own, {value[0]}",
            f"say --ignore {value[1]}, or name it with --phases",
        )
    ]


def _is_mixture(data: AnnotatedSlices, code: int) -> bool:
    """Whether the grey values of a phase spread as widely as those of all others together, around the same middle."""
    inside, outside, means = list[NDArray[np.float32]](), list[NDArray[np.float32]](), list[NDArray[np.float64]]()
    for item in (data.slices[index] for index in pick_some_slices(data)):
        grey = smooth_slice(item.grey)
        inside.append(grey[item.codes == code])
        outside.append(grey[(item.codes != code) & (item.codes != NOT_ANNOTATED)])
        means.append(mean_greys(grey, item.codes, len(data.phases)))
    own, others = np.concatenate(inside), np.concatenate(outside)
    if not own.size or not others.size:
        return False
    rest = np.delete(np.mean(means, axis=0), code)
    return bool(rest.min() < own.mean() < rest.max() and own.std() > _AS_WIDE * others.std())


def _is_asked_on_reading(value: str, names: Sequence[str]) -> bool:
    """Whether reading the labels has asked already what the value means: 0 beside small codes."""
    return value == "0" and all(re.fullmatch(r"phase-([12]?\d|3[01])", name) for name in names)


def _find_plain_slices(data: AnnotatedSlices) -> list[Finding]:
    """A finding about slices annotated all over that hold one phase alone, while the others hold several; another one
    where nearly all hold the same."""
    kinds = [np.unique(item.codes) for item in data.slices]
    full = [np.count_nonzero(item.codes != NOT_ANNOTATED) > _SCRIBBLES * item.codes.size for item in data.slices]
    plain = [item.z for item, codes, whole in zip(data.slices, kinds, full, strict=True) if len(codes) == 1 and whole]
    rest = [item for item, codes in zip(data.slices, kinds, strict=True) if len(codes) > 1]
    if not plain or not rest:
        return []
    values = {int(codes[0]) for codes, whole in zip(kinds, full, strict=True) if len(codes) == 1 and whole}
    if len(values) == 1 and len(plain) >= max(_LEAST_UNPAINTED, _UNPAINTED * len(data.slices)):
        return [_report_unpainted(plain, [item.z for item in rest], data)]
    counts = np.sum([np.bincount(item.codes.ravel(), minlength=256)[: len(data.phases)] for item in rest], axis=0)
    others = 1 - float(counts.max() / max(1, counts.sum()))
    return [
        Finding(
            "one-phase-slice",
            f"{name_slices(plain)} of the labels {'hold' if plain[1:] else 'holds'} one phase alone, where "
            f"the other slices hold {percent(others)} of others",
            "what is not annotated there may be learnt as that phase",
            "if nobody annotated there, leave these slices out (--slices)",
            "warning" if others > _LEAST_OF_OTHERS else "note",
            slices=tuple(plain),
        )
    ]


def _report_unpainted(plain: Sequence[int], painted: Sequence[int], data: AnnotatedSlices) -> Finding:
    """The finding that all slices but a few hold one value, as those have that nobody painted in a stack of masks."""
    numbers = " ".join(map(str, sorted(set(painted))))
    everything = name_ranges([item.z for item in data.slices]).replace(", ", " ")
    return Finding(
        UNPAINTED,
        f"{len(plain)} of the {len(data.slices)} slices of the labels hold one value alone; only "
        f"{name_slices(sorted(set(painted)))} of them {'hold' if painted[1:] else 'holds'} several",
        "slices that nobody painted would be learnt as if all of them were that phase",
        f"say --slices {numbers} if these are the painted ones; if all are annotated, --slices {everything}",
        slices=tuple(plain),
    )


def _find_scribbles(data: AnnotatedSlices) -> list[Finding]:
    near, annotated, pixels = 0, 0, 0
    for item in (data.slices[index] for index in pick_some_slices(data)):
        used = item.codes != NOT_ANNOTATED
        near += int(np.count_nonzero(is_near_outline(item.codes) & used))
        annotated, pixels = annotated + int(used.sum()), pixels + used.size
    if annotated > _SCRIBBLES * pixels or near > _FEW_NEAR * annotated:
        return []
    return [
        Finding(
            "far-from-outlines",
            f"only {percent(near / annotated)} of the annotated pixels lie within {NEAR} pixels of an outline between "
            "phases",
            "where outlines lie is hardly learnt, and a score on such pixels says nothing about them",
            "annotate a small region completely, its outlines included",
            "note",
        )
    ]


def is_near_outline(codes: NDArray[np.uint8]) -> NDArray[np.bool_]:
    """The mask (Y X) of pixels within a few of which two annotated phases meet."""
    outline = np.zeros(codes.shape, bool)
    for here, there in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        meet = (codes[here] != codes[there]) & (codes[here] != NOT_ANNOTATED) & (codes[there] != NOT_ANNOTATED)
        outline[here] |= meet
        outline[there] |= meet
    near: NDArray[np.bool_] = ndimage.binary_dilation(outline, iterations=NEAR - 1)
    return near


AMOUNTS = Check("amounts of labels", "labels", check_amounts)
