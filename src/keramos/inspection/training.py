"""What is probably wrong with a training: its labels, or how long it was."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.blocks import Block
from keramos.core import NOT_ANNOTATED, Box, VoxelSize
from keramos.inspection.finding import Finding
from keramos.inspection.shift import LabelShift, label_shift
from keramos.learning import AnnotatedSlice, AnnotatedSlices
from keramos.networks import ModelCard
from keramos.segmenters import Segmenter, decide

FEW_VOXELS = 1000
"""A square of 32 pixels. A phase with fewer annotated voxels is seen in one or two places only."""
JUDGED_VOXELS = 200
_STILL_FALLING = 0.03
"""By which the loss of the last fifth of a training lies below that of its second fifth, if there was something to
learn. In trainings on labels without a meaning it was 0.008, in those that were too short 0.09 to 0.35."""
_FEWEST_ROWS = 5
_EDGE = 512


def training_findings(card: ModelCard, data: AnnotatedSlices, predictor: Segmenter | None = None) -> list[Finding]:
    """What is off with the training that the card tells of, on these slices; nothing where all seems well.

    `predictor` is the trained model: with it, phases are found that it never gives. A phase with few annotated voxels,
    or a network that has not learnt, explains that already.
    """
    voxels = data.phase_voxels()
    few = [code for code, number in enumerate(voxels) if number < FEW_VOXELS]
    findings = [_few(data, code, voxels) for code in few]
    shift = label_shift(data)
    if shift is not None:
        findings.append(Finding("labels shifted", _shifted(shift)))
    not_learnt = _not_learnt(card)
    if not_learnt is not None:
        return [*findings, not_learnt]
    return findings + ([] if predictor is None else _never_given(predictor, data, few))


def _few(data: AnnotatedSlices, code: int, voxels: Collection[int]) -> Finding:
    name, number = data.phases.names[code], list(voxels)[code]
    how_many = f"no voxel of {name} is" if number == 0 else f"only {number:,} voxels of {name} are"
    return Finding(
        "few annotated voxels",
        f"{how_many} annotated, of {sum(voxels):,} in all: too few to learn what it looks like; annotate at least "
        f"{FEW_VOXELS:,} of it, in several places",
    )


def _shifted(shift: LabelShift) -> str:
    moves = [_move(shift.rows, "down", "up"), _move(shift.columns, "to the right", "to the left")]
    where = " and ".join(move for move in moves if move)
    return (
        f"the labels are probably shifted against the image: moved {'at least ' if shift.at_least else ''}{where} they "
        f"fit better (grey values jump by {shift.jump_there:.3g} across their outlines there, by {shift.jump_here:.3g} "
        "where they are); see how they were exported or registered"
    )


def _move(pixels: int, positive: str, negative: str) -> str:
    number = abs(pixels)
    return f"{number} pixel{'s' if number > 1 else ''} {positive if pixels > 0 else negative}" if number else ""


def _not_learnt(card: ModelCard) -> Finding | None:
    """A network that is not half way from calling everything the positive phase to being right."""
    iou, counts = card.scores.get("training_iou"), card.training.phase_voxels
    if iou is None or not card.training.curve or not sum(counts):
        return None
    name, trivial = card.phase_table.names[card.positive], counts[card.positive] / sum(counts)
    if iou >= (1 + trivial) / 2:
        return None
    falling = still_falling(card.training.curve)
    advice = (
        "the loss was still falling at the end: train longer (--budget or --epochs)"
        if falling
        else "the loss no longer fell: see whether the labels fit the images and every phase has its right value"
    )
    return Finding(
        "not learnt",
        f"on the slices that it learnt from, the network reaches an IoU of only {iou:.3f} for {name} (calling "
        f"everything {name} gives {trivial:.3f}); {advice}",
    )


def still_falling(curve: Collection[Mapping[str, Any]]) -> bool:
    """Whether the loss fell until the training ended; True for a training of very few steps."""
    losses = np.array([row["loss"] for row in curve])
    if len(losses) < _FEWEST_ROWS:
        return True
    fifths = [float(part.mean()) for part in np.array_split(losses, 5)]
    return fifths[-1] < (1 - _STILL_FALLING) * fifths[1]


def _never_given(predictor: Segmenter, data: AnnotatedSlices, few: Collection[int]) -> list[Finding]:
    """Phases that the model gives nowhere in a window where they are annotated. Of two phases the IoU tells that."""
    findings: list[Finding] = []
    if len(data.phases) == 2:
        return findings
    for code in sorted(set(range(len(data.phases))) - set(few)):
        item = data.slices[int(np.argmax([np.count_nonzero(item.codes == code) for item in data.slices]))]
        true, found = _window(predictor, item, code, data.voxel_size)
        annotated = int(np.count_nonzero(true == code))
        if annotated >= JUDGED_VOXELS and not np.any(found[true != NOT_ANNOTATED] == code):
            name = data.phases.names[code]
            text = (
                f"the model never gives {name}, not even where it was annotated ({annotated:,} voxels looked at in "
                f"slice {item.z}); train longer, or annotate more of it"
            )
            findings.append(Finding("phase never predicted", text))
    return findings


def _window(
    predictor: Segmenter, item: AnnotatedSlice, code: int, voxel_size: VoxelSize | None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """True and found codes (Y X) of a window around a voxel of the phase, so that large slices take no longer."""
    places = np.argwhere(item.codes == code)
    middle = places[len(places) // 2] if len(places) else np.array(item.codes.shape) // 2
    start = [int(np.clip(m - _EDGE // 2, 0, max(n - _EDGE, 0))) for m, n in zip(middle, item.codes.shape, strict=True)]
    stop = [min(a + _EDGE, n) for a, n in zip(start, item.codes.shape, strict=True)]
    volume = item.as_volume(voxel_size)
    cut = volume.crop(Box((0, start[0], start[1]), (volume.shape[0], stop[0], stop[1])))
    middle_slice = cut.shape[0] // 2
    core = Box((middle_slice, 0, 0), (middle_slice + 1, *cut.shape[1:]))
    ready = predictor.fit_to(cut, lambda *_: None)
    found = decide(ready.scores(cut.read(), Block(0, core, Box.whole(cut.shape))))[0]
    return item.codes[start[0] : stop[0], start[1] : stop[1]], found
