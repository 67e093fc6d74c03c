"""Markings, which divide phases into pieces, and those that kinds of places share: narrow parts, uncertain patches,
disputed patches, and none."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_opening, maximum_filter1d, minimum_filter1d

from keramos.annotation.proofreading.evidence import Seen
from keramos.core import NOT_ANNOTATED
from keramos.settings.proofread import ProofreadingOptions

MARKS = 4096
"""Marks lie below this."""
_WIDE = np.ones((1, 3, 3), bool)
"""Patches narrower than this in the slice are rims of outlines, where annotators are uncertain, too."""


@dataclass(frozen=True)
class Marking:
    """A division of each phase into pieces: connected voxels with the same mark.

    Attributes:
        mark: the marks (uint16, below 4096, Z Y X) of a box; 0 for the rest of each phase.
        reach: how many voxels around a voxel its mark may depend on.
        needs: what of the evidence it is made from, beside the labels.
    """

    mark: Callable[[Seen], NDArray[np.uint16]]
    reach: Callable[[ProofreadingOptions], int] = lambda _: 0
    needs: Literal["", "uncertainty", "other"] = ""


def _mark_nothing(seen: Seen) -> NDArray[np.uint16]:
    return np.zeros(seen.box.shape, np.uint16)


def _mark_narrow(seen: Seen) -> NDArray[np.uint16]:
    """1 where a cube of the settings' width does not fit into the phase. The volume's border does not end a phase."""
    narrow = np.zeros(seen.box.shape, np.uint16)
    for code in np.unique(seen.codes):
        if code != NOT_ANNOTATED:
            phase = seen.codes == code
            narrow |= phase & ~_open(phase, seen.options.width)
    return narrow


def _open(mask: NDArray[np.bool_], width: int) -> NDArray[np.bool_]:
    """The voxels of a mask (Z Y X) that a cube of so many voxels inside it covers; the mask goes on beyond its ends."""
    bits = mask.view(np.uint8)
    for axis, length in enumerate(mask.shape):
        if length > 1:
            bits = minimum_filter1d(bits, width, axis=axis, mode="nearest")
    # The cube of an even width has no middle: the second filter looks to the other side of each voxel.
    other_side = -1 if width % 2 == 0 else 0
    for axis, length in enumerate(mask.shape):
        if length > 1:
            bits = maximum_filter1d(bits, width, axis=axis, mode="nearest", origin=other_side)
    return np.asarray(mask & bits.astype(bool))


def _mark_uncertain(seen: Seen) -> NDArray[np.uint16]:
    """1 to 8, by tile, where the uncertainty is high, outlines aside."""
    if seen.unsure is None:
        return _mark_nothing(seen)
    unsure = binary_opening(seen.unsure > 255 * seen.options.unsure, _WIDE)
    return np.where(unsure, 1 + seen.parity, 0).astype(np.uint16)


def _mark_disputed(seen: Seen) -> NDArray[np.uint16]:
    """1 and more, by tile and by what the other segmentation says, where two segmentations differ, outlines aside."""
    if seen.other is None:
        return _mark_nothing(seen)
    both = (seen.codes != NOT_ANNOTATED) & (seen.other != NOT_ANNOTATED)
    differ = binary_opening(both & (seen.codes != seen.other), _WIDE)
    return np.where(differ, 1 + 8 * seen.other.astype(np.uint16) + seen.parity, 0).astype(np.uint16)


def other_code(mark: int) -> int:
    """The code of the other segmentation in a mark of `DISPUTED`."""
    return (mark - 1) // 8


COMPONENTS = Marking(_mark_nothing)
NARROW = Marking(_mark_narrow, reach=lambda options: 2 * options.width)
UNCERTAIN = Marking(_mark_uncertain, reach=lambda _: 2, needs="uncertainty")
DISPUTED = Marking(_mark_disputed, reach=lambda _: 2, needs="other")
