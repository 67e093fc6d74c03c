"""Stage drift that remains after the slices were registered: the images move relative to the truth."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defect import Defect, SliceRange
from keramos.simulation.smooth_field import centres_nm, smooth_field

_SLICES = 60.0  # correlation length of the slow drift


@dataclass(frozen=True)
class StageDrift:
    """Residual displacement along y and x.

    Attributes:
        key: random key.
        jitter_nm: standard deviation from one slice to the next.
        wander_nm: standard deviation of the slow drift, over about 60 slices.
    """

    key: int
    jitter_nm: float = 4.0
    wander_nm: float = 6.0

    def scale(self, factor: float) -> StageDrift:
        return replace(self, jitter_nm=self.jitter_nm * factor, wander_nm=self.wander_nm * factor)

    def apply(self, offsets: NDArray[np.float64], slices: SliceRange) -> NDArray[np.float64]:
        """Offsets (slices, Z Y X, in voxels) of the sections with the drift along y and x added."""
        numbers = centres_nm(len(offsets), 1.0, slices.first_slice)
        moved = offsets.copy()
        for axis, edge in enumerate((slices.voxel_size.y_nm, slices.voxel_size.x_nm)):
            jitter = smooth_field(self.key + axis, (numbers,), (0.5,)) * self.jitter_nm
            wander = smooth_field(self.key + 2 + axis, (numbers,), (_SLICES,)) * self.wander_nm
            moved[:, 1 + axis] += (jitter + wander) / edge
        return moved


def draw(rng: np.random.Generator, _: float) -> StageDrift:
    """Residuals up to a third of a pixel of 20 nm, as after a good registration."""
    return StageDrift(
        key=int(rng.integers(2**53)), jitter_nm=float(rng.uniform(1, 7)), wander_nm=float(rng.uniform(1, 9))
    )


DEFECT = Defect("stage_drift", "position", 20, draw, stream=13)
