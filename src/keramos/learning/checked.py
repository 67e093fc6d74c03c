"""Check a trained network on what was held out: its IoU there, and the temperature that makes its scores honest."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from keramos.core import NOT_ANNOTATED
from keramos.learning.annotated import AnnotatedSlices
from keramos.networks import Checkpoint
from keramos.scoring import fit_temperature
from keramos.segmenters import segmenter_of

_SLICES, _VOXELS = 16, 2**20


def checked(found: Checkpoint, held_out: AnnotatedSlices) -> Checkpoint:
    """`found` with the temperature fitted to voxels of at most 16 of the slices, and with `held_out_iou` of the
    positive phase in its card. The temperature moves no decision, so that the IoU is of voxels nothing was fitted to.
    """
    segmenter, positive = segmenter_of(found), held_out.phases.positive
    logits, codes, both, either = [], [], 0, 0
    chosen = held_out.slices[:: -(-len(held_out.slices) // _SLICES)]
    for item in chosen:
        volume, known = item.as_volume(held_out.voxel_size), item.codes != NOT_ANNOTATED
        scores = segmenter.fit_to(volume, lambda *_: None).scores(volume.read(), item.block)[:, 0, known]
        true, decided = item.codes[known], scores.argmax(axis=0)
        both += int(np.sum((decided == positive) & (true == positive)))
        either += int(np.sum((decided == positive) | (true == positive)))
        every = -(-len(true) * len(chosen) // _VOXELS)
        # Logarithms of scores are logits, up to a constant that cancels, over the temperature of `found`.
        logits.append(np.log(np.maximum(scores[:, ::every], 1e-12)) * found.card.temperature)
        codes.append(true[::every])
    temperature = fit_temperature(np.concatenate(logits, axis=1), np.concatenate(codes))
    scores_of_card = {**found.card.scores, "held_out_iou": both / either} if either else found.card.scores
    return replace(found, card=found.card.model_copy(update={"temperature": temperature, "scores": scores_of_card}))
