"""The errors of a segmentation on annotated slices, of quantities that a slice shows: fractions, surface, intercepts.

The truth is compared with the labels window by window, so that the spread between windows says how sure the comparison
is. It is the difference and ratio estimator of survey sampling (Cochran, Sampling Techniques, 1977, section 6.2;
Olofsson et al., Remote Sensing of Environment 148, 42, 2014): measured everywhere with error, known in a part.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import ceil, sqrt

import numpy as np
from numpy.typing import NDArray

from keramos.core import NOT_ANNOTATED, VoxelSize
from keramos.measurements.counting.directions import IN_PLANE, plane_weights
from keramos.measurements.counting.interval import Spread, spread_few_windows

_MIN_EDGE = 6
_MAX_ALONG_AXIS = 16
"""Windows along an axis: more would be merged again."""
_BETWEEN_SLICES = sqrt(2)
"""Windows within a slice cannot show what moves all its borders the same way, such as its brightness. Its variance is
counted as large as theirs: with that, intervals of the fraction hold on phantoms, which they do not quite without
(numbers 0 to 24 of benchmarks/segmentation_interval.py)."""


@dataclass(frozen=True, eq=False)
class AnnotatedSlices:
    """Slices with annotated voxels: recalibrated `scores` (phases, slices, Y, X), codes of the labels and true ones
    (slices, Y, X), 255 where not annotated."""

    scores: NDArray[np.float32]
    labels: NDArray[np.uint8]
    truth: NDArray[np.uint8]
    voxel_size: VoxelSize


@dataclass(frozen=True)
class BiasEstimate:
    """A correction that makes a measured value right on the annotated slices: a factor, or an addend."""

    value: float
    spread: Spread


def fraction_error(slices: AnnotatedSlices, code: int) -> BiasEstimate | None:
    """The recalibrated scores' mean error of a phase's fraction: true fraction less mean score, about 0; None where
    the annotated part is too small to say how sure that is."""
    annotated = slices.truth != NOT_ANNOTATED
    error = np.where(annotated, (slices.truth == code) - slices.scores[code], 0)
    count = max(1, int(np.count_nonzero(annotated)))
    value = float(error.sum()) / count
    estimate = _estimate(value, (_windows(error) - value * _windows(annotated)) / count, slices)
    if estimate is None:
        return None
    spread = replace(estimate.spread, standard_error=estimate.spread.standard_error * _BETWEEN_SLICES)
    return replace(estimate, spread=spread)


def surface_ratio(slices: AnnotatedSlices, code: int) -> BiasEstimate | None:
    """True outline of a phase over that of the labels, both by Crofton's formula over 4 directions extrapolated from
    pairs of pixels one and two apart; None where the labels have none or the annotated part is too small."""
    true, labelled = (_outline(slices, codes, code) for codes in (slices.truth, slices.labels))
    if labelled.sum() <= 0:
        return None
    ratio = float(true.sum() / labelled.sum())
    return _estimate(ratio, (true - ratio * labelled) / labelled.sum(), slices)


def intercept_ratio(slices: AnnotatedSlices, code: int, axis: int) -> BiasEstimate | None:
    """True mean intercept length of a phase along Y (1) or X (2) over that of the labels; None as for the surface.

    Length in the phase over half the crossings (Underwood, Quantitative Stereology, 1970, section 4.2).
    """
    annotated = slices.truth != NOT_ANNOTATED
    down, right = (1, 0) if axis == 1 else (0, 1)
    length, ends = [], []
    for codes in (slices.truth, slices.labels):
        length.append(_windows((codes == code) & annotated))
        ends.append(_windows(_crossings(slices, codes, code, down, right)[0]))
    if min(float(part.sum()) for part in (*length, *ends)) <= 0:
        return None
    ratio = float(length[0].sum() / length[1].sum() * ends[1].sum() / ends[0].sum())
    share = [part / part.sum() for part in (*length, *ends)]
    return _estimate(ratio, ratio * (share[0] - share[1] - share[2] + share[3]), slices)


def _outline(slices: AnnotatedSlices, codes: NDArray[np.uint8], code: int) -> NDArray[np.float64]:
    """The share of each window in the phase's outline per annotated area."""
    outline = np.zeros(1)
    weights = plane_weights(slices.voxel_size)
    for step, share in ((1, 2.0), (2, -0.5)):
        for (down, right), weight in zip(IN_PLANE, weights, strict=True):
            crosses, pairs = _crossings(slices, codes, code, step * down, step * right)
            outline = outline + share * weight * _windows(crosses) / max(1, np.count_nonzero(pairs))
    return np.asarray(outline, float)


def _crossings(
    slices: AnnotatedSlices, codes: NDArray[np.uint8], code: int, down: int, right: int
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Masks (slices, Y, X) of the first pixels of annotated pairs with the phase at one end, and of all pairs."""
    annotated, filled = slices.truth != NOT_ANNOTATED, codes == code
    _, height, width = annotated.shape
    first = (slice(None), slice(0, height - down), slice(max(0, -right), width - max(0, right)))
    second = (slice(None), slice(down, height), slice(max(0, right), width + min(0, right)))
    crosses, pairs = np.zeros(annotated.shape, bool), np.zeros(annotated.shape, bool)
    pairs[first] = annotated[first] & annotated[second]
    crosses[first] = pairs[first] & (filled[first] != filled[second])
    return crosses, pairs


def _windows(values: NDArray) -> NDArray[np.float64]:  # type: ignore[type-arg]
    """Sums over square windows of each slice (1, slices x windows along Y, windows along X)."""
    _, height, width = values.shape
    edge = max(_MIN_EDGE, ceil(max(height, width) / _MAX_ALONG_AXIS))
    sums = np.add.reduceat(values.astype(np.float64), np.arange(0, height, edge), axis=1)
    sums = np.add.reduceat(sums, np.arange(0, width, edge), axis=2)
    return sums.reshape(1, -1, sums.shape[2])


def _estimate(value: float, deviations: NDArray[np.float64], slices: AnnotatedSlices) -> BiasEstimate | None:
    """A correction with the spread of the deviations; windows without an annotated voxel count for nothing."""
    spread = spread_few_windows(deviations, _windows(slices.truth != NOT_ANNOTATED) > 0)
    return None if spread is None else BiasEstimate(value, spread)
