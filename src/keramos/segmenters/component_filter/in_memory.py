"""Removal of small components from a box of labels in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, PhaseTable, Triple
from keramos.segmenters.component_filter.candidates import UNCHANGED, find_candidates
from keramos.segmenters.component_filter.removal import Removal


def drop_small(
    codes: NDArray[np.uint8], code: int, fewer: int, box: Box, shape: Triple
) -> tuple[NDArray[np.uint8], int, int]:
    """Codes (Z Y X) of a box of a volume without the components (through faces) of the phase `code` that have `fewer`
    voxels than this, how many these were, and of how many. Components that reach beyond the box stay, and all do where
    each of the 256 codes is used.

    Example:
        >>> codes = np.zeros((5, 5, 5), np.uint8)
        >>> codes[2, 2, 2:4] = 1
        >>> clean, dropped, components = drop_small(codes, 1, 3, Box.whole(codes.shape), codes.shape)
        >>> int(clean.sum()), dropped, components
        (0, 1, 1)
    """
    used = np.unique(codes)
    if code not in used or len(used) > NOT_ANNOTATED:
        return codes, 0, 0
    rank = np.zeros(NOT_ANNOTATED + 1, np.uint8)
    rank[used] = range(len(used))
    known = rank[codes]
    names = [str(number) for number in range(max(2, len(used)))]
    table = PhaseTable.from_names(names, names[int(np.searchsorted(used, code))])
    candidates = find_candidates(known, Removal(False, fewer, table), box, shape)
    new = candidates.new_code[candidates.component]
    changed = new != UNCHANGED
    known.reshape(-1)[candidates.voxels[changed]] = new[changed]
    return used[known], int(candidates.changes[0]), candidates.components
