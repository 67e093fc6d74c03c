"""Checks of a training: whether enough was annotated, and whether it was long enough."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, Finding, VoxelSize
from keramos.inspection.check import Check
from keramos.learning import AnnotatedSlice, AnnotatedSlices
from keramos.networks import ModelCard
from keramos.segmenters import Segmenter, decide

FEW_VOXELS = 1000
"""A square of 32 pixels. A phase with fewer annotated voxels is seen in one or two places only."""
FEWEST_VOXELS = 200
"""Nothing is said of a phase with fewer voxels than this."""
_STILL_FALLING = 0.03
"""The fall of the loss from the second to the last fifth of a training, as a share, above which it had something left
to learn. In trainings on labels without a meaning it was 0.008, in those that were too short 0.09 to 0.35."""
_FEWEST_ROWS = 5
_EDGE = 512


def check_training(card: ModelCard, data: AnnotatedSlices, segmenter: Segmenter | None = None) -> list[Finding]:
    """Findings about the training that the card describes, on these slices; none where all seems well.

    With `segmenter`, the trained model, phases are named that it never gives, unless few annotated voxels or a network
    that has not learnt explain that.
    """
    voxels = data.phase_voxels()
    few = [code for code, number in enumerate(voxels) if number < FEW_VOXELS]
    findings = [_few_voxels(data, code, voxels) for code in few]
    not_learnt = _not_learnt(card)
    if not_learnt is not None:
        return [*findings, not_learnt]
    return findings + ([] if segmenter is None else _absent_phases(segmenter, data, few))


def _few_voxels(data: AnnotatedSlices, code: int, voxels: Collection[int]) -> Finding:
    name, number = data.phases.names[code], list(voxels)[code]
    how_many = f"no voxel of {name} is" if number == 0 else f"only {number:,} voxels of {name} are"
    return Finding(
        "few-annotated-voxels",
        f"{how_many} annotated, of {sum(voxels):,} in all",
        "too few to learn what it looks like",
        f"annotate at least {FEW_VOXELS:,} of it, in several places",
    )


def _not_learnt(card: ModelCard) -> Finding | None:
    """A network that is not half way from calling everything the positive phase to being right."""
    iou, counts = card.scores.get("training_iou"), card.training.phase_voxels
    if iou is None or not card.training.curve or not sum(counts):
        return None
    name, trivial = card.phase_table.names[card.positive], counts[card.positive] / sum(counts)
    if iou >= (1 + trivial) / 2:
        return None
    falling = is_still_falling(card.training.curve)
    course = "was still falling at the end" if falling else "no longer fell"
    return Finding(
        "not-learnt",
        f"on the slices that it learnt from, the network reaches an IoU of only {iou:.3f} for {name} (calling "
        f"everything {name} gives {trivial:.3f}); the loss {course}",
        "expect a poor segmentation",
        ("train to the end (--full-budget)" if card.training.stopped_early else "train longer (--budget or --epochs)")
        if falling
        else "see whether the labels fit the images and every phase has its right value",
    )


def is_still_falling(curve: Collection[Mapping[str, Any]]) -> bool:
    """Whether the loss fell until the training ended; True for a training of very few steps."""
    losses = np.array([row["loss"] for row in curve])
    if len(losses) < _FEWEST_ROWS:
        return True
    fifths = [float(part.mean()) for part in np.array_split(losses, 5)]
    return fifths[-1] < (1 - _STILL_FALLING) * fifths[1]


def _absent_phases(segmenter: Segmenter, data: AnnotatedSlices, few: Collection[int]) -> list[Finding]:
    """Phases that the model gives nowhere in a window where they are annotated. Of two phases the IoU tells that."""
    findings: list[Finding] = []
    if len(data.phases) == 2:
        return findings
    for code in sorted(set(range(len(data.phases))) - set(few)):
        item = data.slices[int(np.argmax([np.count_nonzero(item.codes == code) for item in data.slices]))]
        true, predicted = _segment_window(segmenter, item, code, data.voxel_size)
        annotated = int(np.count_nonzero(true == code))
        if annotated >= FEWEST_VOXELS and not np.any(predicted[true != NOT_ANNOTATED] == code):
            name = data.phases.names[code]
            findings.append(
                Finding(
                    "phase-never-predicted",
                    f"the model never gives {name}, not even where it was annotated ({annotated:,} voxels looked at in "
                    f"slice {item.z})",
                    f"a segmentation will have no {name}",
                    "train longer, or annotate more of it",
                    slices=(item.z,),
                )
            )
    return findings


def _segment_window(
    segmenter: Segmenter, item: AnnotatedSlice, code: int, voxel_size: VoxelSize | None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """True and predicted codes (Y X) of a window around a voxel of the phase, so that large slices take no longer."""
    places = np.argwhere(item.codes == code)
    middle = places[len(places) // 2] if len(places) else np.array(item.codes.shape) // 2
    start = [int(np.clip(m - _EDGE // 2, 0, max(n - _EDGE, 0))) for m, n in zip(middle, item.codes.shape, strict=True)]
    stop = [min(a + _EDGE, n) for a, n in zip(start, item.codes.shape, strict=True)]
    volume = item.as_volume(voxel_size)
    cut = volume.crop(Box((0, start[0], start[1]), (volume.shape[0], stop[0], stop[1])))
    middle_slice = cut.shape[0] // 2
    core = Box((middle_slice, 0, 0), (middle_slice + 1, *cut.shape[1:]))
    ready = segmenter.fit_to(cut, lambda *_: None)
    predicted = decide(ready.scores(cut.read_channels(), Block(0, core, Box.whole(cut.shape))))[0]
    return item.codes[start[0] : stop[0], start[1] : stop[1]], predicted


TRAINING = Check("training", "training", check_training)
