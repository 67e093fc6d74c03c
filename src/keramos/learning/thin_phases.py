"""Tubes along the middle of phases that are rare and thin, as cracks are: what a training must not miss of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation, label, sum_labels
from skimage.morphology import skeletonize
from torch import Tensor

from keramos.core import NOT_ANNOTATED
from keramos.learning.annotated import AnnotatedSlices
from keramos.learning.crop_centres import find_rare_phases
from keramos.learning.loss import SMOOTHING

_TUBE_WIDTH = 5
"""Pixels; a crack of a few pixels is its own tube, so that its outlines count as much as its middle."""
_LEAST_ELONGATION = 3.0
"""Of pieces, their skeleton's length over their mean width, the median by area. Cracks of a coating have 14, small
precipitates of a superalloy 0.4."""


def find_thin_phases(data: AnnotatedSlices) -> list[int]:
    """Codes of the rare phases whose pieces are long and thin.

    Example:
        >>> from keramos.core import PhaseTable
        >>> from keramos.learning import AnnotatedSlice
        >>> codes = np.zeros((90, 90), np.uint8)
        >>> codes[10:13, 10:80], codes[40:50, 40:50] = 1, 2
        >>> table = PhaseTable.from_names(["matrix", "crack", "pore"])
        >>> find_thin_phases(AnnotatedSlices((AnnotatedSlice(codes, codes, "a.tif", 0),), table, None))
        [1]
    """
    return [phase for phase in find_rare_phases(data) if _elongation(data, phase) >= _LEAST_ELONGATION]


def _elongation(data: AnnotatedSlices, phase: int) -> float:
    """Length over width of the piece in the middle, by area."""
    areas, lengths = list[NDArray[np.float64]](), list[NDArray[np.float64]]()
    for item in data.slices:
        mask = item.codes == phase
        pieces, count = label(mask, np.ones((3, 3)))
        numbers = np.arange(1, count + 1)
        areas.append(sum_labels(mask, pieces, numbers))
        lengths.append(sum_labels(skeletonize(mask), pieces, numbers))
    area, length = np.concatenate(areas), np.concatenate(lengths)
    ratios = length**2 / area
    order = np.argsort(ratios)
    shares = np.cumsum(area[order])
    return float(ratios[order[np.searchsorted(shares, shares[-1] / 2)]])


def draw_tubes(codes: NDArray[np.uint8], phases: Sequence[int]) -> NDArray[np.uint8]:
    """Codes (Y X) of those `phases` along their skeletons, five pixels wide but never beyond the phase; 255 elsewhere.

    Example:
        >>> codes = np.zeros((12, 40), np.uint8)
        >>> codes[5:8, 4:36], codes[0:1] = 1, 2
        >>> tubes = draw_tubes(codes, [1])
        >>> np.unique(tubes).tolist(), bool((codes[tubes == 1] == 1).all()), bool((tubes[5:8, 8:32] == 1).all())
        ([1, 255], True, True)
    """
    tubes = np.full_like(codes, NOT_ANNOTATED)
    for phase in phases:
        mask = codes == phase
        if mask.any():
            tubes[binary_dilation(skeletonize(mask), np.ones((_TUBE_WIDTH,) * 2, bool), mask=mask)] = phase
    return tubes


def skeleton_recall(logits: Tensor, tubes: Tensor, phases: Sequence[int]) -> Tensor:
    """1 - the soft recall of the tubes, averaged over those `phases` that have any here: the skeleton recall loss of
    Kirchhoff et al. 2024 (ECCV), for logits (N, C, Y, X) and tubes (N, Y, X) as `draw_tubes` has them.

    A thin phase is few pixels, of which the cross-entropy knows little and whose Dice counts its blurred outlines as
    much as its course. This counts what is missed of the course and nothing else: a network that learns by it sees too
    much of the phase, which the balance of rare phases takes back.
    """
    scores = logits.softmax(dim=1)
    missed, present = logits.new_zeros(()), logits.new_zeros(())
    for phase in phases:
        tube = (tubes == phase).to(scores.dtype)
        length = tube.sum()
        missed = missed + 1 - ((scores[:, phase] * tube).sum() + SMOOTHING) / (length + SMOOTHING)
        present = present + (length > 0)
    return missed / torch.clamp(present, min=1)
