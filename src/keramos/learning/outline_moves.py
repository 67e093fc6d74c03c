"""Labels with all outlines between two groups of phases moved by a distance along their normals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from keramos.core import NOT_ANNOTATED
from keramos.learning.annotated import AnnotatedSlices


def move_outlines(codes: NDArray[np.uint8], bright: Sequence[bool], pixels: float) -> NDArray[np.uint8]:
    """Codes (Y X) with the outlines between phases that are `bright` (by code) and the others moved by `pixels`, so
    that the bright ones grow, or shrink where it is negative; a pixel that changes its group gets the phase of that
    group that is nearest. What is not annotated stays so.

    Example:
        >>> codes = np.zeros((3, 8), np.uint8)
        >>> codes[:, 4:] = 1
        >>> move_outlines(codes, [False, True], 1)[0].tolist(), move_outlines(codes, [False, True], -2)[0].tolist()
        ([0, 0, 0, 1, 1, 1, 1, 1], [0, 0, 0, 0, 0, 0, 1, 1])
    """
    depth = measure_depth(codes, bright)
    is_bright = _mask(codes, bright)
    grown = (depth > -pixels) & (codes != NOT_ANNOTATED)
    moved = codes.copy()
    for group, changed in (
        (is_bright, grown & ~is_bright),
        ((codes != NOT_ANNOTATED) & ~is_bright, is_bright & ~grown),
    ):
        if group.any() and changed.any():
            nearest = np.asarray(distance_transform_edt(~group, return_distances=False, return_indices=True))
            moved[changed] = codes[nearest[0][changed], nearest[1][changed]]
    return moved


def measure_depth(codes: NDArray[np.uint8], bright: Sequence[bool]) -> NDArray[np.float64]:
    """The distance of each annotated pixel from the outlines between bright and other phases, in pixels: positive in
    the bright ones; infinite on a slice that has one group only, and where nothing is annotated."""
    is_bright = _mask(codes, bright)
    is_dark = (codes != NOT_ANNOTATED) & ~is_bright
    depth = np.full(codes.shape, -np.inf)
    depth[is_bright] = np.inf
    if is_bright.any() and is_dark.any():
        # Outlines lie half way between the pixels of both groups.
        depth[is_bright] = np.asarray(distance_transform_edt(~is_dark))[is_bright] - 0.5
        depth[is_dark] = 0.5 - np.asarray(distance_transform_edt(~is_bright))[is_dark]
    return depth


def move_all_outlines(data: AnnotatedSlices, bright: Sequence[bool], pixels: float) -> AnnotatedSlices:
    """All slices with their outlines moved."""
    return replace(
        data, slices=tuple(replace(one, codes=move_outlines(one.codes, bright, pixels)) for one in data.slices)
    )


def _mask(codes: NDArray[np.uint8], bright: Sequence[bool]) -> NDArray[np.bool_]:
    table = np.zeros(256, bool)
    table[: len(bright)] = bright
    mask: NDArray[np.bool_] = table[codes]
    return mask
