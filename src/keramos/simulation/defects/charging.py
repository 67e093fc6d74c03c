"""Charging: where charge cannot leave, edges glow and the fast scan drags bright and dark tails behind them."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter
from scipy.signal import lfilter

from keramos.core import VoxelSize
from keramos.simulation.smooth_field import centres_nm, smooth_field

_REGION_NM = (400.0, 1500.0, 1500.0)
_HALO_NM = 260.0
_ABOVE = 1.0  # standard deviations of the field above which a region charges: 16 % of all


@dataclass(frozen=True)
class Charging:
    """Halos and streaks in the regions that charge.

    Attributes:
        key: which regions.
        halo_grey: how much brighter the surroundings of a void are, at most.
        streak_grey: how strong the tails along x are just behind an edge, on average; some are dark.
        tail_nm: length over which a tail fades by a factor e.
    """

    key: int
    halo_grey: float = 8.0
    streak_grey: float = 6.0
    tail_nm: float = 800.0

    def scaled(self, factor: float) -> Charging:
        return replace(self, halo_grey=self.halo_grey * factor, streak_grey=self.streak_grey * factor)


def draw(rng: np.random.Generator) -> Charging:
    """Assumed: weak, since the paper's superconductor conducts; other presets raise it."""
    return Charging(
        key=int(rng.integers(2**53)),
        halo_grey=float(rng.uniform(1, 6)),
        streak_grey=float(rng.uniform(0.5, 3)),
        tail_nm=float(rng.uniform(400, 1500)),
    )


def apply(
    grey: NDArray[np.float32],
    params: Charging,
    *,
    section: NDArray[np.bool_],
    voxel_size: VoxelSize,
    slice_number: int = 0,
) -> NDArray[np.float32]:
    """Add halos and tails to one slice (Y X), number `slice_number` of the stack."""
    if params.halo_grey == 0 and params.streak_grey == 0:
        return grey
    rows, columns = grey.shape
    z_nm, y_nm, x_nm = voxel_size.zyx
    positions = (centres_nm(1, z_nm, slice_number), centres_nm(rows, y_nm), centres_nm(columns, x_nm))
    region = np.clip(smooth_field(params.key, positions, _REGION_NM)[0] - np.float32(_ABOVE), 0, 1)
    if not region.any():
        return grey
    void = (~section).astype(np.float32)
    halo = gaussian_filter(void, (_HALO_NM / y_nm, _HALO_NM / x_nm), truncate=3.0)
    # An edge of the voids, seen along the scan, starts a tail; every row and region has its own strength and sign.
    edges = np.diff(void, axis=1, prepend=void[:, :1]) > 0
    strength = smooth_field(params.key + 1 + slice_number, positions[1:], (y_nm, 300.0)) + np.float32(0.5)
    decay = np.exp(-x_nm / params.tail_nm)
    tails = lfilter([1.0], [1.0, -decay], edges * strength * region, axis=1)
    added = np.float32(params.halo_grey) * region * halo + np.float32(params.streak_grey) * np.clip(tails, -2, 2)
    return np.asarray(grey + added, np.float32)
