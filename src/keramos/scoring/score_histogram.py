"""ROC and precision-recall curves from histograms of scores, whose size does not depend on the volume."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.special import logit

from keramos.core import NOT_ANNOTATED
from keramos.scoring.ratios import number

BINS = 8192
"""Number of bins over the logits -16 ... 16: with bins of equal width in the scores, most voxels would be in the first
and last bin."""
_SURE = 16.0


@dataclass(frozen=True, eq=False)
class ScoreHistogram:
    """Numbers of annotated voxels per score (2, BINS): of the other phases, and of the positive phase."""

    counts: NDArray[np.int64]

    def __add__(self, other: ScoreHistogram) -> ScoreHistogram:
        return ScoreHistogram(self.counts + other.counts)


@dataclass(frozen=True, eq=False)
class ScoreCurves:
    """Curves as the threshold falls from 1 to 0, one point for each score that occurs, and their areas.

    `average_precision` is the sum of precision times the rise in recall (no interpolation). Areas are None if one of
    the phases does not occur.
    """

    false_positive_rate: NDArray[np.float64]
    true_positive_rate: NDArray[np.float64]
    precision: NDArray[np.float64]
    roc_area: float | None
    average_precision: float | None


def count_scores(scores: NDArray[np.floating], truth: NDArray[np.uint8], positive: int) -> ScoreHistogram:
    """Histogram of the scores (0 ... 1, any shape) of the positive phase; voxels whose truth is 255 are ignored."""
    annotated = truth != NOT_ANNOTATED
    with np.errstate(divide="ignore"):  # 0 and 1 go to the end bins
        logits = np.clip(logit(scores[annotated].astype(np.float64)), -_SURE, _SURE)
    bins = np.minimum((logits + _SURE) * (BINS / (2 * _SURE)), BINS - 1).astype(np.int64)
    index = bins + BINS * (truth[annotated] == positive)
    return ScoreHistogram(np.bincount(index, minlength=2 * BINS).reshape(2, BINS))


def empty_histogram() -> ScoreHistogram:
    """Histogram without any voxel."""
    return ScoreHistogram(np.zeros((2, BINS), np.int64))


def compute_curves(histogram: ScoreHistogram) -> ScoreCurves:
    """Curves and areas; ties count half in the area of the ROC curve (trapezoidal rule)."""
    counts = histogram.counts[:, ::-1]
    used = counts.sum(axis=0) > 0
    false, true = (np.concatenate([[0], row[used].cumsum()]).astype(np.float64) for row in counts)
    negatives, positives = false[-1], true[-1]
    if not negatives or not positives:
        nan = np.full(false.shape, np.nan)
        return ScoreCurves(nan, nan, nan, None, None)
    fpr, tpr = false / negatives, true / positives
    precision = np.divide(true, true + false, out=np.ones_like(true), where=true + false > 0)
    return ScoreCurves(
        fpr, tpr, precision, number(float(np.trapezoid(tpr, fpr))), number(float(np.sum(np.diff(tpr) * precision[1:])))
    )
