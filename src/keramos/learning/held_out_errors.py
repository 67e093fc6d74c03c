"""Confusions of a model on held-out squares of the annotation, so that two models can be compared square by square."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.hold_out import number_squares
from keramos.networks import Checkpoint
from keramos.scoring import headline_iou
from keramos.segmenters import planes_of, segmenter_of

_MOST_PIXELS = 2**23
"""Of all slices looked at: some seconds for each model."""


def count_by_square(model: Checkpoint, held_out: AnnotatedSlices, device: str = "cpu") -> NDArray[np.int64]:
    """Confusions (squares, K, K; truth along rows) of a model on the squares that are held out, of all slices of a
    stack together; of many or large slices some are looked at, evenly spread."""
    segmenter, phases = segmenter_of(model, device=device), len(held_out.phases)
    counts: dict[tuple[str, str, int], NDArray[np.int64]] = {}
    held_out = held_out.with_planes(planes_of(model.card.architecture))
    largest = max(item.codes.size for item in held_out.slices)
    most = max(1, _MOST_PIXELS // largest)
    for item in held_out.slices[:: -(-len(held_out.slices) // most)]:
        volume, known = item.as_volume(held_out.voxel_size), item.codes != NOT_ANNOTATED
        predicted = segmenter.fit_to(volume).scores(volume.read_channels(), item.block)[:, 0].argmax(axis=0)[known]
        numbers, true = number_squares(item.codes.shape)[known], item.codes[known]
        for square in np.unique(numbers).tolist():
            inside = numbers == square
            place = true[inside].astype(np.int64) * phases + predicted[inside]
            confusion = np.bincount(place, minlength=phases**2).reshape(phases, phases)
            key = (item.image, item.source, square)
            counts[key] = counts.get(key, 0) + confusion
    return np.stack([counts[key] for key in sorted(counts)])


def compare_by_square(before: NDArray[np.int64], after: NDArray[np.int64], positive: int) -> tuple[float, float | None]:
    """The gain in IoU from one model to another on the same squares, and its standard error: the jackknife's, which
    leaves out each square in turn, of both alike. None for a single square.

    Example:
        >>> before = np.array([[[8, 2], [0, 10]], [[6, 4], [0, 10]]])
        >>> after = np.array([[[9, 1], [0, 10]], [[8, 2], [0, 10]]])
        >>> [round(value, 3) for value in compare_by_square(before, after, 1)]
        [0.1, 0.022]
    """
    count = len(before)
    gain = float(headline_iou(after.sum(axis=0), positive) - headline_iou(before.sum(axis=0), positive))
    if count < 2:
        return gain, None
    without = headline_iou(after.sum(axis=0) - after, positive) - headline_iou(before.sum(axis=0) - before, positive)
    known = without[~np.isnan(without)]
    return gain, float(np.sqrt((count - 1) * np.var(known))) if known.size > 1 else None
