"""Slice-thickness error: the ion beam does not remove exactly one pitch each time."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defect import Defect, SliceRange
from keramos.simulation.white import normal

_MOST = 0.45  # largest error in pitches: slices never change their order


@dataclass(frozen=True)
class SliceThickness:
    """Position error of sections along z.

    Attributes:
        key: random key.
        error: standard deviation, as a fraction of the pitch.
    """

    key: int
    error: float = 0.08

    def scale(self, factor: float) -> SliceThickness:
        return replace(self, error=self.error * factor)

    def apply(self, offsets: NDArray[np.float64], slices: SliceRange) -> NDArray[np.float64]:
        """Offsets (slices, Z Y X, in voxels) of the sections with the position error along z added."""
        errors = self.error * normal(self.key, (slices.first_slice,), (len(offsets),)).astype(np.float64)
        return offsets + np.clip(errors, -_MOST, _MOST)[:, None] * [1.0, 0.0, 0.0]


def draw(rng: np.random.Generator, _: float) -> SliceThickness:
    """Assumed errors of 2 to 15 %: a pitch of 20 nm is accurate to a few nm."""
    return SliceThickness(key=int(rng.integers(2**53)), error=float(rng.uniform(0.02, 0.15)))


DEFECT = Defect("slice_thickness", "position", 10, draw, stream=14)
