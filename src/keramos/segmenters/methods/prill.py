"""Voids grown from what the end of the material opens, after Prill et al. (J. Microscopy 250, 77, 2013).

Their algorithm, generalised by Roldán et al. (Ultramicroscopy 226, 113291, 2021), finds by mathematical morphology how
grey values go along z: material that ends drops at once, what shines through brightens bit by bit. Their texts were not
at hand, so that what follows is this module's own, on grey values that are smoothed in the slice, 0 in dark voids and 1
in the material:

- markers of void: the voxels right after a last occurrence of material (as in `salzer`, a drop of more than `drop`),
  if below `high`, and all voxels below `low`;
- mask: where void may be, which is below `high`, or where the grey value rises along z by more than `rise` a slice
  (mean of the two slices after less that of the two before, over three), unless material occurs for the last time;
- void: the markers, dilated `STEPS` times by the six neighbours inside the mask; the rest is material.

A morphological reconstruction would dilate until nothing changes, however far that is, and so would a watershed. Here
it ends after `STEPS` voxels, and a block needs no more than these around it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

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

STEPS = 5
"""Voxels that void grows from its markers."""
_HALO = STEPS + 4  # slices: a marker is of the slice before, and drops are compared with their neighbours
_RISE_SLICES = np.float32(3.0)  # between the middles of the two slices before and the two after
_WIDEST = 1000.0


@dataclass(frozen=True)
class Prill(DepthSegmenter):
    """Void where the material has just ended, or it is dark, and where that grows to; material elsewhere.

    Attributes:
        sigma: Gaussian smoothing in the slice before, in pixels.
        drop: least drop at a last occurrence, as a fraction of the contrast of void and material.
        low: below it all is void.
        rise: least rise a slice of what shines through, as a fraction of the contrast.
        high: above it only what rises is void.
    """

    sigma: float = 1.5
    drop: float = 0.35
    low: float = 0.2
    rise: float = 0.06
    high: float = 0.65
    name: str = "prill"

    title = "Prill"
    description = "voids grown from drops along z (after Prill et al. 2013); a stack, bright material"
    reference = "Prill et al. 2013"

    def __post_init__(self) -> None:
        super().__post_init__()
        if not (0 <= self.sigma <= _WIDEST and 0 < self.drop < 10 and self.low <= self.high < 10 and self.rise > 0):
            raise SettingsError(
                f"expected sigma >= 0 pixels, drop > 0, rise > 0 and low <= high, found sigma {self.sigma}, drop "
                f"{self.drop}, rise {self.rise}, low {self.low}, high {self.high}"
            )

    @cached_property
    def signature(self) -> Signature:
        reach = int(TRUNCATE * self.sigma + 0.5) + STEPS
        return Signature(halo=(_HALO, reach, reach), bytes_per_pixel=BYTES_PER_PIXEL)

    def choices(self) -> Mapping[str, Sequence[float]]:
        return {
            "sigma": (0.7, 1.0, 1.5, 2.0, 3.0),
            "drop": (0.2, 0.35, 0.5),
            "low": (-0.3, 0.0, 0.1, 0.2, 0.3, 0.4),
            "rise": (0.03, 0.06, 0.1, 1.0),
            "high": tuple(np.arange(9, 20) / 20),
        }

    def distances(self, grey: NDArray[np.float32], core: slice) -> NDArray[np.float32]:
        smooth = scipy.ndimage.gaussian_filter(grey, (0, self.sigma, self.sigma), truncate=TRUNCATE)
        last = find_last_occurrences(average_slices(smooth, (0, -1)), average_slices(smooth, (1, 2)), self.drop)
        is_low_enough = smooth < np.float32(self.high)
        marker = smooth < np.float32(self.low)
        marker[1:] |= last[:-1] & is_low_enough[1:]
        rise = (average_slices(smooth, (1, 2)) - average_slices(smooth, (-1, -2))) / _RISE_SLICES
        mask = (is_low_enough | (rise > np.float32(self.rise))) & ~last
        grown = scipy.ndimage.binary_dilation(
            marker & mask, scipy.ndimage.generate_binary_structure(3, 1), iterations=STEPS, mask=mask
        )
        return np.where(grown[core], np.float32(-1), np.float32(1))


PRILL = Prill()
