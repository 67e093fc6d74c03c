"""Brightness drift: over a night the beam current wanders, and jumps where somebody or the software corrected it."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.smooth_field import centres_nm, smooth_field
from keramos.simulation.white import uniform

_SLICES = 40.0  # over which the drift wanders
_RUN = 25  # slices between two possible jumps


@dataclass(frozen=True)
class BrightnessDrift:
    """Gain of whole slices, as fractions of the grey value.

    Attributes:
        key: which drift.
        wander: standard deviation of the slow drift, over some 40 slices.
        flicker: standard deviation from one slice to the next.
        jump: standard deviation of the jumps; one run of 25 slices in four begins with one.
    """

    key: int
    wander: float = 0.015
    flicker: float = 0.004
    jump: float = 0.02

    def scaled(self, factor: float) -> BrightnessDrift:
        return replace(self, wander=self.wander * factor, flicker=self.flicker * factor, jump=self.jump * factor)


def draw(rng: np.random.Generator) -> BrightnessDrift:
    """Assumed: what is left after the microscope's automatic brightness."""
    return BrightnessDrift(
        key=int(rng.integers(2**53)),
        wander=float(rng.uniform(0.005, 0.02)),
        flicker=float(rng.uniform(0.001, 0.006)),
        jump=float(rng.uniform(0.0, 0.03)),
    )


def gains(params: BrightnessDrift, first_slice: int, slices: int) -> NDArray[np.float32]:
    """The gain of each slice."""
    number = np.arange(first_slice, first_slice + slices)
    wander = smooth_field(params.key, (centres_nm(slices, 1.0, first_slice),), (_SLICES,))
    flicker = smooth_field(params.key + 1, (centres_nm(slices, 1.0, first_slice),), (0.5,))
    run = np.arange(number[0] // _RUN, number[-1] // _RUN + 1)
    steps = np.where(uniform(params.key + 2, run) < 0.25, 2 * uniform(params.key + 3, run) - 1, 0) * np.sqrt(3)
    jump = steps[number // _RUN - run[0]]
    return np.asarray(1 + params.wander * wander + params.flicker * flicker + params.jump * jump, np.float32)


def apply(grey: NDArray[np.float32], params: BrightnessDrift, *, first_slice: int = 0) -> NDArray[np.float32]:
    """Multiply each slice of `grey` (Z Y X) by its gain."""
    if params.wander == params.flicker == params.jump == 0:
        return grey
    drifted: NDArray[np.float32] = grey * gains(params, first_slice, len(grey))[:, None, None]
    return drifted
