"""The knowledge of a model that a training is to keep: strokes lie inside phases, and teach nothing of their outlines.

Where the model that a training begins with agrees with what is drawn, as many voxels again as are drawn in a slice are
learnt from its own proposal: voxels that it is certain of, at random places, but none near a stroke that contradicts.

A model that has other phases knows some of these together, as the bundled weights know all solid ones: `groups` gives
for each phase the first one that it is known together with. It is believed of phases that are alone in their group.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt

from keramos.core import NOT_ANNOTATED
from keramos.project.assist.beginnings import Scores
from keramos.project.assist.squares import Codes

AGREES = 0.9
"""The share of the drawn voxels that a model decides alike, from which on it is worth keeping."""
_CERTAIN = 0.9
"""The least score of a voxel that it is certain of."""
_NEAR = 32
"""Voxels around a stroke that contradicts it, of which it is not believed."""


def measure_agreement(drawn: Codes, scores: Scores, groups: NDArray[np.uint8]) -> float:
    """The share of the drawn voxels that a model with these `scores` decides as they are drawn, or for a phase of the
    same group; 0 without any.

    Example:
        >>> drawn, scores = {0: np.array([[0, 1, 255]])}, {0: np.array([[[0.9, 0.6, 1]], [[0.1, 0.4, 0]]])}
        >>> measure_agreement(drawn, scores, np.arange(2))
        0.5
    """
    right = total = 0
    for z in scores:
        if z in drawn:
            known = drawn[z] != NOT_ANNOTATED
            total += int(known.sum())
            right += int((groups[scores[z].argmax(axis=0)[known]] == groups[drawn[z][known]]).sum())
    return right / total if total else 0.0


def add_certain_voxels(
    drawn: Codes, scores: Scores, groups: NDArray[np.uint8], seed: int
) -> dict[int, NDArray[np.uint8]]:
    """The drawn labels, with as many certain voxels of the model again in the slices that it has looked at; fewer where
    it knows some phases only together."""
    learned, alone = dict(drawn), np.bincount(groups, minlength=len(groups))[groups] == 1
    for z in scores:
        if z not in drawn:
            continue
        codes, known = scores[z].argmax(axis=0).astype(np.uint8), drawn[z] != NOT_ANNOTATED
        free = ~known & (scores[z].max(axis=0) >= _CERTAIN) & alone[codes]
        contradicted = known.copy()
        contradicted[known] = groups[codes[known]] != groups[drawn[z][known]]
        if contradicted.any():
            free &= distance_transform_edt(~contradicted) > _NEAR
        places = np.flatnonzero(free)
        rng = np.random.default_rng((seed, z))
        most = int(known.sum() * alone.mean())
        chosen = rng.choice(places, min(len(places), most), replace=False)
        more = drawn[z].copy()
        more.ravel()[chosen] = codes.ravel()[chosen]
        learned[z] = more
    return learned
