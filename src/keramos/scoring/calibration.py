"""Calibration of scores: of all voxels whose predicted phase has the score 0.9, nine out of ten should be right.

The expected calibration error (ECE; Naeini, Cooper and Hauskrecht 2015, AAAI) over B bins of N voxels is

    ECE = sum over bins b of n_b / N * | share right in b - mean score in b |

of the score of the predicted phase. The bins hold equal numbers of voxels (Nixon et al. 2019, Measuring Calibration in
Deep Learning: adaptive bins), because most scores are so high that most bins of equal width would be empty.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import exp, log
from typing import Any

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray
from scipy.special import logsumexp

from keramos.core import NOT_ANNOTATED
from keramos.core.errors import LabelError, PixelError, ShapeError

BINS = 15
COLDEST, HOTTEST = 0.05, 20.0
"""Bounds of the temperature; data that a network separates without an error would give 0."""
LEVELS = 256
"""Number of levels of scores stored as 0 ... 255; their rounding error is at most 0.002."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """One bin: its mean score, the share of its voxels that are right, and the number of voxels."""

    mean_score: float
    share_right: float
    voxels: int


@dataclass(frozen=True)
class Calibration:
    """Expected calibration error with its bins, from low to high scores.

    Attributes:
        ece: expected calibration error.
        mean_score: mean score of the predicted phase; above `share_right` the network is over-confident.
        share_right: share of voxels whose predicted phase is the true one.
        voxels: number of voxels.
        bins: bins of equal numbers of voxels.
        score_step: quantisation step of the scores; None if they were not quantised.
    """

    ece: float
    mean_score: float
    share_right: float
    voxels: int
    bins: tuple[ReliabilityBin, ...]
    score_step: float | None = None

    def to_json(self) -> dict[str, Any]:
        """All numbers as JSON values."""
        return {**asdict(self), "bins": [asdict(row) for row in self.bins]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Calibration:
        """The inverse of `to_json`; TypeError or KeyError for anything else."""
        return cls(**{**data, "bins": tuple(ReliabilityBin(**row) for row in data["bins"])})


@dataclass(frozen=True, eq=False)
class StoredScoreCounts:
    """Numbers of voxels (2, 256; wrong, right) with each stored score (0 ... 255) of their predicted phase.

    The sum of the counts of two parts is that of both.
    """

    counts: NDArray[np.int64]

    def __add__(self, other: StoredScoreCounts) -> StoredScoreCounts:
        return StoredScoreCounts(self.counts + other.counts)


def empty_stored_scores() -> StoredScoreCounts:
    """Counts without any voxel."""
    return StoredScoreCounts(np.zeros((2, LEVELS), np.int64))


def count_stored_scores(scores: NDArray[np.uint8], right: NDArray[np.bool_]) -> StoredScoreCounts:
    """Counts of voxels (any shape) from the stored scores of their predicted phase and whether it is the true one."""
    index = scores[...].astype(np.int64) + LEVELS * right
    return StoredScoreCounts(np.bincount(index.ravel(), minlength=2 * LEVELS).reshape(2, LEVELS))


def measure_stored_calibration(counts: StoredScoreCounts, bins: int = BINS) -> Calibration:
    """The calibration of the counted voxels. LabelError if there are none."""
    wrong, right = counts.counts
    return _calibrate_sorted(np.arange(LEVELS) / (LEVELS - 1), wrong + right, right, bins, 1 / (LEVELS - 1))


def measure_calibration(scores: NDArray[np.floating], right: NDArray[np.bool_], bins: int = BINS) -> Calibration:
    """The calibration of scores (0 ... 1, any shape) of the predicted phase, which is the true one where `right`.

    Raises:
        ShapeError: scores and right differ in shape.
        LabelError: there is no voxel.

    Example:
        >>> result = measure_calibration(np.full(1000, 0.9), np.arange(1000) < 800)
        >>> round(result.ece, 3), result.share_right
        (0.1, 0.8)
    """
    if scores.shape != right.shape:
        raise ShapeError(f"expected scores and right of one shape, found {scores.shape} and {right.shape}")
    values, place = np.unique(scores.astype(np.float64), return_inverse=True)
    every, correct = (np.bincount(place.ravel(), weights, len(values)) for weights in (None, right.ravel()))
    return _calibrate_sorted(values, every, correct, bins, None)


def fit_temperature(logits: NDArray[np.floating], codes: NDArray[np.uint8]) -> float:
    """The temperature T that minimises the mean cross-entropy of softmax(logits / T), between 0.05 and 20 (Guo et al.
    2017, On Calibration of Modern Neural Networks).

    T above 1 lowers the scores of an over-confident network; the order of the scores does not change.

    Args:
        logits: (phases, ...), of voxels that the network was not trained on.
        codes: true phase codes (...); 255 is ignored.

    Raises:
        ShapeError: not one logit for each phase and voxel.
        LabelError: no annotated voxel, or a code without a logit.
        PixelError: logits that are not finite.
    """
    if logits.ndim < 2 or logits.shape[1:] != codes.shape:
        raise ShapeError(
            f"expected logits (phases, ...) of voxels with codes (...), found shapes {logits.shape} and {codes.shape}"
        )
    annotated = codes != NOT_ANNOTATED
    true, values = codes[annotated].astype(np.intp), logits[:, annotated].astype(np.float64)
    if not true.size:
        raise LabelError("there are no annotated voxels to fit the temperature on; give some")
    if true.max() >= len(values):
        raise LabelError(f"expected codes 0 to {len(values) - 1}, one for each logit, found {true.max()}")
    if not np.isfinite(values).all():
        raise PixelError("the logits contain NaN or infinity, so no temperature can be fitted; train again")
    of_truth = np.take_along_axis(values, true[None], axis=0)[0]

    def cross_entropy(log_temperature: float) -> float:
        sharpness = exp(-log_temperature)
        return float(np.mean(logsumexp(sharpness * values, axis=0) - sharpness * of_truth))

    # The cross-entropy is convex in 1 / T, so it has one minimum in any monotonic function of T.
    best = scipy.optimize.minimize_scalar(
        cross_entropy, bounds=(log(COLDEST), log(HOTTEST)), method="bounded", options={"xatol": 1e-4}
    )
    return exp(float(best.x))


def _calibrate_sorted(
    values: NDArray[np.float64], every: NDArray[Any], right: NDArray[Any], bins: int, step: float | None
) -> Calibration:
    """The calibration from ascending score `values`, the number of voxels with each, and how many of these are right.

    Voxels of equal score on both sides of a bin's edge are shared in proportion, the average over random orders.
    """
    total = int(every.sum())
    if total == 0:
        raise LabelError("there are no annotated voxels with scores, so their calibration cannot be measured")
    mass, scored, correct = (np.concatenate([[0.0], np.cumsum(row)]) for row in (every, every * values, right))
    edges = np.unique(np.rint(np.linspace(0, total, bins + 1)))
    size = np.diff(edges)
    mean_score, share_right = (np.diff(np.interp(edges, mass, row)) / size for row in (scored, correct))
    rows = zip(mean_score.tolist(), share_right.tolist(), size.astype(int).tolist(), strict=True)
    return Calibration(
        ece=float(np.sum(size / total * np.abs(share_right - mean_score))),
        mean_score=float(scored[-1] / total),
        share_right=float(correct[-1] / total),
        voxels=total,
        bins=tuple(ReliabilityBin(*row) for row in rows),
        score_step=step,
    )
