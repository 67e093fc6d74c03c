"""Doubts about labels that are laid onto another stack."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from keramos.core import NOT_ANNOTATED, Box, Finding, LabelVolume, Volume, name_slices
from keramos.io import slice_names
from keramos.preparation import SliceTransforms, digest_slice
from keramos.project.onto import preparation_of
from keramos.project.raw_slices import RawSlices

_LOOKED_AT = 5
"""Slices whose pixels are compared: another stack differs in each."""


def doubt_hidden(labels: LabelVolume, volume: Volume, slices: Sequence[int] | None = None) -> Finding | None:
    """A finding about labels of raw slices that a prepared volume does not show; None where there are none. Only slices
    count in which anything is annotated."""
    shown = SliceTransforms.of(volume.facts).shown
    _, height, width = labels.shape
    hidden = tuple(
        z
        for z, own in RawSlices.of(volume.facts).number(labels, slices).items()
        if z not in shown and (labels.read(Box((own, 0, 0), (own + 1, height, width))) != NOT_ANNOTATED).any()
    )
    if not hidden:
        return None
    many = len(hidden) > 1
    return Finding(
        "left-out-labels",
        f"labels of raw {name_slices(hidden)} are not in the volume, which does not show {'them' if many else 'it'}: "
        "blank, a copy, too near to others, or outside of the region",
        "what was drawn there is not used",
        slices=hidden,
    )


def doubt_raw(labels: LabelVolume, target: Volume) -> Iterator[Finding]:
    """Findings where slices, onto which labels of a prepared volume are laid, have other file names or other pixels
    than those that it was prepared from. Names are not compared where one of the stacks is a single file."""
    facts = preparation_of(labels)
    if facts is None:
        return
    names = slice_names(target)
    pairs = [(names[z], name) for z, name in zip(facts["raw_slices"], facts["slices"], strict=True)]
    others = [pair for pair in pairs if pair[0] != pair[1]]
    if others and not any(name.startswith("slice ") for name in others[0]):
        yield Finding(
            "other-slice",
            f"{len(others)} of {len(pairs)} slices of {target.name} have other names than those that {labels.name} was "
            f"prepared from, such as {others[0][0]} for {others[0][1]}",
            "if they are those of another stack, the labels do not belong to them",
            "give the raw slices that were prepared",
        )
    z = _find_changed(facts, target)
    if z is not None:
        yield Finding(
            "other-slice",
            f"slice {z} of {target.name} has other pixels than the one that {labels.name} was prepared from",
            "if it is of another stack, the labels do not belong to it; if only its grey values were changed, they do",
            "give the raw slices that were prepared",
            slices=(z,),
        )


def _find_changed(facts: Mapping[str, Any], target: Volume) -> int | None:
    """The first slice, out of some, whose pixels are others than when they were prepared; None where there is none, or
    nothing is known of them."""
    digests, kept = facts.get("slice_digests"), facts["raw_slices"]
    if not digests:
        return None
    (top, left), (height, width) = facts["raw"]["corner"], facts["raw"]["size"]
    for at in np.unique(np.linspace(0, len(kept) - 1, _LOOKED_AT).astype(int)).tolist():
        z = kept[at]
        pixels = target.read(Box((z, top, left), (z + 1, top + height, left + width)))[0]
        if facts["raw"].get("turn_deg"):
            pixels = pixels[::-1, ::-1]
        if digest_slice(pixels).digest.hex() != digests[at]:
            return int(z)
    return None
