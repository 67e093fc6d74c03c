"""Removal of small components from a box of labels in memory."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, Box, PhaseTable, Triple
from keramos.segmenters.component_filter.candidates import UNCHANGED, find_candidates
from keramos.segmenters.component_filter.removal import Removal

_OUTSIDE = "not annotated"


def drop_small(
    codes: NDArray[np.uint8], phases: PhaseTable, fewer: int, box: Box, shape: Triple
) -> tuple[NDArray[np.uint8], int, int]:
    """Codes (Z Y X) of a box of a volume without the components (through faces) of the positive phase that have `fewer`
    voxels than this, how many these were, and of how many. Components that reach beyond the box stay.

    Example:
        >>> codes = np.zeros((5, 5, 5), np.uint8)
        >>> codes[2, 2, 2:4] = 1
        >>> phases, whole = PhaseTable.from_names(["void", "solid"]), Box.whole(codes.shape)
        >>> clean, dropped, components = drop_small(codes, phases, 3, whole, codes.shape)
        >>> int(clean.sum()), dropped, components
        (0, 1, 1)
    """
    table = PhaseTable.from_names([*phases.names, _OUTSIDE], phases.names[phases.positive])
    known = np.where(codes == NOT_ANNOTATED, len(phases), codes).astype(np.uint8)
    candidates = find_candidates(known, Removal(False, fewer, table), box, shape)
    new = candidates.new_code[candidates.component]
    changed = new != UNCHANGED
    known.reshape(-1)[candidates.voxels[changed]] = new[changed]
    clean = np.where(known == len(phases), NOT_ANNOTATED, known).astype(np.uint8)
    return clean, int(candidates.changes[0]), candidates.components
