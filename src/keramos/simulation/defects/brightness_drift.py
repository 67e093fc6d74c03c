"""Brightness drift: the beam current wanders over hours, and jumps where it was corrected."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.simulation.defect import Defect, SliceRange
from keramos.simulation.smooth_field import centres_nm, smooth_field
from keramos.simulation.white import uniform

_SLICES = 40.0  # correlation length of the slow drift
_RUN = 25  # slices between two possible jumps


@dataclass(frozen=True)
class BrightnessDrift:
    """Gain of whole slices; all strengths are fractions of the grey value.

    Attributes:
        key: random key.
        wander: standard deviation of the slow drift, over about 40 slices.
        flicker: standard deviation from one slice to the next.
        jump: standard deviation of the jumps; one in four runs of 25 slices begins with one.
    """

    key: int
    wander: float = 0.015
    flicker: float = 0.004
    jump: float = 0.02

    def scale(self, factor: float) -> BrightnessDrift:
        return replace(self, wander=self.wander * factor, flicker=self.flicker * factor, jump=self.jump * factor)

    def gains(self, first_slice: int, slices: int) -> NDArray[np.float32]:
        """Gain of each of `slices` slices from number `first_slice` on."""
        number = np.arange(first_slice, first_slice + slices)
        wander = smooth_field(self.key, (centres_nm(slices, 1.0, first_slice),), (_SLICES,))
        flicker = smooth_field(self.key + 1, (centres_nm(slices, 1.0, first_slice),), (0.5,))
        run = np.arange(number[0] // _RUN, number[-1] // _RUN + 1)
        steps = np.where(uniform(self.key + 2, run) < 0.25, 2 * uniform(self.key + 3, run) - 1, 0) * np.sqrt(3)
        jump = steps[number // _RUN - run[0]]
        return np.asarray(1 + self.wander * wander + self.flicker * flicker + self.jump * jump, np.float32)

    def apply(self, grey: NDArray[np.float32], slices: SliceRange) -> NDArray[np.float32]:
        """Grey values (Z Y X) with each slice multiplied by its gain."""
        if self.wander == self.flicker == self.jump == 0:
            return grey
        drifted: NDArray[np.float32] = grey * self.gains(slices.first_slice, len(grey))[:, None, None]
        return drifted


def draw(rng: np.random.Generator, _: float) -> BrightnessDrift:
    """Assumed strengths: what remains after the automatic brightness of the microscope."""
    return BrightnessDrift(
        key=int(rng.integers(2**53)),
        wander=float(rng.uniform(0.005, 0.02)),
        flicker=float(rng.uniform(0.001, 0.006)),
        jump=float(rng.uniform(0.0, 0.03)),
    )


DEFECT = Defect("brightness_drift", "image", 60, draw, stream=12)
