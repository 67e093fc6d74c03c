"""Brightness drift undone: the level of the bright phase is made the same in all slices.

The level is the most frequent grey value above the threshold between dark and bright: unlike the mean, it does not
follow the amount of a phase, so that a gradient of the composition stays. It is told in quarters of a slice, too: what
they do not have in common is not drift.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from keramos.preparation.block_means import Grey, average_blocks
from keramos.preparation.remedy import RawStack, Remedy
from keramos.preparation.smooth_gain import find_bright, find_mode, fit_smooth_gain

Doubles = NDArray[np.float64]

_SIDE = 64
_FEWEST = 30
_WIDTHS = (0.15, 0.07, 0.03)
"""Windows of the mode, as logarithms; solid has a standard deviation of about 0.04 in means of 4 x 4 pixels."""
_SURE = 2.0
_LEAST_SD = 0.001
_LEAST = 0.004
"""Drift whose largest change is smaller is left alone: phantoms without any have up to 0.003 in one of three."""
_MOST_FITTED = 48
_ALIKE, _MOST_WRONG = 0.05, 0.02
"""Difference of steps, and the share of slices in which it may be larger."""


@dataclass(frozen=True, eq=False)
class SliceGains:
    """Gains of whole slices.

    Attributes:
        gain: of each slice; their median is 1.
        sd: standard deviation of one, as a fraction; infinite where the levels are not known.
        largest: grey value at which pixels are saturated; they stay so.
    """

    gain: NDArray[np.float32]
    sd: float
    largest: float | None = None

    @property
    def is_needed(self) -> bool:
        """Whether any slice differs from the others."""
        return bool(np.any(self.gain != 1))

    @property
    def summary(self) -> str:
        """One line for people."""
        if not np.isfinite(self.sd):
            return "there is too little of a bright phase to tell brightness drift, which was left alone"
        if not self.is_needed:
            return f"the slices are equally bright, within {100 * self.sd:.1f} %"
        return f"slices were brought to one brightness; their gains were {self.gain.min():.3f} to {self.gain.max():.3f}"


class _Observer:
    def __init__(self, stack: RawStack) -> None:
        self._stack = stack
        self._small: dict[int, Grey] = {}

    def add(self, z: int, grey: Grey) -> None:
        self._small[z] = average_blocks(grey, _SIDE)

    def finish(self) -> SliceGains:
        slices, largest = self._stack.shape[0], self._stack.largest
        levels = _measure_levels(np.stack(list(self._small.values())), largest) if self._small else np.empty((0, 5))
        known = np.flatnonzero(~np.isnan(levels[:, 0]))
        if len(known) < 2:
            return SliceGains(np.ones(slices, np.float32), np.inf, largest)
        changes, sd = _tell_changes(levels[known])
        logarithms = np.interp(np.arange(slices), np.array(list(self._small))[known], changes)
        return SliceGains(np.exp(logarithms).astype(np.float32), sd, largest)


def _measure_levels(small: Grey, largest: float | None) -> Doubles:
    """Logarithms of the level of the bright phase in small slices (slices, Y X), in the whole and in four quarters
    (slices, 5); NaN where there is too little of it, and in all slices where the levels of neighbours do not differ as
    their pixels at one place do: then it is not one phase in all of them."""
    usable = (small > 0) & (small < (np.inf if largest is None else 0.99 * largest))
    logarithms = np.log(np.where(usable, small, np.float32(np.nan)))
    steps = np.array([_find_step(*pair) for pair in pairwise(logarithms)])
    rough = np.log(np.maximum(np.percentile(small, 75, axis=(1, 2)), 1e-6))
    followed = np.append(0.0, np.cumsum(steps - np.median(steps))) if len(steps) else rough
    for start in (rough, followed):
        levels = _align_levels(logarithms, start)
        wrong = np.abs(np.diff(levels[:, 0]) - steps) > _ALIKE
        if np.count_nonzero(wrong) <= _MOST_WRONG * len(steps):
            return levels
    return np.full((len(small), 5), np.nan)


def _find_step(first: Grey, second: Grey) -> float:
    """The most frequent difference of pixels at one place that are in the brighter half of both slices."""
    known = ~(np.isnan(first) | np.isnan(second))
    if np.count_nonzero(known) < _FEWEST:
        return 0.0
    bright = known & (first >= np.median(first[known])) & (second >= np.median(second[known]))
    difference = (second - first)[bright]
    if len(difference) < _FEWEST:
        return 0.0
    middle = float(np.median(difference))
    width = float(np.clip(1.2 * np.median(np.abs(difference - middle)), 0.01, 0.1))
    return find_mode(difference, middle, width)[0]


def _align_levels(logarithms: Grey, rough: Doubles) -> Doubles:
    """The levels (slices, 5) of slices that those of `rough` (slices) bring near each other."""
    shift = rough.copy()
    even = logarithms - shift[:, None, None].astype(np.float32)
    gain = fit_smooth_gain(even[:: 1 + len(even) // _MOST_FITTED])
    if gain is not None:
        even -= gain.logarithm(even.shape[1:])
    levels = np.full((len(even), 5), np.nan)
    for width in _WIDTHS:
        bright = find_bright(even)
        usual = even[bright][:: 1 + np.count_nonzero(bright) // 100_000]
        if len(usual) < _FEWEST:
            break
        start, _ = find_mode(usual, float(np.median(usual)), width)
        levels = np.array(
            [
                [_find_level(part, start, width) for part in _split(np.where(keep, one, np.float32(np.nan)))]
                for one, keep in zip(even, bright, strict=True)
            ]
        )
        change = np.nan_to_num(levels[:, 0] - start)
        even -= change[:, None, None].astype(np.float32)
        levels += shift[:, None]
        shift += change
    return levels


def _split(one: Grey) -> list[Grey]:
    """A slice, and its four quarters."""
    down, across = one.shape[0] // 2, one.shape[1] // 2
    return [one, one[:down, :across], one[:down, across:], one[down:, :across], one[down:, across:]]


def _find_level(pixels: Grey, start: float, width: float) -> float:
    known = pixels[~np.isnan(pixels)]
    return find_mode(known, start, width)[0] if len(known) >= _FEWEST else np.nan


def _tell_changes(levels: Doubles) -> tuple[Doubles, float]:
    """The part of the levels that is drift (slices), and the standard deviation of one.

    Quarters of a slice drift together; half of their standard deviation is the error of the whole. Changes near or
    below the error are taken for it, larger ones are kept (the non-negative garrote, Breiman 1995).
    """
    centred, is_seen = levels.copy(), ~np.isnan(levels).all(axis=0)
    centred[:, is_seen] -= np.nanmedian(levels[:, is_seen], axis=0)
    quarters = centred[:, 1:]
    enough = np.count_nonzero(~np.isnan(quarters), axis=1) > 1
    # The median of chi squared with three degrees of freedom is 0.79 times their number.
    error = float(np.sqrt(np.median(np.nanvar(quarters[enough], axis=1, ddof=1)) / 0.79 / 4)) if enough.any() else 0.0
    sd = max(error, _LEAST_SD)
    size = np.maximum(np.abs(centred[:, 0]), 1e-12)
    kept = centred[:, 0] * np.maximum(0, 1 - (_SURE * sd / size) ** 2)
    return kept * (np.abs(kept).max() >= _LEAST), sd


def level_slices(grey: Grey, gains: SliceGains, first_slice: int) -> Grey:
    """Grey values (Z Y X), overwritten, with each slice divided by its gain; saturated pixels stay saturated."""
    for one, gain in zip(grey, gains.gain[first_slice : first_slice + len(grey)], strict=True):
        if gain == 1:
            continue
        saturated = None if gains.largest is None or gain < 1 else one >= gains.largest
        one *= 1 / gain
        if saturated is not None:
            one[saturated] = gains.largest
    return grey


REMEDY = Remedy(
    "brightness_drift",
    "bring all slices to one brightness",
    10,
    _Observer,
    level_slices,
    SliceGains,
    is_default=True,
)
