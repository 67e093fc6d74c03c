"""Channelling contrast: grains whose lattice lets the beam penetrate deeper are darker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defect import Defect, Surface


@dataclass(frozen=True)
class Channelling:
    """Brightness of grains.

    Attributes:
        contrast: standard deviation between grains, as a fraction of the grey value.
    """

    contrast: float = 0.015

    def scale(self, factor: float) -> Channelling:
        return replace(self, contrast=self.contrast * factor)

    def apply(self, grey: NDArray[np.float32], surface: Surface) -> NDArray[np.float32]:
        """Grey values (Y X) with the solid multiplied by the gain of its grains."""
        if self.contrast == 0 or surface.tint is None:
            return grey
        # Tints are uniform over -127 ... 127; a uniform number over -1 ... 1 has a standard deviation of 1 / sqrt(3).
        gain = 1 + np.float32(self.contrast * sqrt(3) / 127) * surface.tint
        return np.where(surface.solid, grey * gain, grey)


def draw(rng: np.random.Generator, _: float) -> Channelling:
    """A contrast of 0.3 to 1.5 %, hardly visible: as at 5 kV with an Everhart-Thornley detector."""
    return Channelling(contrast=float(rng.uniform(0.003, 0.015)))


DEFECT = Defect("channelling", "surface", 10, draw, stream=7, follows_severity=False)
