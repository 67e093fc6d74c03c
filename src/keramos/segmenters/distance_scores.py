"""Scores of thresholds for ROC curves: the distance of a grey value from its threshold, squashed by a logistic curve.

Any other monotonic curve gives the same ROC.
"""

from __future__ import annotations

import numpy as np
import scipy
from numpy.typing import NDArray


def codes_and_scores_of_distances(
    distances: NDArray[np.float64], bright: int, positive: int, *, grey_scale: float
) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
    """Codes, and scores of the positive phase, from how far grey values lie above the threshold of two phases; `bright`
    is the code above it. A score crosses one half where the decision does, and rises by 0.25 over `grey_scale` at most.
    """
    codes = np.where(distances > 0, bright, 1 - bright).astype(np.uint8)
    return codes, np.asarray(
        scipy.special.expit((distances if bright == positive else -distances) / grey_scale), np.float32
    )
