"""Calibration of the scores stored beside a prediction, block by block in bounded memory."""

from __future__ import annotations

import numpy as np

from keramos.blocks import plan_blocks
from keramos.core import NOT_ANNOTATED, LabelVolume
from keramos.core.errors import ShapeError
from keramos.core.progress import Progress
from keramos.io import scores_beside
from keramos.scoring import Calibration, count_stored_scores, empty_stored_scores, measure_stored_calibration

_BLOCK_VOXELS = 2**22


def calibrate(prediction: LabelVolume, truth: LabelVolume, *, progress: Progress) -> Calibration | None:
    """The calibration over the annotated voxels of `truth`, whose codes mean what those of `prediction` mean; None
    where no scores stand beside the prediction's file, or it names other phases.

    Raises:
        ShapeError: the scores are not of the labels beside them.
    """
    scores = scores_beside(prediction.name)
    if scores is None or not set(prediction.phases.names) <= set(scores.phases.names):
        return None
    first = prediction.origin
    if any(a + n > whole for a, n, whole in zip(first, prediction.shape, scores.shape, strict=True)):
        raise ShapeError(
            f"expected scores of the shape of the labels beside them, found {scores.shape} (z, y, x) in "
            f"{scores.group}; segment again with --scores --fresh"
        )
    channel = np.array([scores.phases.names.index(name) for name in prediction.phases.names])
    plan = plan_blocks(truth.shape, chunk=(16, 256, 256), max_voxels=_BLOCK_VOXELS)
    total = empty_stored_scores()
    for block in plan:
        true, found = truth.read(block.core), prediction.read(block.core)
        known = true != NOT_ANNOTATED
        if known.any():
            stored = scores.read(block.core.shift(first))[:, known]
            decided = np.take_along_axis(stored, channel[found[known]][None], axis=0)[0]
            total += count_stored_scores(decided, found[known] == true[known])
        progress(block.index + 1, len(plan))
    return measure_stored_calibration(total)
