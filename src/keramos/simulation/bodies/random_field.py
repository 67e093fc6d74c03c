"""Gaussian random fields cut at a level: the generic porous medium, isotropic or not."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from keramos.simulation.body import Body, Matter, Positions, Structure
from keramos.simulation.smooth_field import smooth_field


@dataclass(frozen=True)
class RandomField(Body):
    """White noise smoothed by a Gaussian of standard deviation `length_nm` (Z Y X), cut at a level.

    Unequal lengths make an anisotropic body. At a solid fraction of one half the two phases are statistically alike;
    both are connected for solid fractions from about 16 to 84 %.
    """

    key: int
    length_nm: tuple[float, float, float] = (180.0, 180.0, 180.0)

    @property
    def structure(self) -> str:
        return "random-field"

    def sample(self, positions_nm: Positions) -> Matter:
        # Multiplied by the length, the field has a slope of about one, like a distance.
        field = smooth_field(self.key, positions_nm, self.length_nm)
        return Matter(np.float32(min(self.length_nm)) * field)


RANDOM_FIELD = Structure("random-field", RandomField)
