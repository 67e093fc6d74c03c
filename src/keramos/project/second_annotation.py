"""A second annotation of the same slices: how well two people agree is what a prediction can reach at most."""

from __future__ import annotations

from collections.abc import Callable

from keramos.core import LabelVolume
from keramos.core.errors import LabelError, ShapeError
from keramos.project.label_views import where_known
from keramos.scoring import Evaluation

Score = Callable[[LabelVolume, LabelVolume], Evaluation]


def score_second(second: LabelVolume, truth: LabelVolume, score: Score) -> Evaluation:
    """The scores of a second annotation against the truth, where both are annotated.

    Raises:
        ShapeError: they differ in shape.
        LabelError: they have no annotated voxel in common.
    """
    if second.shape != truth.shape:
        raise ShapeError(
            f"expected a second annotation of the truth's shape {truth.shape} (z, y, x), found {second.shape} in "
            f"{second.name}; give one of the same slices"
        )
    try:
        return score(second, where_known(truth, second))
    except LabelError as error:
        raise LabelError(
            f"expected voxels that both {truth.name} and {second.name} annotate, found none; give a second annotation "
            "of the same slices"
        ) from error
