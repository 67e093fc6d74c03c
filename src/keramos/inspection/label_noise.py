"""Are labels speckled, as those of a threshold are?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from keramos.core import NOT_ANNOTATED, Finding, Volume
from keramos.inspection.amounts import percent
from keramos.inspection.check import Check
from keramos.inspection.outlines import pick_some_slices
from keramos.learning import AnnotatedSlices

SPECK = 6
"""Specks have fewer pixels than this, edges and corners joined."""
_LEAST_SHARE = 0.005
"""On slices labelled by hand it is 0.0022 at most."""
_LEAST_NUMBER = 30


def check_specks(data: AnnotatedSlices, volumes: Sequence[Volume]) -> list[Finding]:  # noqa: ARG001
    """A finding where many annotated pixels lie in specks."""
    number, pixels, annotated, slices = 0, 0, 0, []
    for item in (data.slices[index] for index in pick_some_slices(data)):
        specks, inside = count_specks(item.codes)
        number, pixels = number + specks, pixels + inside
        annotated += int(np.count_nonzero(item.codes != NOT_ANNOTATED))
        slices += [item.z] if specks else []
    if number < _LEAST_NUMBER or pixels < _LEAST_SHARE * annotated:
        return []
    return [
        Finding(
            "noisy-labels",
            f"the labels are speckled: {number:,} specks of fewer than {SPECK} pixels hold "
            f"{percent(pixels / annotated)} of what is annotated",
            "the noise is learnt as if it were structure, and scores against such labels are too low",
            "clean the labels (a median filter, or by hand); labels of a threshold teach no more than the threshold",
            slices=tuple(slices),
        )
    ]


def count_specks(codes: NDArray[np.uint8]) -> tuple[int, int]:
    """The number of specks of the phases on a slice, and their pixels. What lies beside unannotated pixels is none.

    Example:
        >>> codes = np.zeros((9, 9), np.uint8)
        >>> codes[4, 4:6] = 1
        >>> count_specks(codes)
        (1, 2)
    """
    number, pixels = 0, 0
    beside = ndimage.binary_dilation(codes == NOT_ANNOTATED, np.ones((3, 3), bool))
    for code in np.unique(codes[codes != NOT_ANNOTATED]):
        labels, _ = ndimage.label(codes == code, np.ones((3, 3)))
        sizes = np.bincount(labels.ravel())
        sizes[[0, *np.unique(labels[beside])]] = SPECK
        number, pixels = number + int((sizes < SPECK).sum()), pixels + int(sizes[sizes < SPECK].sum())
    return number, pixels


SPECKS = Check("specks in labels", "labels", check_specks)
