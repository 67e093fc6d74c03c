"""Calibrate scores on the annotated voxels: one slope, and one shift for each phase.

log-odds of phase k = slope * log(score of k) + shift of k, up to a constant (Platt scaling; for several phases with one
common slope, vector scaling: Guo et al., On calibration of modern neural networks, ICML 2017, section 4.2). At the
maximum of the likelihood the mean score of every phase equals its true fraction of the annotated voxels: the bias of
the fraction is corrected there, and nowhere more than doubtful voxels allow. The correction is always made, never only
where it is significant: an interval around the better of two, chosen by a test on the same voxels, is too narrow
(Leeb and Poetscher, Econometric Theory 21, 21, 2005); its uncertainty goes into the interval instead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import scipy  # its parts are loaded when they are first used
from numpy.typing import NDArray
from scipy.special import log_softmax

_FIRMNESS = 1.0
"""Weight of a slope of 1 and shifts of 0, in voxels: decides nothing but where every score is right."""


@dataclass(frozen=True)
class Recalibration:
    """`slope`, and the `shifts` of all phases, the first one's being 0."""

    slope: float
    shifts: tuple[float, ...]

    def apply(self, stored: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Scores 0 ... 1 that sum to one, from stored ones (phases, ...), 255 where p = 1."""
        scores = np.empty(stored.shape, np.float32)
        tables = [np.exp(self.slope * _LOGS + shift).astype(np.float32) for shift in self.shifts]
        for phase, table in enumerate(tables):
            scores[phase] = table[stored[phase]]
        scores /= scores.sum(axis=0)
        return scores


_LOGS = np.log(np.maximum(np.arange(256), 0.5) / 255)
"""Logarithms of stored scores; one stored as 0 may be anything below half a step."""


def fit_recalibration(stored: NDArray[np.uint8], truth: NDArray[np.uint8]) -> Recalibration:
    """The likeliest slope and shifts for stored scores (phases, voxels) and true codes (voxels), all annotated."""
    phases = len(stored)
    rows, number = np.unique(stored.T, axis=0, return_inverse=True)
    counts = np.zeros((len(rows), phases))
    np.add.at(counts, (number.ravel(), truth), 1)
    logs, total = _LOGS[rows], counts.sum(axis=1, keepdims=True)

    def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        slope, shifts = parameters[0], np.array([0.0, *parameters[1:]])
        likely = log_softmax(slope * logs + shifts, axis=1)
        off = total * np.exp(likely) - counts
        away = np.array([slope - 1, *parameters[1:]])
        gradient = np.array([np.sum(off * logs), *off.sum(axis=0)[1:]]) + _FIRMNESS * away
        return float(-np.sum(counts * likely) + _FIRMNESS * away @ away / 2), gradient

    best = scipy.optimize.minimize(loss, np.array([1.0] + [0.0] * (phases - 1)), jac=True, method="BFGS").x
    return Recalibration(float(best[0]), (0.0, *map(float, best[1:])))
