"""The model file of a training, with its score on the slices it was made from; and an unfinished one."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from keramos.core import NOT_ANNOTATED, Finding
from keramos.learning.annotated import AnnotatedSlices
from keramos.networks import Checkpoint, ModelCard, load_checkpoint, save_checkpoint
from keramos.segmenters import Segmenter, decide, segmenter_of


@dataclass(frozen=True)
class TrainResult:
    """The model file and its card; `stopped` says that the training was interrupted and the model saved as it was;
    `findings` say what is probably wrong with the labels or the training (`keramos.train` looks for it)."""

    path: Path
    card: ModelCard
    stopped: bool = False
    findings: tuple[Finding, ...] = ()


def save_model(
    out: Path, checkpoint: Checkpoint, data: AnnotatedSlices, *, scored_slices: int, stopped: bool
) -> TrainResult:
    """Write the model with its score on at most `scored_slices` of the slices it was made from, which is a check, not a
    test."""
    iou = _training_iou(segmenter_of(checkpoint), data, scored_slices) if scored_slices else None
    scores = {} if iou is None else {"training_iou": iou}
    card = checkpoint.card.model_copy(update={"scores": {**checkpoint.card.scores, **scores}})
    save_checkpoint(out, card, checkpoint.weights)
    return TrainResult(out, load_checkpoint(out).card, stopped)


def _training_iou(segmenter: Segmenter, data: AnnotatedSlices, slices: int) -> float | None:
    """IoU of the positive phase over the annotated voxels of at most so many of the annotated slices."""
    positive, both, either = data.phases.positive, 0, 0
    for item in data.pick(slices):
        volume = item.as_volume(data.voxel_size)
        codes = decide(segmenter.fit_to(volume).scores(volume.read_channels(), item.block))[0]
        known = item.codes != NOT_ANNOTATED
        predicted, true = (codes == positive) & known, item.codes == positive
        both, either = both + int(np.sum(predicted & true)), either + int(np.sum(predicted | true))
    return both / either if either else None


def save_unfinished(out: Path, checkpoint: Checkpoint) -> None:
    note = "unfinished: saved during the training, train on with --from"
    save_checkpoint(path_of_unfinished(out), checkpoint.card.model_copy(update={"notes": note}), checkpoint.weights)


def path_of_unfinished(out: Path) -> Path:
    return out.with_name(f"{out.stem}.unfinished{out.suffix}")
