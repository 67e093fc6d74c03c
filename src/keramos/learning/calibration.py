"""Validation and calibration of a trained network on held-out places: its IoU there, and the temperature of its logits
(Guo et al. 2017)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from keramos.core import NOT_ANNOTATED
from keramos.learning.annotated import AnnotatedSlices
from keramos.networks import Checkpoint
from keramos.scoring import fit_temperature
from keramos.segmenters import planes_of, segmenter_of

_SLICES, _VOXELS = 16, 2**20


def calibrate(checkpoint: Checkpoint, held_out: AnnotatedSlices, *, keep_temperature: bool = False) -> Checkpoint:
    """The checkpoint with the temperature fitted to voxels of at most 16 of the slices, and with `held_out_iou` of the
    positive phase in its card. The temperature moves no decision, so that it is not fitted to what the IoU measures.

    `keep_temperature` is for weights that go on from calibrated ones on a material that these know. People err at
    outlines, and a temperature fitted to what they draw makes scores underconfident: up to 2.9 in place of 1.1, and
    calibration errors against the truth of up to 0.09 in place of 0.01 (`benchmarks/results/averaging.json`).
    """
    card, segmenter, positive = checkpoint.card, segmenter_of(checkpoint), held_out.phases.positive
    held_out = held_out.with_planes(planes_of(card.architecture))
    logits, codes, both, either = [], [], 0, 0
    chosen = held_out.pick(_SLICES)
    for item in chosen:
        volume, known = item.as_volume(held_out.voxel_size), item.codes != NOT_ANNOTATED
        scores = segmenter.fit_to(volume).scores(volume.read_channels(), item.block)[:, 0, known]
        true, predicted = item.codes[known], scores.argmax(axis=0)
        both += int(np.sum((predicted == positive) & (true == positive)))
        either += int(np.sum((predicted == positive) | (true == positive)))
        if keep_temperature:
            continue
        every = -(-len(true) * len(chosen) // _VOXELS)
        # Logarithms of scores are logits, up to a constant that cancels, over the checkpoint's temperature.
        logits.append(np.log(np.maximum(scores[:, ::every], 1e-12)) * card.temperature)
        codes.append(true[::every])
    scores_of_card = {**card.scores, "held_out_iou": both / either} if either else card.scores
    kept = card.temperature
    temperature = kept if keep_temperature else fit_temperature(np.concatenate(logits, axis=1), np.concatenate(codes))
    calibrated = card.model_copy(update={"temperature": temperature, "scores": scores_of_card})
    return replace(checkpoint, card=calibrated)
