"""Charging: where charge cannot leave, edges glow and leave bright and dark tails along the fast scan direction."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from keramos.simulation.defect import Defect, Surface
from keramos.simulation.smooth_field import centres_nm, smooth_field

_REGION_NM = (400.0, 1500.0, 1500.0)
_HALO_NM = 260.0
_ABOVE = 1.0  # regions charge above this many standard deviations of the field: 16 % of the volume


@dataclass(frozen=True)
class Charging:
    """Halos and streaks in regions that charge.

    Attributes:
        key: random key of the regions.
        halo_grey: largest rise in grey level around voids.
        streak_grey: mean strength of the tails along x just behind an edge; some are dark.
        tail_nm: length over which a tail fades by a factor e.
    """

    key: int
    halo_grey: float = 8.0
    streak_grey: float = 6.0
    tail_nm: float = 800.0

    def scale(self, factor: float) -> Charging:
        return replace(self, halo_grey=self.halo_grey * factor, streak_grey=self.streak_grey * factor)

    def apply(self, grey: NDArray[np.float32], surface: Surface) -> NDArray[np.float32]:
        """Grey values (Y X) with halos and tails added."""
        if self.halo_grey == 0 and self.streak_grey == 0:
            return grey
        rows, columns = grey.shape
        z_nm, y_nm, x_nm = surface.voxel_size.zyx
        top, left = surface.corner_nm
        y, x = centres_nm(rows, y_nm) + top, centres_nm(columns, x_nm) + left
        positions = (centres_nm(1, z_nm, surface.slice_number), y, x)
        region = np.clip(smooth_field(self.key, positions, _REGION_NM)[0] - np.float32(_ABOVE), 0, 1)
        if not region.any():
            return grey
        void = (~surface.solid).astype(np.float32)
        halo = gaussian_filter(void, (_HALO_NM / y_nm, _HALO_NM / x_nm), truncate=3.0)
        # Each edge of a void along the scan starts a tail; strength and sign differ by row and region.
        edges = np.diff(void, axis=1, prepend=void[:, :1]) > 0
        strength = smooth_field(self.key + 1 + surface.slice_number, positions[1:], (y_nm, 300.0)) + np.float32(0.5)
        decay = np.exp(-x_nm / self.tail_nm)
        tails = _let_decay(edges * strength * region, decay)
        added = np.float32(self.halo_grey) * region * halo + np.float32(self.streak_grey) * np.clip(tails, -2, 2)
        return np.asarray(grey + added, np.float32)


def _let_decay(starts: NDArray[np.float32], decay: float) -> NDArray[np.float64]:
    """The sum, at each pixel, of what starts there and before it in its row, less by `decay` with each pixel."""
    # The filter of scipy.signal, which takes longer to import than all tails of a stack.
    tails = starts.astype(np.float64)
    for x in range(1, tails.shape[1]):
        tails[:, x] += decay * tails[:, x - 1]
    return tails


def draw(rng: np.random.Generator, _: float) -> Charging:
    """Assumed to be weak, because the paper's superconductor conducts; other presets increase it."""
    return Charging(
        key=int(rng.integers(2**53)),
        halo_grey=float(rng.uniform(1, 6)),
        streak_grey=float(rng.uniform(0.5, 3)),
        tail_nm=float(rng.uniform(400, 1500)),
    )


DEFECT = Defect("charging", "surface", 50, draw, stream=9)
