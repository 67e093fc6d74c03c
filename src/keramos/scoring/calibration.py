"""Do scores mean what they say? Of all voxels whose decided phase scored 0.9, nine of ten should be right.

The expected calibration error (ECE; Naeini, Cooper and Hauskrecht 2015, AAAI) over B bins of N voxels is

    ECE = sum over bins b of n_b / N * | share right in b - mean score in b |

of the score of the decided phase. The bins hold equally many voxels (Nixon et al. 2019, Measuring Calibration in Deep
Learning: adaptive bins): networks are so sure of most voxels that bins of equal width would nearly all be empty.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from math import exp, log
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import logsumexp

from keramos.core import NOT_ANNOTATED
from keramos.core.errors import LabelError, PixelError, ShapeError

BINS = 15
COLDEST, HOTTEST = 0.05, 20.0
"""Temperatures beyond these no network needs; data that it tells apart without an error ask for 0, which is none."""
LEVELS = 256
"""Of scores stored as whole numbers 0 ... 255: quantised to 1/255, they are off by 0.002 at most."""


@dataclass(frozen=True, slots=True)
class ReliabilityBin:
    """A bin's mean score, the share of its voxels that are right, and how many they are."""

    mean_score: float
    share_right: float
    voxels: int


@dataclass(frozen=True)
class Calibration:
    """The expected calibration error and its bins, from unsure to sure. `score_step` is the step to which scores were
    quantised, None where they were not. `mean_score` above `share_right`: over-confident."""

    ece: float
    mean_score: float
    share_right: float
    voxels: int
    bins: tuple[ReliabilityBin, ...]
    score_step: float | None = None

    def to_json(self) -> dict[str, Any]:
        return {**asdict(self), "bins": [asdict(row) for row in self.bins]}

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Calibration:
        """The inverse of `to_json`; TypeError or KeyError for anything else."""
        return cls(**{**data, "bins": tuple(ReliabilityBin(**row) for row in data["bins"])})


@dataclass(frozen=True, eq=False)
class StoredScoreCounts:
    """How many voxels have each stored score (0 ... 255) of their decided phase: `counts` (2, 256), wrong and right
    ones. Sums are those of the whole."""

    counts: NDArray[np.int64]

    def __add__(self, other: StoredScoreCounts) -> StoredScoreCounts:
        return StoredScoreCounts(self.counts + other.counts)


def empty_stored_scores() -> StoredScoreCounts:
    """The counts of no voxel."""
    return StoredScoreCounts(np.zeros((2, LEVELS), np.int64))


def count_stored_scores(scores: NDArray[np.uint8], right: NDArray[np.bool_]) -> StoredScoreCounts:
    """Counts of voxels (any shape) with stored scores of their decided phase, and whether that is the true one."""
    index = scores[...].astype(np.int64) + LEVELS * right
    return StoredScoreCounts(np.bincount(index.ravel(), minlength=2 * LEVELS).reshape(2, LEVELS))


def measure_stored_calibration(counts: StoredScoreCounts, bins: int = BINS) -> Calibration:
    """The calibration of what was counted. LabelError if that is nothing."""
    wrong, right = counts.counts
    return _calibration(np.arange(LEVELS) / (LEVELS - 1), wrong + right, right, bins, 1 / (LEVELS - 1))


def measure_calibration(scores: NDArray[np.floating], right: NDArray[np.bool_], bins: int = BINS) -> Calibration:
    """The calibration of scores (0 ... 1, any shape) of the decided phase, which is the true one where `right`.

    Raises:
        ShapeError: scores and right differ in shape.
        LabelError: there is no voxel.
    """
    if scores.shape != right.shape:
        raise ShapeError(f"expected a score for each voxel that is right or wrong, found {scores.shape}, {right.shape}")
    values, place = np.unique(scores.astype(np.float64), return_inverse=True)
    every, correct = (np.bincount(place.ravel(), weights, len(values)) for weights in (None, right.ravel()))
    return _calibration(values, every, correct, bins, None)


def fit_temperature(logits: NDArray[np.floating], codes: NDArray[np.uint8]) -> float:
    """The temperature T with the least mean cross-entropy of softmax(logits / T) (Guo et al. 2017, On Calibration of
    Modern Neural Networks), from 0.05 to 20: at one of these ends where the optimum lies beyond it.

    `logits` (phases, ...) and true `codes` (...) are of voxels that the network was not trained on; those of code 255
    are left out. T above 1 makes an over-confident network less sure; the order of the scores stays as it is.

    Raises:
        ShapeError: not one logit for each phase and voxel.
        LabelError: no annotated voxel, or a code without a logit.
        PixelError: logits that are not finite.
    """
    if logits.ndim < 2 or logits.shape[1:] != codes.shape:
        raise ShapeError(
            f"expected logits (phases, ...) of voxels with codes (...), found shapes {logits.shape} and {codes.shape}"
        )
    known = codes != NOT_ANNOTATED
    true, found = codes[known].astype(np.intp), logits[:, known].astype(np.float64)
    if not true.size:
        raise LabelError("expected annotated voxels to fit a temperature to, found none; give some that are annotated")
    if true.max() >= len(found):
        raise LabelError(f"expected codes 0 to {len(found) - 1}, one for each logit, found {true.max()}")
    if not np.isfinite(found).all():
        raise PixelError("expected finite logits to fit a temperature to, found NaN or infinity; train again")
    of_truth = np.take_along_axis(found, true[None], axis=0)[0]

    def cross_entropy(log_temperature: float) -> float:
        sharpness = exp(-log_temperature)
        return float(np.mean(logsumexp(sharpness * found, axis=0) - sharpness * of_truth))

    # Convex in 1 / T, so there is one minimum, along any rising function of T, too.
    best = minimize_scalar(
        cross_entropy, bounds=(log(COLDEST), log(HOTTEST)), method="bounded", options={"xatol": 1e-4}
    )
    return exp(float(best.x))


def _calibration(
    values: NDArray[np.float64], every: NDArray[Any], right: NDArray[Any], bins: int, step: float | None
) -> Calibration:
    """From rising `values` of scores, how many voxels have each, and how many of these are right.

    Voxels of equal score that a bin's edge parts are shared out in proportion: what drawing lots gives on average.
    """
    total = int(every.sum())
    if total == 0:
        raise LabelError("expected annotated voxels with scores to see how well these are calibrated, found none")
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
