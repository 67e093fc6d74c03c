"""Runs of neighbouring annotated slices of a stack."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from keramos.core import NOT_ANNOTATED, Box, LabelVolume
from keramos.core.progress import Progress, silent

Run = tuple[int, int]
"""The first slice and the one after the last."""


def list_annotated_slices(labels: LabelVolume, progress: Progress = silent) -> list[int]:
    """The slices that hold an annotated voxel."""
    depth, height, width = labels.shape
    annotated = []
    for z in range(depth):
        if np.any(labels.read(Box((z, 0, 0), (z + 1, height, width))) != NOT_ANNOTATED):
            annotated.append(z)
        progress(z + 1, depth)
    return annotated


def runs_of(slices: Sequence[int], depth: int, context: int = 0) -> list[Run]:
    """Runs of `slices` (rising) with `context` neighbours on either side, as far as the stack of `depth` slices
    reaches; those that touch or overlap are one.

    Example:
        >>> runs_of([0, 3, 4, 8], depth=10, context=1)
        [(0, 6), (7, 10)]
    """
    if not slices:
        return []
    breaks = [z for a, b in pairwise(slices) if b - a > 2 * context + 1 for z in (a, b)]
    ends = [slices[0], *breaks, slices[-1]]
    return [(max(a - context, 0), min(b + 1 + context, depth)) for a, b in zip(ends[::2], ends[1::2], strict=True)]
