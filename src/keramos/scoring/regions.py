"""Error rates of a prediction in hard regions, counted in whole slices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import label

from keramos.core import NOT_ANNOTATED
from keramos.core.errors import ShapeError
from keramos.scoring.ratios import number, ratio

_CORNERS = np.ones((3, 3))


@dataclass(frozen=True, slots=True)
class RegionScore:
    """Score of one region.

    Attributes:
        name: of the region.
        voxels, wrong: numbers of annotated voxels, and of those predicted wrongly.
        error: wrong / voxels; None without any.
        patches: number of connected parts of the region in single slices (8-connected).
        patches_found: number of patches in which the prediction is right in at least half of the voxels.
    """

    name: str
    voxels: int
    wrong: int
    error: float | None
    patches: int
    patches_found: int


@dataclass(frozen=True, eq=False)
class RegionCounts:
    """Counts (4, regions): voxels, wrong voxels, patches, detected patches. Sums over parts are those of the whole."""

    counts: NDArray[np.int64]

    def __add__(self, other: RegionCounts) -> RegionCounts:
        return RegionCounts(self.counts + other.counts)


def count_regions(
    prediction: NDArray[np.uint8], truth: NDArray[np.uint8], bits: NDArray[np.uint8], regions: int
) -> RegionCounts:
    """Counts of whole slices. All arrays are Z Y X: phase codes, 255 where unannotated, and `bits` of the regions.

    Raises:
        ShapeError: the three differ in shape.
    """
    if not prediction.shape == truth.shape == bits.shape:
        raise ShapeError(
            f"expected prediction, truth and regions of one shape (z, y, x), found {prediction.shape}, {truth.shape} "
            f"and {bits.shape}"
        )
    counts = np.zeros((4, regions), np.int64)
    for predicted, true, places in zip(prediction, truth, bits, strict=True):
        annotated = true != NOT_ANNOTATED
        right = predicted == true
        for region in range(regions):
            inside = annotated & (places >> np.uint8(region) & 1).astype(bool)
            if not inside.any():
                continue
            counts[:2, region] += np.count_nonzero(inside), np.count_nonzero(inside & ~right)
            counts[2:, region] += _count_patches(inside, right)
    return RegionCounts(counts)


def compute_region_scores(counts: RegionCounts, names: Sequence[str]) -> tuple[RegionScore, ...]:
    """Scores of all regions, in their order."""
    errors = ratio(counts.counts[1], counts.counts[0])
    rows = zip(names, *counts.counts.tolist(), errors, strict=True)
    return tuple(
        RegionScore(name, voxels, wrong, number(error), patches, detected)
        for name, voxels, wrong, patches, detected, error in rows
    )


def _count_patches(inside: NDArray[np.bool_], right: NDArray[np.bool_]) -> tuple[int, int]:
    """Number of patches, and of those in which at least half is right."""
    numbers, count = label(inside, _CORNERS)
    size = np.bincount(numbers.ravel(), minlength=count + 1)[1:]
    hits = np.bincount(numbers[right], minlength=count + 1)[1:]
    return int(count), int(np.count_nonzero(2 * hits >= size))
