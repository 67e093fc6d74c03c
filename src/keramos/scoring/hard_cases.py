"""Error rates in the cases that Hirabayashi et al. 2024 call hard for thresholds and networks.

dark and bright parts of the slice (shading) · small voids · void as bright as solid (the floor shines through)
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, label

from keramos.core import NOT_ANNOTATED
from keramos.scoring.ratios import number

SMALL_NM = 250.0
SMALL_PIXELS = 12.0
"""Largest diameter of a small patch where the voxel size is unknown."""
_LEAST_PIXELS = 4  # of a small patch: fewer are specks of the labelling
_SHADE_SHARE = 0.06  # of the slice's longer edge: wider than grains and voids, narrower than the gradient
_CORNERS = np.ones((3, 3))


@dataclass(frozen=True, slots=True)
class HardCases:
    """Error rates from 0 to 1, None where there is nothing to count. "Positive" is the phase of interest.

    Attributes:
        false_negative_rate_dark, false_negative_rate_bright: share of the positive voxels that were missed, in the
            darkest and the brightest third of the slice (by the brightness of the surroundings).
        false_positive_rate_dark, false_positive_rate_bright: share of the other voxels there that were labelled
            positive.
        small_patches: number of small patches of the other phases (at least 4 pixels, not cut by the slice's border).
        small_detection_rate: share of those patches in which at least half of the pixels is right.
        bright_voxels: number of voxels of other phases as bright as the positive phase (see `find_bright_others`).
        bright_false_positive_rate: share of those voxels that were labelled positive.
        shading: difference in brightness between the surroundings in the bright and in the dark third, as a share of
            the difference between the phases.
    """

    false_negative_rate_dark: float | None
    false_negative_rate_bright: float | None
    false_positive_rate_dark: float | None
    false_positive_rate_bright: float | None
    small_patches: int
    small_detection_rate: float | None
    bright_voxels: int
    bright_false_positive_rate: float | None
    shading: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def measure_hard_cases(
    grey: NDArray[Any],
    truth: NDArray[np.uint8],
    prediction: NDArray[np.uint8],
    *,
    positive: int,
    pixel_area_nm2: float | None,
) -> HardCases:
    """Error rates in one slice (Y X). `pixel_area_nm2` is the area of a pixel; without it small is 12 pixels across."""
    annotated = truth != NOT_ANNOTATED
    true, called = (truth == positive) & annotated, (prediction == positive) & annotated
    other = annotated & ~true
    shade = measure_surroundings(grey)
    low, high = np.quantile(shade[annotated], [1 / 3, 2 / 3]) if annotated.any() else (0.0, 0.0)
    dark, bright = shade <= low, shade >= high
    small, hits = _count_small(other, ~called & annotated, pixel_area_nm2)
    floor = find_bright_others(grey, true, other)
    return HardCases(
        false_negative_rate_dark=_fraction(~called, true & dark),
        false_negative_rate_bright=_fraction(~called, true & bright),
        false_positive_rate_dark=_fraction(called, other & dark),
        false_positive_rate_bright=_fraction(called, other & bright),
        small_patches=small,
        small_detection_rate=hits / small if small else None,
        bright_voxels=int(floor.sum()),
        bright_false_positive_rate=_fraction(called, floor),
        shading=_relative_shading(grey, shade, dark & annotated, bright & annotated, true, other),
    )


def _relative_shading(
    grey: NDArray[Any],
    shade: NDArray[np.float64],
    dark: NDArray[np.bool_],
    bright: NDArray[np.bool_],
    true: NDArray[np.bool_],
    other: NDArray[np.bool_],
) -> float | None:
    """Rise from the dark to the bright third over the difference of the phases relative to their surroundings."""
    if not (dark.any() and bright.any() and true.any() and other.any()):
        return None
    relative = grey.astype(np.float64) - shade
    apart = abs(float(relative[true].mean() - relative[other].mean()))
    return float(shade[bright].mean() - shade[dark].mean()) / apart if apart else None


def measure_surroundings(grey: NDArray[Any]) -> NDArray[np.float64]:
    """Smoothed grey values (Y X): the brightness around each pixel, averaged over several grains and voids."""
    smooth: NDArray[np.float64] = gaussian_filter(grey.astype(np.float64), _SHADE_SHARE * max(grey.shape))
    return smooth


def find_bright_others(grey: NDArray[Any], true: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Mask (Y X) of the voxels of other phases that are brighter, relative to their surroundings, than the dimmest
    fifth of the positive ones."""
    if not true.any():
        return np.zeros_like(other)
    relative = grey.astype(np.float64) - measure_surroundings(grey)
    return np.asarray(other & (relative > np.quantile(relative[true], 0.2)))


def _count_small(other: NDArray[np.bool_], right: NDArray[np.bool_], pixel_area_nm2: float | None) -> tuple[int, int]:
    """Number of patches with a small equivalent diameter, and of those detected; none that touch the border."""
    numbers, count = label(other, _CORNERS)
    area = np.bincount(numbers.ravel(), minlength=count + 1)
    diameter = 2 * np.sqrt(area * (pixel_area_nm2 or 1.0) / np.pi)
    small = (diameter <= (SMALL_PIXELS if pixel_area_nm2 is None else SMALL_NM)) & (area >= _LEAST_PIXELS)
    small[0] = False
    for edge in (numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]):
        small[edge] = False
    hits = np.bincount(numbers[right], minlength=count + 1)
    return int(small.sum()), int(np.count_nonzero(small & (2 * hits >= area)))


def _fraction(what: NDArray[np.bool_], of: NDArray[np.bool_]) -> float | None:
    total = np.count_nonzero(of)
    return number(np.count_nonzero(what & of) / total) if total else None
