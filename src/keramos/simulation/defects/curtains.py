"""Curtains: the ion beam is deflected at voids and hard spots and leaves vertical streaks in the section.

The same spot deflects the beam in one slice after another, so curtains persist over slices.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.simulation.smooth_field import centres_nm, smooth_field
from keramos.simulation.white import uniform

_STREAK_NM = 16.0  # a streak is a pixel or two wide
_CELL_NM = (1500.0, 1200.0)  # one stripe at most starts per cell of this size in Z and X


@dataclass(frozen=True)
class Curtains:
    """Vertical streaks, as fractions of the grey value.

    Attributes:
        key: which curtains.
        streaks: standard deviation of the fine streaks over the full height.
        persistence_nm: over how much of z a streak lasts.
        stripes: brightness of the strongest few stripes; the weakest has a quarter of it.
        stripe_share: how many of the cells of 1.5 x 1.2 micrometre (Z X) have a stripe.
        full_height_share: how many stripes run over the full height; the others begin at a void.
    """

    key: int
    streaks: float = 0.015
    persistence_nm: float = 300.0
    stripes: float = 0.12
    stripe_share: float = 0.7
    full_height_share: float = 0.4

    def scaled(self, factor: float) -> Curtains:
        return replace(self, streaks=self.streaks * factor, stripes=self.stripes * factor)


@dataclass(frozen=True)
class _Stripe:
    z_nm: float
    half_length_nm: float
    x_nm: float
    sigma_nm: float
    gain: float
    begins: float  # fraction of the height below which the next void starts it; negative: at the top


def draw(rng: np.random.Generator) -> Curtains:
    """Streaks of 0.4 to 2.5 % and stripes of 4 to 16 %."""
    return Curtains(
        key=int(rng.integers(2**53)),
        streaks=float(rng.uniform(0.006, 0.025)),
        persistence_nm=float(rng.uniform(150, 500)),
        stripes=float(rng.uniform(0.1, 0.2)),
        stripe_share=float(rng.uniform(0.5, 1.0)),
    )


def apply(
    grey: NDArray[np.float32],
    params: Curtains,
    *,
    solid: NDArray[np.bool_],
    voxel_size: VoxelSize,
    first_slice: int = 0,
) -> NDArray[np.float32]:
    """Multiply `grey` (Z Y X, its first slice being number `first_slice` of the stack) by the curtains' gain."""
    if params.streaks == params.stripes == 0:
        return grey
    return grey * gain(params, solid=solid, voxel_size=voxel_size, first_slice=first_slice)


def gain(
    params: Curtains, *, solid: NDArray[np.bool_], voxel_size: VoxelSize, first_slice: int = 0
) -> NDArray[np.float32]:
    """What the curtains multiply the sections `solid` (Z Y X) by.

    Only what the beam has cut has streaks: voids keep theirs at 1. Stripes that do not run over the full height begin
    under a void.
    """
    depth, rows, columns = solid.shape
    z_nm = centres_nm(depth, voxel_size.z_nm, first_slice)
    x_nm = centres_nm(columns, voxel_size.x_nm)
    streaked = np.ones((depth, rows, columns), dtype=np.float32)
    if params.streaks:
        fine = smooth_field(params.key, (z_nm, x_nm), (params.persistence_nm, _STREAK_NM))
        streaked += params.streaks * fine[:, None]
    if params.stripes:
        for stripe in _stripes(params, z_nm, x_nm):
            _add_stripe(streaked, stripe, solid, z_nm, x_nm)
    streaked[~solid] = 1
    return streaked


def _stripes(params: Curtains, z_nm: NDArray[np.float64], x_nm: NDArray[np.float64]) -> Iterator[_Stripe]:
    """The stripes that can touch the window, each from the random numbers of its cell."""
    spans = [(axis[0] // cell - 1, axis[-1] // cell + 1) for axis, cell in zip((z_nm, x_nm), _CELL_NM, strict=True)]
    cells = [np.arange(int(low), int(high) + 1) for low, high in spans]
    numbers = np.stack([uniform(params.key + 1 + i, *cells) for i in range(9)], axis=-1)
    for i, k in np.argwhere(numbers[..., 0] < params.stripe_share):
        _, z, x, length, width, strength, sign, full, begins = numbers[i, k]
        strong = params.stripes * (0.25 + 0.75 * strength)
        yield _Stripe(
            z_nm=(cells[0][i] + z) * _CELL_NM[0],
            half_length_nm=200 + 1000 * length,
            x_nm=(cells[1][k] + x) * _CELL_NM[1],
            sigma_nm=10 + 25 * width**2,
            gain=strong if sign < 0.6 else -strong,
            begins=-1.0 if full < params.full_height_share else begins,
        )


def _add_stripe(
    streaked: NDArray[np.float32],
    stripe: _Stripe,
    solid: NDArray[np.bool_],
    z_nm: NDArray[np.float64],
    x_nm: NDArray[np.float64],
) -> None:
    profile = stripe.gain * np.exp(-0.5 * ((x_nm - stripe.x_nm) / stripe.sigma_nm) ** 2)
    touched = np.flatnonzero(np.abs(profile) > 1e-3)
    fade = np.clip(2 * (1 - np.abs(z_nm - stripe.z_nm) / stripe.half_length_nm), 0, 1)
    if not len(touched):
        return
    columns = slice(touched[0], touched[-1] + 1)
    centre = touched[len(touched) // 2]
    for z in np.flatnonzero(fade):
        top = _start_row(solid[z, :, centre], stripe.begins)
        streaked[z, top:, columns] += (fade[z] * profile[columns]).astype(np.float32)


def _start_row(column: NDArray[np.bool_], begins: float) -> int:
    """The row under the first void that ends below the fraction `begins` of the height; past the end if none does."""
    if begins < 0:
        return 0
    below = int(begins * len(column))
    edges = np.flatnonzero(~column[below:-1] & column[below + 1 :])
    return below + int(edges[0]) + 1 if len(edges) else len(column)
