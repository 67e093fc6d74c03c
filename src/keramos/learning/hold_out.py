"""Annotated places held out of a training, to validate the network and to calibrate its scores.

The image plane is cut into squares, and some of them are held out in every slice of a stack: the same material goes on
in the next slice. A margin around them is neither learned from nor checked, since labels of neighbouring pixels agree.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter

from keramos.core import NOT_ANNOTATED
from keramos.core.errors import LabelError
from keramos.learning.annotated import AnnotatedSlice, AnnotatedSlices

_SQUARE = (16, 128)
"""Least and largest edge of a square, in pixels; about an eighth of the image's shorter side between these."""
_MARGIN = 8
_TRIES = 50


@dataclass(frozen=True, eq=False)
class Split:
    """The slices that are learned from, and those held out: the same slices, with other voxels not annotated (255)."""

    learned: AnnotatedSlices
    held_out: AnnotatedSlices

    def share_of(self, data: AnnotatedSlices) -> float:
        """The share of the annotated voxels that is held out."""
        return self.held_out.annotated_voxels / data.annotated_voxels


def split(data: AnnotatedSlices, share: float, seed: int) -> Split:
    """Hold out squares with about `share` of the annotated voxels of each file; every phase stays on both sides.

    Raises:
        LabelError: that cannot be had, since too little is annotated, or in too few places.
    """
    everything = _phases(data)
    for number in range(_TRIES):
        rng = np.random.default_rng((seed, number))
        masks = {file: _squares(data, file, share, rng) for file in dict.fromkeys(map(_file, data.slices))}
        apart = {file: maximum_filter(mask, 2 * _MARGIN + 1) for file, mask in masks.items()}
        learned = _without(data, apart)
        held_out = _without(data, {file: ~mask for file, mask in masks.items()})
        if _phases(learned) == _phases(held_out) == everything:
            return Split(learned, held_out)
    raise LabelError(
        f"expected annotated places of which {share:.0%} can be held out with every phase in them, found too few; "
        "annotate more, or omit --hold-out"
    )


def number_squares(shape: tuple[int, ...]) -> NDArray[np.int64]:
    """The number of the square that each pixel (Y X) lies in.

    Example:
        >>> number_squares((32, 48))[::16, ::16].tolist()
        [[0, 1, 2], [3, 4, 5]]
    """
    edge = int(np.clip(min(shape) // 8, *_SQUARE))
    rows, columns = (np.arange(length) // edge for length in shape)
    return np.asarray(rows[:, None] * (columns[-1] + 1) + columns)


def _file(item: AnnotatedSlice) -> tuple[str, str]:
    return item.image, item.source


def _squares(data: AnnotatedSlices, file: tuple[str, str], share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """The mask (Y X) of one file's held-out places: squares in random order, until they hold enough."""
    known = np.sum([item.codes != NOT_ANNOTATED for item in data.slices if _file(item) == file], axis=0)
    number = number_squares(known.shape)
    held = np.bincount(number.ravel(), weights=known.ravel())
    order = rng.permutation(np.flatnonzero(held))
    # At least one square, and never all.
    enough = int(np.searchsorted(np.cumsum(held[order]), share * held.sum())) + 1
    return np.isin(number, order[: min(enough, len(order) - 1)])


def _without(data: AnnotatedSlices, masks: dict[tuple[str, str], NDArray[np.bool_]]) -> AnnotatedSlices:
    """The slices without the labels in the mask of their file; those left with none are dropped."""
    slices = [
        replace(item, codes=np.where(masks[_file(item)], np.uint8(NOT_ANNOTATED), item.codes)) for item in data.slices
    ]
    return replace(data, slices=tuple(item for item in slices if np.any(item.codes != NOT_ANNOTATED)))


def _phases(data: AnnotatedSlices) -> set[int]:
    codes = [np.unique(item.codes) for item in data.slices]
    return set(np.concatenate(codes).tolist()) - {NOT_ANNOTATED} if codes else set()
