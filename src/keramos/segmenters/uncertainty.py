"""Uncertainty of scores: the entropy of the phases' probabilities."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.special import entr


def uncertainty(scores: NDArray[np.float32]) -> NDArray[np.float32]:
    """Normalised entropy of scores (phases, ...) that sum to one: -sum of p ln p / ln(phases) (Shannon 1948), 0 where
    one phase is certain, 1 where all are equally likely.

    Example:
        >>> uncertainty(np.array([[1.0, 0.5], [0.0, 0.5]], np.float32)).tolist()
        [0.0, 1.0]
    """
    entropy = entr(scores).sum(axis=0) / np.float32(np.log(len(scores)))
    return np.asarray(np.clip(entropy, 0, 1), np.float32)


def encode_uncertainty(scores: NDArray[np.float32]) -> NDArray[np.uint8]:
    """Uncertainty of scores (phases, Z, Y, X) as whole numbers 0 ... 255, one slice at a time: the floats of a block
    would not fit into what it may take."""
    out = np.empty(scores.shape[1:], np.uint8)
    for z, plane in enumerate(out):
        plane[:] = np.rint(255 * uncertainty(scores[:, z]))
    return out
