"""The share of a segmentation that the network is unsure of, as the uncertainty or the scores beside it say."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import grey_opening

from keramos.core import Box, Finding, LabelVolume
from keramos.core.errors import KeramosError
from keramos.core.object_path import as_path
from keramos.inspection.amounts import percent
from keramos.inspection.check import Check
from keramos.io import open_uncertainty, scores_beside
from keramos.segmenters.uncertainty import uncertainty

_UNSURE = 0.5
"""Normalised entropy above which a voxel is uncertain, as in `keramos suggest`: for two phases, if the higher score is
below 0.89."""
_RIM = 3
"""Pixels; narrower stretches of uncertain voxels are the rims of outlines."""
_MUCH = 0.05
_SLICES = 8


def check_uncertainty(labels: LabelVolume) -> list[Finding]:
    """A finding where much of a segmentation is uncertain, outlines aside, in a few slices; none where nothing beside
    it tells."""
    read = _find_reader(labels)
    if read is None:
        return []
    depth, height, width = labels.shape
    slices = np.unique(np.linspace(0, depth - 1, min(depth, _SLICES)).round().astype(int)).tolist()
    shares = []
    for z in slices:
        unsure = read(Box((z, 0, 0), (z + 1, height, width)).shift(labels.origin))[0]
        shares.append(float(np.mean(grey_opening(unsure, (_RIM, _RIM), mode="constant", cval=0.0) > _UNSURE)))
    share, worst = float(np.mean(shares)), int(np.argmax(shares))
    if share < _MUCH:
        return []
    named = slices[worst] + labels.origin[0]
    return [
        Finding(
            "uncertain-segmentation",
            f"the network is uncertain of {percent(share)} of the voxels, outlines aside ({percent(shares[worst])} of "
            f"slice {named})",
            "these may as well be another phase, and every number with them",
            "annotate what `keramos suggest` names, and train again",
            slices=(named,),
        )
    ]


def _find_reader(labels: LabelVolume) -> Callable[[Box], NDArray[np.float32]] | None:
    """Reads the normalised entropy of a box (of the file) from the uncertainty beside the labels, or from scores."""
    for store in (as_path(labels.name), as_path(labels.name).parent.parent):
        try:
            stored = open_uncertainty(store)
            return lambda box: np.asarray(stored.read(box) / np.float32(255), np.float32)
        except KeramosError:
            pass
    try:
        scores = scores_beside(labels.name)
    except KeramosError:
        return None
    return None if scores is None else lambda box: uncertainty(np.asarray(scores.read(box) / np.float32(255)))


UNCERTAINTY = Check("uncertainty of a segmentation", "result", check_uncertainty)
