"""Where thresholds and networks fail in a porous ceramic, counted: the reasons that Hirabayashi et al. 2024 give.

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
"""What small is, where the voxel size is not known."""
_LEAST_PIXELS = 4  # of a small patch: fewer are specks of the labelling
_SHADE_SHARE = 0.06  # of the slice's longer edge: wider than grains and voids, narrower than the gradient
_CORNERS = np.ones((3, 3))


@dataclass(frozen=True, slots=True)
class HardCases:
    """Shares 0 ... 1, None where there is nothing to count. "Positive" is the phase of interest.

    missed_dark, missed_bright: of the positive voxels in the darkest and brightest third of the slice, by brightness
        of the surroundings, those that were missed.
    invented_dark, invented_bright: of the other voxels there, those that were called positive.
    small, small_found: number of small patches of the other phases (4 pixels and more, not cut by the slice's border),
        and the share in which at least half is right.
    bright, bright_called: number of the other phases' voxels that are as bright as the positive phase (see
        `bright_others`), and the share of them called positive.
    shade: how much brighter the surroundings in the bright third are than those in the dark third, as a share of the
        difference between the phases.
    """

    missed_dark: float | None
    missed_bright: float | None
    invented_dark: float | None
    invented_bright: float | None
    small: int
    small_found: float | None
    bright: int
    bright_called: float | None
    shade: float | None = None

    def to_json(self) -> dict[str, Any]:
        return asdict(self)


def hard_cases(
    grey: NDArray[Any],
    truth: NDArray[np.uint8],
    found: NDArray[np.uint8],
    *,
    positive: int,
    pixel_area_nm2: float | None,
) -> HardCases:
    """Count in one slice (Y X). `pixel_area_nm2` is the area of a pixel; without it small is 12 pixels across."""
    known = truth != NOT_ANNOTATED
    true, called = (truth == positive) & known, (found == positive) & known
    other = known & ~true
    shade = surroundings(grey)
    low, high = np.quantile(shade[known], [1 / 3, 2 / 3]) if known.any() else (0.0, 0.0)
    dark, bright = shade <= low, shade >= high
    small, hits = _small(other, ~called & known, pixel_area_nm2)
    floor = bright_others(grey, true, other)
    return HardCases(
        missed_dark=_share(~called, true & dark),
        missed_bright=_share(~called, true & bright),
        invented_dark=_share(called, other & dark),
        invented_bright=_share(called, other & bright),
        small=small,
        small_found=hits / small if small else None,
        bright=int(floor.sum()),
        bright_called=_share(called, floor),
        shade=_shade(grey, shade, dark & known, bright & known, true, other),
    )


def _shade(
    grey: NDArray[Any],
    shade: NDArray[np.float64],
    dark: NDArray[np.bool_],
    bright: NDArray[np.bool_],
    true: NDArray[np.bool_],
    other: NDArray[np.bool_],
) -> float | None:
    """The rise from the dark to the bright third over the phases' difference, both against their surroundings."""
    if not (dark.any() and bright.any() and true.any() and other.any()):
        return None
    relative = grey.astype(np.float64) - shade
    apart = abs(float(relative[true].mean() - relative[other].mean()))
    return float(shade[bright].mean() - shade[dark].mean()) / apart if apart else None


def surroundings(grey: NDArray[Any]) -> NDArray[np.float64]:
    """How bright the neighbourhood of each pixel is, over some grains and voids."""
    smooth: NDArray[np.float64] = gaussian_filter(grey.astype(np.float64), _SHADE_SHARE * max(grey.shape))
    return smooth


def bright_others(grey: NDArray[Any], true: NDArray[np.bool_], other: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Voxels of other phases brighter, against their surroundings, than the dimmest fifth of the positive ones."""
    if not true.any():
        return np.zeros_like(other)
    relative = grey.astype(np.float64) - surroundings(grey)
    return np.asarray(other & (relative > np.quantile(relative[true], 0.2)))


def _small(other: NDArray[np.bool_], right: NDArray[np.bool_], pixel_area_nm2: float | None) -> tuple[int, int]:
    """Patches whose circle of the same area is small across, and those that were found; none that touch the border."""
    numbers, count = label(other, _CORNERS)
    area = np.bincount(numbers.ravel(), minlength=count + 1)
    diameter = 2 * np.sqrt(area * (pixel_area_nm2 or 1.0) / np.pi)
    small = (diameter <= (SMALL_PIXELS if pixel_area_nm2 is None else SMALL_NM)) & (area >= _LEAST_PIXELS)
    small[0] = False
    for edge in (numbers[0], numbers[-1], numbers[:, 0], numbers[:, -1]):
        small[edge] = False
    hits = np.bincount(numbers[right], minlength=count + 1)
    return int(small.sum()), int(np.count_nonzero(small & (2 * hits >= area)))


def _share(what: NDArray[np.bool_], of: NDArray[np.bool_]) -> float | None:
    total = np.count_nonzero(of)
    return number(np.count_nonzero(what & of) / total) if total else None
