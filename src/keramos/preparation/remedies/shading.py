"""Shading undone: one smooth gain over the plane of all slices.

Shading is the same in every slice, and material is not: a stack of few slices is left alone, and so is one whose gain
is not told for certain. A material that gets brighter from one side to the other, smoothly and in every slice, looks
the same and is evened out, too.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.preparation.block_means import Grey, average_blocks
from keramos.preparation.remedy import RawStack, Remedy
from keramos.preparation.smooth_gain import SmoothGain, fit_smooth_gain

_MOST_SLICES = 48
_FEWEST_SLICES = 4
_LEAST_SIDE = 24
_SURE = 3.0
"""Standard deviations that the gain must differ from an even one, root mean square; and by at least 1 %."""
_LEAST = 0.01


@dataclass(frozen=True, eq=False)
class Shade:
    """A smooth gain over the plane of the slices.

    Attributes:
        coefficients: of its logarithm, in Legendre polynomials on -1 to 1 along Y and X (5 x 5); all 0 for none.
        sd: standard deviation of the logarithm; infinite where it could not be told.
        reason: why nothing is removed; empty if something is.
    """

    coefficients: NDArray[np.float64]
    sd: float
    reason: str = ""

    @property
    def is_needed(self) -> bool:
        """Whether there is any shading to remove."""
        return not self.reason

    @property
    def summary(self) -> str:
        """One line for people."""
        if self.reason:
            return self.reason
        gain = self.gain((64, 64))
        return f"the slices were shaded: a smooth gain of {gain.min():.2f} to {gain.max():.2f} was divided out"

    def gain(self, shape: tuple[int, ...]) -> Grey:
        """The gain (Y X) of slices of that shape; its mean is 1."""
        gain = np.exp(SmoothGain(self.coefficients, self.sd).logarithm(shape))
        gain /= gain.mean()
        return gain


class _Observer:
    def __init__(self, stack: RawStack) -> None:
        self._stack = stack
        self._every = max(1, stack.shape[0] // _MOST_SLICES)
        self._small: dict[int, Grey] = {}

    def add(self, z: int, grey: Grey) -> None:
        if z // self._every not in self._small:
            self._small[z // self._every] = average_blocks(grey)

    def finish(self) -> Shade:
        none = np.zeros((5, 5))
        if len(self._small) < _FEWEST_SLICES:
            return Shade(none, np.inf, "shading cannot be told from the material in so few slices, and was left alone")
        small = np.stack(list(self._small.values()))
        if min(small.shape[1:]) < _LEAST_SIDE:
            return Shade(none, np.inf, "the slices are too small to tell shading, which was left alone")
        ceiling = np.inf if self._stack.largest is None else 0.99 * self._stack.largest
        usable = (small > 0) & (small < ceiling)
        gain = fit_smooth_gain(np.log(np.where(usable, small, np.float32(np.nan))))
        if gain is None:
            return Shade(none, np.inf, "there is too little of a bright phase to tell shading, which was left alone")
        strength = float(np.std(gain.logarithm((64, 64))))
        if strength < max(_SURE * gain.sd, _LEAST):
            return Shade(none, gain.sd, f"the slices are evenly bright within {100 * max(gain.sd, _LEAST):.0f} %")
        return Shade(gain.coefficients, gain.sd)


def divide_gain_out(grey: Grey, shade: Shade, _: int) -> Grey:
    """Grey values (Z Y X), overwritten, divided by the gain."""
    if shade.is_needed:
        grey *= 1 / shade.gain(grey.shape[1:])
    return grey


REMEDY = Remedy(
    "shading",
    "even out brightness that changes smoothly across all slices",
    30,
    _Observer,
    divide_gain_out,
    Shade,
    is_default=True,
)
