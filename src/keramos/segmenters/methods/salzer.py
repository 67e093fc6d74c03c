"""Last occurrences along z and a local threshold, after Salzer et al. (Mater. Charact. 69, 115, 2012).

Two stages as in their abstract: structures are found by their last occurrence in z, and a local threshold improves what
that gives. The text of the paper itself was not at hand, so that what follows is this module's own:

- last occurrence: with b the mean of a slice and the one before it, and a that of the two slices after it (both
  smoothed in the slice, 0 in dark voids and 1 in the material), b - a > `drop`, at its largest along z;
- its threshold: t = a + `fraction` (b - a), for the voxels up to `REACH` slices before it along z;
- the local threshold: T = A + `fraction` (B - A), where A and B are means of a and b over the last occurrences around,
  weighted by a Gaussian (`local` pixels in the slice, `REACH` / 2 slices along z); where there are none, A = 0, B = 1;
- material where the smoothed grey value is above (t + T) / 2, or above T where no last occurrence follows.

The original goes back along a whole structure, however long. Here it is left after `REACH` slices, so that a block
needs no more than these around it; the local threshold takes over. Drops are of single voxels, not of whole structures.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import scipy
from numpy.typing import NDArray

from keramos.core.errors import SettingsError
from keramos.networks.signature import Signature
from keramos.segmenters.depth_segmenter import (
    BYTES_PER_PIXEL,
    TRUNCATE,
    DepthSegmenter,
    average_slices,
    find_last_occurrences,
)
from keramos.segmenters.distance_scores import codes_and_scores_of_distances

if TYPE_CHECKING:
    from keramos.blocks import Block

REACH = 6
"""Slices between a last occurrence and the farthest voxel that it decides on."""
_HALO = REACH + 3  # slices: a drop is compared with its neighbours, each of which is that between pairs of slices
_PRIOR = np.float32(1e-4)  # weight of A = 0, B = 1; one last occurrence right here has about 1 / (2 pi local^2)
_WIDEST = 1000.0


@dataclass(frozen=True)
class Salzer(DepthSegmenter):
    """Material in front of a drop of the grey value along z, by a threshold that follows the drops around.

    Attributes:
        sigma: Gaussian smoothing in the slice before, in pixels.
        drop: least drop at a last occurrence, as a fraction of the contrast of void and material.
        local: how far around last occurrences set the threshold, in pixels.
        fraction: where the threshold lies between the grey values after and before a drop.
    """

    sigma: float = 1.5
    drop: float = 0.35
    local: float = 25.0
    fraction: float = 0.7
    name: str = "salzer"

    title = "Salzer"
    description = "last occurrences along z and a local threshold (after Salzer et al. 2012); a stack, bright material"
    reference = "Salzer et al. 2012"

    def __post_init__(self) -> None:
        super().__post_init__()
        sizes = 0 <= self.sigma <= _WIDEST and 0 < self.local <= _WIDEST
        if not (sizes and 0 < self.drop < 10 and 0 < self.fraction < 10):
            raise SettingsError(
                f"expected sigma >= 0 and local > 0 pixels, drop > 0 and fraction > 0, found sigma {self.sigma}, local "
                f"{self.local}, drop {self.drop}, fraction {self.fraction}"
            )

    @cached_property
    def signature(self) -> Signature:
        reach = int(TRUNCATE * self.sigma + 0.5) + int(TRUNCATE * self.local + 0.5)
        return Signature(halo=(_HALO, reach, reach), bytes_per_pixel=BYTES_PER_PIXEL)

    def choices(self) -> Mapping[str, Sequence[float]]:
        return {
            "sigma": (0.7, 1.0, 1.5, 2.0, 3.0),
            "drop": (0.2, 0.35, 0.5),
            "local": (8.0, 15.0, 25.0, 50.0),
            "fraction": tuple(np.arange(8, 20) / 20),
        }

    def distances(self, grey: NDArray[np.float32], core: slice) -> NDArray[np.float32]:
        smooth = scipy.ndimage.gaussian_filter(grey, (0, self.sigma, self.sigma), truncate=TRUNCATE)
        before, after = average_slices(smooth, (0, -1)), average_slices(smooth, (1, 2))
        last = find_last_occurrences(before, after, self.drop)
        local = self._local_threshold(before, after, last, core)
        own = self._own_threshold(before, after, last, core)
        threshold = np.where(np.isnan(own), local, (own + local) / 2)
        return np.asarray(smooth[core] - threshold, np.float32)

    def codes_and_scores(
        self, pixels: NDArray[np.generic], block: Block, *, grey_scale: float
    ) -> tuple[NDArray[np.uint8], NDArray[np.float32]]:
        distances = self.core_distances(pixels, block).astype(np.float64) * self.contrast()
        return codes_and_scores_of_distances(distances, self.material, self.phases.positive, grey_scale=grey_scale)

    def _own_threshold(
        self, before: NDArray[np.float32], after: NDArray[np.float32], last: NDArray[np.bool_], core: slice
    ) -> NDArray[np.float32]:
        """The threshold of the next last occurrence along z; NaN where none is within reach."""
        found = np.full((core.stop - core.start, *last.shape[1:]), np.nan, np.float32)
        for ahead in range(REACH, -1, -1):
            there = slice(core.start + ahead, min(core.stop + ahead, len(last)))
            value = after[there] + np.float32(self.fraction) * (before[there] - after[there])
            here = found[: len(value)]
            here[last[there]] = value[last[there]]
        return found

    def _local_threshold(
        self, before: NDArray[np.float32], after: NDArray[np.float32], last: NDArray[np.bool_], core: slice
    ) -> NDArray[np.float32]:
        """The threshold between the means of the grey values before and after the drops around."""
        offsets = np.arange(-REACH, REACH + 1)
        weights = np.exp(-0.5 * (offsets / (REACH / 2)) ** 2).astype(np.float32)
        weights /= weights.sum()
        means = []
        for values in (last.astype(np.float32), last * before, last * after):
            summed = np.zeros((core.stop - core.start, *last.shape[1:]), np.float32)
            for offset, weight in zip(offsets.tolist(), weights, strict=True):
                low, high = max(core.start + offset, 0), min(core.stop + offset, len(last))
                if low < high:
                    summed[low - core.start - offset : high - core.start - offset] += weight * values[low:high]
            means.append(scipy.ndimage.gaussian_filter(summed, (0, self.local, self.local), truncate=TRUNCATE))
        count, material, void = means
        void, material = void / (count + _PRIOR), (material + _PRIOR) / (count + _PRIOR)
        return np.asarray(void + np.float32(self.fraction) * (material - void), np.float32)


SALZER = Salzer()
