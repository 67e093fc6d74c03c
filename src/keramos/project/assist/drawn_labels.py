"""The labels of a drawing as they are learnt and as models are scored on them.

A label that is an accepted proposal is what a model said, and nobody drew it: it can be learnt, but tells nothing of
how good a model is, and least of all where the proposal changes from one phase to another.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.annotation.drawing import share_accepted
from keramos.core import NOT_ANNOTATED, Box, LabelVolume, Volume
from keramos.core.errors import LabelError
from keramos.core.progress import Progress, silent
from keramos.project.assist.squares import Codes


@dataclass(frozen=True, eq=False)
class DrawnLabels:
    """Labels (`codes`) of the slices that have some, and which of them (Y X) are `accepted` proposals; a slice that has
    no accepted ones is not among these."""

    codes: Codes
    accepted: Mapping[int, NDArray[np.bool_]]

    @property
    def by_hand(self) -> Codes:
        """The labels that are not accepted proposals, of the slices that have some."""
        kept = {z: self._without(z, self.accepted[z]) if z in self.accepted else self.codes[z] for z in self.codes}
        return {z: codes for z, codes in kept.items() if np.any(codes != NOT_ANNOTATED)}

    @property
    def share_accepted(self) -> float:
        """The share of the labels, 0 ... 1, that are accepted proposals."""
        total = sum(int((codes != NOT_ANNOTATED).sum()) for codes in self.codes.values())
        return sum(int(mask.sum()) for mask in self.accepted.values()) / total if total else 0.0

    def _without(self, z: int, mask: NDArray[np.bool_]) -> NDArray[np.uint8]:
        return np.where(mask, np.uint8(NOT_ANNOTATED), self.codes[z])


def read_drawn(
    labels: LabelVolume,
    accepted: Volume | None = None,
    slices: Sequence[int] | None = None,
    progress: Progress = silent,
) -> DrawnLabels:
    """The labels of the slices that have some, of those numbered in `slices` if given (counted from the first).

    Args:
        accepted: 1 where a label is an accepted proposal. Of labels that say that some are, without their places, all
            count as accepted.

    Raises:
        LabelError: nothing is annotated, or fewer than two phases are.
    """
    numbers = range(labels.shape[0]) if slices is None else sorted(set(slices))
    drawn: dict[int, NDArray[np.uint8]] = {}
    marks: dict[int, NDArray[np.bool_]] = {}
    places_are_lost = accepted is None and share_accepted(labels) > 0
    for done, z in enumerate(numbers, 1):
        box = Box((z, 0, 0), (z + 1, *labels.shape[1:]))
        codes = labels.read(box)[0]
        known = codes != NOT_ANNOTATED
        if known.any():
            drawn[z] = codes
            marked = known if accepted is None else known & (accepted.read(box)[0] > 0)
            if marked.any() and (accepted is not None or places_are_lost):
                marks[z] = marked
        progress(done, len(numbers))
    present = sorted({int(code) for codes in drawn.values() for code in np.unique(codes)} - {NOT_ANNOTATED})
    if len(present) < 2:
        which = labels.phases.names[present[0]] if present else "nothing"
        raise LabelError(f"there is something to learn once two phases are drawn; so far there is {which}")
    return DrawnLabels(drawn, marks)
