"""Channelling contrast: grains whose lattice lets the beam in deeper are darker."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import sqrt

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True)
class Channelling:
    """`contrast`: standard deviation of the grains' brightness, as a fraction of the grey value."""

    contrast: float = 0.015

    def scaled(self, factor: float) -> Channelling:
        return replace(self, contrast=self.contrast * factor)


def draw(rng: np.random.Generator) -> Channelling:
    """Hardly visible at 5 kV with an Everhart-Thornley detector."""
    return Channelling(contrast=float(rng.uniform(0.003, 0.015)))


def apply(
    grey: NDArray[np.float32],
    params: Channelling,
    *,
    section: NDArray[np.bool_],
    tint: NDArray[np.int8] | None,
) -> NDArray[np.float32]:
    """Multiply the solid by its grains' gain. `tint` is uniform over -127 ... 127, one a grain; all of one shape."""
    if params.contrast == 0 or tint is None:
        return grey
    # A uniform number over -1 ... 1 has a standard deviation of 1 / sqrt(3).
    gain = 1 + np.float32(params.contrast * sqrt(3) / 127) * tint
    return np.where(section, grey * gain, grey)
