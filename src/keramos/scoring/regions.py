"""How often a prediction is wrong in the hard places: counts for each named region, from whole slices."""

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
    """What happens in one region. `error` is wrong / all of its annotated voxels; None where there is none.

    A patch is a part of the region that hangs together in one slice, over corners too; it is found where the
    prediction is right in at least half of its voxels.
    """

    name: str
    voxels: int
    wrong: int
    error: float | None
    patches: int
    patches_found: int


@dataclass(frozen=True, eq=False)
class RegionCounts:
    """Counts for each region (4, R): voxels, wrong ones, patches, found ones. Sums are those of the whole."""

    counts: NDArray[np.int64]

    def __add__(self, other: RegionCounts) -> RegionCounts:
        return RegionCounts(self.counts + other.counts)


def count_regions(
    prediction: NDArray[np.uint8], truth: NDArray[np.uint8], bits: NDArray[np.uint8], regions: int
) -> RegionCounts:
    """Counts over whole slices (Z Y X): phase codes, 255 where not annotated, and a bit for each region.

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
        known = true != NOT_ANNOTATED
        right = predicted == true
        for region in range(regions):
            inside = known & (places >> np.uint8(region) & 1).astype(bool)
            if not inside.any():
                continue
            counts[:2, region] += np.count_nonzero(inside), np.count_nonzero(inside & ~right)
            counts[2:, region] += _patches(inside, right)
    return RegionCounts(counts)


def compute_region_scores(counts: RegionCounts, names: Sequence[str]) -> tuple[RegionScore, ...]:
    """The scores of all regions, in their order."""
    errors = ratio(counts.counts[1], counts.counts[0])
    rows = zip(names, *counts.counts.tolist(), errors, strict=True)
    return tuple(
        RegionScore(name, voxels, wrong, number(error), patches, found)
        for name, voxels, wrong, patches, found, error in rows
    )


def _patches(inside: NDArray[np.bool_], right: NDArray[np.bool_]) -> tuple[int, int]:
    """How many patches there are, and in how many at least half is right."""
    numbers, count = label(inside, _CORNERS)
    size = np.bincount(numbers.ravel(), minlength=count + 1)[1:]
    hits = np.bincount(numbers[right], minlength=count + 1)[1:]
    return int(count), int(np.count_nonzero(2 * hits >= size))
