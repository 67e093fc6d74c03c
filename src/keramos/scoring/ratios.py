"""Scores as ratios of counts. The confusion has the truth along its second-last axis, the prediction along the last."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

SCORES = ("precision", "recall", "iou", "dice")
"""The scores of a phase, in the order in which they are computed and shown."""


def phase_ratios(confusion: NDArray[np.int64]) -> dict[str, NDArray[np.float64]]:
    """Scores by name, each of shape (..., K) for confusions (..., K, K); NaN where undefined (0 / 0).

    With TP, FP and FN of a phase: precision TP / (TP + FP), recall TP / (TP + FN), IoU TP / (TP + FP + FN) and
    Dice 2 TP / (2 TP + FP + FN).

    Example:
        >>> phase_ratios(np.array([[8, 2], [0, 10]]))["iou"].round(3).tolist()
        [0.8, 0.833]
    """
    hit = np.diagonal(confusion, axis1=-2, axis2=-1)
    true, predicted = confusion.sum(axis=-1), confusion.sum(axis=-2)
    return {
        "precision": ratio(hit, predicted),
        "recall": ratio(hit, true),
        "iou": ratio(hit, true + predicted - hit),
        "dice": ratio(2 * hit, true + predicted),
    }


def headline_iou(confusion: NDArray[np.int64], positive: int) -> NDArray[np.float64]:
    """The IoU (...) by which a segmentation is judged: of the positive phase of two, or the mean over the phases of
    more; NaN where undefined.

    Example:
        >>> headline_iou(np.array([[8, 2], [0, 10]]), positive=1).round(3).tolist()
        0.833
    """
    iou = phase_ratios(confusion)["iou"]
    if iou.shape[-1] == 2:
        return np.asarray(iou[..., positive])
    known = ~np.isnan(iou)
    total = np.where(known, iou, 0).sum(axis=-1)
    return np.asarray(np.divide(total, known.sum(axis=-1), out=np.full(total.shape, np.nan), where=known.any(axis=-1)))


def ratio(part: NDArray[np.int64], whole: NDArray[np.int64]) -> NDArray[np.float64]:
    """Elementwise `part / whole`, NaN where the whole is zero."""
    part, whole = np.asarray(part), np.asarray(whole)
    quotient: NDArray[np.float64] = np.divide(part, whole, out=np.full(part.shape, np.nan), where=whole != 0)
    return quotient


def number(value: float) -> float | None:
    """The value as a float, or None for NaN, which JSON does not have."""
    return None if np.isnan(value) else float(value)
