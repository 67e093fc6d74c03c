"""The balance of rare phases against the others, which crops centred on the rare ones tilt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.crop_centres import find_rare_phases
from keramos.networks import ARCHITECTURES, Checkpoint
from keramos.segmenters import segmenter_of

_SLICES, _VOXELS = 8, 2**20
_BIASES = np.arange(-12.0, 3.01, 0.25, dtype=np.float32)
"""Of a logit. A phase of 0.2 % that half of the crops are centred on is some fifty times (e to the 4) as frequent
there."""
_LEAST_IOU = 1e-3


def balance_rare_phases(checkpoint: Checkpoint, data: AnnotatedSlices) -> Checkpoint:
    """The checkpoint with a bias on each rare phase's logit, such that the geometric mean of the phases' IoU on `data`
    is best: no phase is given up for another.

    Training crops are centred on rare phases more often than they occur, so that a network learns to see too much of
    them: its scores are those of another prior (Saerens et al. 2002). Those of the others are as frequent there as they
    are, and a bias learnt on the training images would only fit these. The biases become part of the weights. Nothing
    changes where no phase is rare, or the architecture does not say which of its weights are a phase's bias.
    """
    names = [name for name in ARCHITECTURES[checkpoint.card.architecture].per_phase if name.endswith(".bias")]
    rare = find_rare_phases(data)
    if not rare or not names:
        return checkpoint
    biases = _find_biases(*_read_logits(checkpoint, data), rare)
    weights = dict(checkpoint.weights)
    for name in names:
        rows = weights[name].reshape(len(biases), -1)
        weights[name] = (rows + rows.new_tensor(biases)[:, None]).flatten()
    return replace(checkpoint, weights=weights)


def _find_biases(logits: NDArray[np.float32], codes: NDArray[np.uint8], rare: Sequence[int]) -> NDArray[np.float32]:
    """One for each phase, zero but for those that are rare: each of these in turn, the rarest first, twice."""
    biases, counts = np.zeros(len(logits), np.float32), np.bincount(codes, minlength=len(logits))
    order = sorted(rare, key=counts.__getitem__)
    for code in (*order, *order):
        others = logits + biases[:, None]
        others[code] = -np.inf
        rival, best_other = others.max(axis=0), others.argmax(axis=0)
        scores = [
            _log_iou(np.where(logits[code] + bias > rival, code, best_other), codes, len(logits)) for bias in _BIASES
        ]
        biases[code] = _BIASES[int(np.argmax(scores))]
    return biases


def _read_logits(checkpoint: Checkpoint, data: AnnotatedSlices) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
    """Logits (phases, voxels), up to a constant that cancels, and codes of annotated voxels, evenly spread."""
    segmenter, logits, codes = segmenter_of(checkpoint), list[NDArray[np.float32]](), list[NDArray[np.uint8]]()
    chosen = data.slices[:: -(-len(data.slices) // _SLICES)]
    for item in chosen:
        volume, known = item.as_volume(data.voxel_size), item.codes != NOT_ANNOTATED
        scores = segmenter.fit_to(volume).scores(volume.read_channels(), item.block)[:, 0, known]
        every = -(-scores.shape[1] * len(chosen) // _VOXELS)
        each = np.log(np.maximum(scores[:, ::every], 1e-12)) * checkpoint.card.temperature
        logits.append(each.astype(np.float32))
        codes.append(item.codes[known][::every])
    return np.concatenate(logits, axis=1), np.concatenate(codes)


def _log_iou(predicted: NDArray[np.intp], codes: NDArray[np.uint8], phases: int) -> float:
    """Mean logarithm of the IoU over the phases that occur."""
    counts = np.bincount(codes.astype(np.intp) * phases + predicted, minlength=phases**2).reshape(phases, phases)
    either = counts.sum(axis=0) + counts.sum(axis=1) - np.diag(counts)
    return float(np.mean(np.log(np.diag(counts)[either > 0] / either[either > 0] + _LEAST_IOU)))
