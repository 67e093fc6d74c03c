"""Curtaining: voids and hard spots deflect the ion beam, which leaves vertical streaks in the section.

The same spot deflects the beam in many consecutive slices, so curtains persist along z.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defect import Defect, Sections
from keramos.simulation.smooth_field import centres_nm, smooth_field
from keramos.simulation.white import uniform

_STREAK_NM = 16.0  # width of a streak: a pixel or two
_CELL_NM = (1500.0, 1200.0)  # at most one stripe starts in a cell of this size (Z X)


@dataclass(frozen=True)
class Curtains:
    """Vertical streaks; all strengths are fractions of the grey value.

    Attributes:
        key: random key.
        streaks: standard deviation of the fine streaks, which run over the full height.
        persistence_nm: length along z over which a streak persists.
        stripes: strength of the strongest stripes; the weakest have a quarter of it.
        stripe_share: fraction of cells of 1.5 x 1.2 micrometre (Z X) with a stripe.
        full_height_share: fraction of stripes that run over the full height; the others begin at a void.
    """

    key: int
    streaks: float = 0.015
    persistence_nm: float = 300.0
    stripes: float = 0.12
    stripe_share: float = 0.7
    full_height_share: float = 0.4

    def scale(self, factor: float) -> Curtains:
        return replace(self, streaks=self.streaks * factor, stripes=self.stripes * factor)

    def apply(self, grey: NDArray[np.float32], sections: Sections) -> NDArray[np.float32]:
        """Grey values (Z Y X) multiplied by the gain of the curtains."""
        if self.streaks == self.stripes == 0:
            return grey
        return grey * self.gain(sections)

    def gain(self, sections: Sections) -> NDArray[np.float32]:
        """Factor (Z Y X) by which curtains change the grey values; 1 in voids, which the ion beam does not cut.

        Stripes that do not run over the full height begin below a void.
        """
        depth, rows, columns = sections.solid.shape
        z_nm = centres_nm(depth, sections.voxel_size.z_nm, sections.first_slice)
        x_nm = centres_nm(columns, sections.voxel_size.x_nm) + sections.left_nm
        gain = np.ones((depth, rows, columns), dtype=np.float32)
        if self.streaks:
            fine = smooth_field(self.key, (z_nm, x_nm), (self.persistence_nm, _STREAK_NM))
            gain += self.streaks * fine[:, None]
        if self.stripes:
            for stripe in _draw_stripes(self, z_nm, x_nm):
                _add_stripe(gain, stripe, sections.solid, z_nm, x_nm)
        gain[~sections.solid] = 1
        return gain


@dataclass(frozen=True)
class _Stripe:
    z_nm: float
    half_length_nm: float
    x_nm: float
    sigma_nm: float
    gain: float
    begins: float  # fraction of the height below which the next void starts it; negative: at the top


def draw(rng: np.random.Generator, _: float) -> Curtains:
    """Streaks of 0.6 to 2.5 % and strongest stripes of 10 to 20 %."""
    return Curtains(
        key=int(rng.integers(2**53)),
        streaks=float(rng.uniform(0.006, 0.025)),
        persistence_nm=float(rng.uniform(150, 500)),
        stripes=float(rng.uniform(0.1, 0.2)),
        stripe_share=float(rng.uniform(0.5, 1.0)),
    )


def _draw_stripes(params: Curtains, z_nm: NDArray[np.float64], x_nm: NDArray[np.float64]) -> Iterator[_Stripe]:
    """Stripes that can reach the window, each from the random numbers of its cell."""
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
    gain: NDArray[np.float32],
    stripe: _Stripe,
    solid: NDArray[np.bool_],
    z_nm: NDArray[np.float64],
    x_nm: NDArray[np.float64],
) -> None:
    """Add the stripe's contribution to `gain` (Z Y X) in place."""
    profile = stripe.gain * np.exp(-0.5 * ((x_nm - stripe.x_nm) / stripe.sigma_nm) ** 2)
    wide = np.flatnonzero(np.abs(profile) > 1e-3)
    fade = np.clip(2 * (1 - np.abs(z_nm - stripe.z_nm) / stripe.half_length_nm), 0, 1)
    if not len(wide):
        return
    columns = slice(wide[0], wide[-1] + 1)
    centre = wide[len(wide) // 2]
    for z in np.flatnonzero(fade):
        top = _start_row(solid[z, :, centre], stripe.begins)
        gain[z, top:, columns] += (fade[z] * profile[columns]).astype(np.float32)


def _start_row(column: NDArray[np.bool_], begins: float) -> int:
    """Row below the first void that ends below the fraction `begins` of the height; past the end if there is none."""
    if begins < 0:
        return 0
    below = int(begins * len(column))
    edges = np.flatnonzero(~column[below:-1] & column[below + 1 :])
    return below + int(edges[0]) + 1 if len(edges) else len(column)


DEFECT = Defect("curtains", "image", 20, draw, stream=5)
