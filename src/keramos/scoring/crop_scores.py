"""Scores over sets of crops as in Table 1 of Hirabayashi et al. 2024: means over crops, spread over sets.

The paper's IoU does not follow from its precision and recall, which means over crops explain. So both are given: the
mean over the crops of a set, and the ratio of its pooled counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED
from keramos.scoring.ratios import SCORES, number, phase_ratios


@dataclass(frozen=True, slots=True)
class Spread:
    """Mean and standard deviation (n - 1) over sets; no deviation for a single set."""

    mean: float | None
    deviation: float | None


@dataclass(frozen=True, eq=False)
class CropScores:
    """Scores of one phase by name: means `over_crops`, and from `pooled` counts; with the confusion of all sets."""

    over_crops: dict[str, Spread]
    pooled: dict[str, Spread]
    confusion: NDArray[np.int64]
    crops: int


def count_crop_confusions(prediction: NDArray[np.uint8], truth: NDArray[np.uint8], classes: int) -> NDArray[np.int64]:
    """Confusions (N, K, K) of crops (N, Y, X), truth along rows; voxels whose truth is 255 are ignored."""
    offset = np.arange(len(truth))[:, None, None] * classes**2
    annotated = truth != NOT_ANNOTATED
    index = (offset + truth.astype(np.int64) * classes + prediction)[annotated]
    counts = np.bincount(index, minlength=len(truth) * classes**2)
    return counts.reshape(len(truth), classes, classes)


def compute_crop_scores(sets: Sequence[NDArray[np.int64]], phase: int) -> CropScores:
    """Scores of `phase` from the confusions (N, K, K) of each set's crops; undefined scores (0 / 0) are ignored."""
    each = [{name: values[:, phase] for name, values in phase_ratios(counts).items()} for counts in sets]
    pooled = [{name: values[phase] for name, values in phase_ratios(counts.sum(axis=0)).items()} for counts in sets]
    return CropScores(
        over_crops={name: _spread([_mean(row[name]) for row in each]) for name in SCORES},
        pooled={name: _spread([float(row[name]) for row in pooled]) for name in SCORES},
        confusion=np.sum([counts.sum(axis=0) for counts in sets], axis=0),
        crops=sum(len(counts) for counts in sets),
    )


def _mean(values: NDArray[np.float64]) -> float:
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else float("nan")


def _spread(values: Sequence[float]) -> Spread:
    defined = [value for value in values if not np.isnan(value)]
    if not defined:
        return Spread(None, None)
    return Spread(number(float(np.mean(defined))), float(np.std(defined, ddof=1)) if len(defined) > 1 else None)
