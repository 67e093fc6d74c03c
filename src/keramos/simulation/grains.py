"""Grain centres that fill all space, with a density that varies from region to region."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil, floor, prod

import numpy as np
from numpy.typing import NDArray

from keramos.core.errors import SettingsError
from keramos.simulation.smooth_field import centres_nm, smooth_field
from keramos.simulation.white import uniform

Span = tuple[float, float]

_MOST_CELLS = 100_000_000


@dataclass(frozen=True, eq=False)
class Grains:
    """Grains of a polycrystal (arrays of length n).

    Attributes:
        centres_nm: (n, 3), Z Y X.
        lost: grains that are missing; each leaves a large void.
        lot: uniform random number that decides the phase of the grain.
        tint: uniform random number that decides its brightness.
    """

    centres_nm: NDArray[np.float64]
    lost: NDArray[np.bool_]
    lot: NDArray[np.float64]
    tint: NDArray[np.float64]


def grow_grains(
    key: int, spans_nm: Sequence[Span], *, smallest_nm: float, kept: float, spread: float, lost: float, region_nm: float
) -> Grains:
    """Grains whose cells lie in `spans_nm` (low, high per axis).

    One candidate sits at random in each cell of edge `smallest_nm`; it is kept with a probability whose median is
    `kept` and whose logarithm varies by `spread` over regions of `region_nm`, so fine- and coarse-grained regions
    alternate. The fraction `lost` of the grains is missing, mostly in some regions, so large voids form clusters.
    """
    count = prod((high - low) / smallest_nm + 2 for low, high in spans_nm)
    if count > _MOST_CELLS:
        raise SettingsError(
            f"expected a specimen of at most {_MOST_CELLS:,} grains at a time, found about {count:.3g}; ask for "
            "smaller voxels or a smaller shape"
        )
    cells = [np.arange(floor(low / smallest_nm), ceil(high / smallest_nm) + 1) for low, high in spans_nm]
    middles = [centres_nm(len(axis), smallest_nm, int(axis[0])) for axis in cells]
    density = np.clip(kept * np.exp(spread * smooth_field(key + 1, middles, (region_nm,) * 3)), 0.01, 1.0)
    is_kept = uniform(key + 2, *cells) < density
    region = np.exp(1.2 * smooth_field(key + 3, middles, (region_nm,) * 3) - 0.72)  # mean 1
    is_lost = uniform(key + 4, *cells) < lost * region
    corners = np.meshgrid(*cells, indexing="ij")
    jitter = [uniform(key + 5 + axis, *cells) for axis in range(3)]
    centres = np.stack([(c + u)[is_kept] * smallest_nm for c, u in zip(corners, jitter, strict=True)], axis=-1)
    lot, tint = (uniform(key + number, *cells)[is_kept] for number in (8, 9))
    return Grains(centres, is_lost[is_kept], lot, tint)
