"""Curtains undone: streaks along the ion beam, estimated and removed in solid alone."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.preparation.block_means import Grey
from keramos.preparation.remedy import RawStack, Remedy
from keramos.preparation.streak_drift import find_streak_drift, move_columns
from keramos.preparation.streak_fit import choose_around, fit_streaks
from keramos.preparation.streak_profile import Streaks, average_around, cell_edges, measure_streaks

_DARK, _SOLID = 0.65, 0.8
"""Fractions of the level of the solid: below the first nothing is changed, above the second all is."""
_LEAST_SIDE = 16


@dataclass(frozen=True, eq=False)
class Streaking:
    """Curtains as fractions of the level of the solid; all are 0 where there are none.

    Attributes:
        fine: streaks of full height (slices, X).
        stripe: stripes that run to one end of their columns (slices, X).
        start: row at which they begin, or before which they end (slices, X).
        upward: whether stripes run to the first row rather than the last one.
        levels: of the solid in 6 x 6 parts of each slice (slices, 6, 6).
        ion_beam: the axis along which they run; X above is the other one.
    """

    fine: NDArray[np.float32]
    stripe: NDArray[np.float32]
    start: NDArray[np.uint16]
    upward: bool
    levels: NDArray[np.float32]
    ion_beam: str

    @property
    def is_needed(self) -> bool:
        """Whether there are any curtains that are told for sure."""
        return bool(self.fine.any() or self.stripe.any())

    @property
    def summary(self) -> str:
        """One line for people."""
        if not self.is_needed:
            return f"no curtains along {self.ion_beam} were told for sure, and none were removed"
        share = 100 * float(np.count_nonzero(self.stripe)) / self.stripe.size
        return (
            f"curtains along {self.ion_beam} were removed from the solid: streaks with a standard deviation of "
            f"{100 * float(self.fine.std()):.1f} %, and stripes in {share:.1f} % of the columns"
        )


class _Observer:
    def __init__(self, stack: RawStack) -> None:
        self._stack = stack
        self._streaks: dict[int, Streaks] = {}

    def add(self, z: int, grey: Grey) -> None:
        if min(grey.shape) >= _LEAST_SIDE:
            streaks = measure_streaks(_stand(grey, self._stack.ion_beam))
            self._streaks[z] = Streaks(
                streaks.sums.astype(np.float16), streaks.weights.astype(np.uint8), streaks.levels
            )

    def finish(self) -> Streaking:
        slices, beam = self._stack.shape[0], self._stack.ion_beam
        rows, columns = self._stack.shape[1:] if beam == "y" else self._stack.shape[:0:-1]
        if len(self._streaks) < 2:
            none, level = np.zeros((slices, columns), np.float32), np.zeros((slices, 6, 6), np.float32)
            return Streaking(none, none, none.astype(np.uint16), False, level, beam)
        sums, weights, levels = (
            np.stack([getattr(streaks, part) for streaks in self._streaks.values()])
            for part in ("sums", "weights", "levels")
        )
        numbers = np.array(list(self._streaks))
        self._streaks.clear()
        around = choose_around(sums, weights)
        drift = find_streak_drift(sums[:, around], weights[:, around])
        fit = fit_streaks(move_columns(sums[:, around], -drift), move_columns(weights[:, around], -drift))
        nearest = _nearest(numbers, slices)
        start = cell_edges(rows)[fit.start].astype(np.uint16)
        return Streaking(
            move_columns(fit.fine, drift)[nearest],
            move_columns(fit.stripe, drift)[nearest],
            move_columns(start, drift)[nearest],
            fit.upward,
            _fill(levels)[nearest],
            beam,
        )


def _stand(grey: Grey, ion_beam: str) -> Grey:
    """Slices turned so that the ion beam runs along the last axis but one."""
    return grey if ion_beam == "y" else np.swapaxes(grey, -1, -2)


def _nearest(known: NDArray[np.intp], slices: int) -> NDArray[np.intp]:
    """For each slice the place of the nearest known one."""
    return np.asarray(np.rint(np.interp(np.arange(slices), known, np.arange(len(known)))), np.intp)


def _fill(levels: Grey) -> Grey:
    """Levels in which parts without solid have the median of their slice, or of all."""
    of_slice = np.array([np.nanmedian(one) if np.isfinite(one).any() else np.nan for one in levels])
    known = np.isfinite(of_slice)
    of_slice = np.where(known, of_slice, np.median(of_slice[known]) if known.any() else 0)
    return np.where(np.isfinite(levels), levels, of_slice[:, None, None]).astype(np.float32)


def remove_curtains(grey: Grey, streaking: Streaking, first_slice: int) -> Grey:
    """Grey values (Z Y X), overwritten, without the curtains; dark places, which no ion beam cuts, stay as they are."""
    for z, one in enumerate(grey, first_slice):
        if streaking.fine[z].any() or streaking.stripe[z].any():
            _remove_from_slice(_stand(one, streaking.ion_beam), streaking, z)
    return grey


def _remove_from_slice(one: Grey, streaking: Streaking, z: int) -> None:
    number, start = np.arange(len(one))[:, None], streaking.start[z]
    inside = number < start if streaking.upward else number >= start
    departure = streaking.fine[z] + streaking.stripe[z] * inside
    level = _spread(streaking.levels[z], one.shape)
    solid = average_around(one, 3)
    solid -= np.float32(_DARK) * level
    solid /= np.float32(_SOLID - _DARK) * level
    np.clip(solid, 0, 1, out=solid)
    departure *= solid
    departure += 1
    one /= departure


def _spread(levels: Grey, shape: tuple[int, ...]) -> Grey:
    """Levels of the parts of a slice, interpolated between their centres to all of its pixels."""
    down, across = (_hats(count, parts) for count, parts in zip(shape, levels.shape, strict=True))
    return np.asarray(np.maximum(down @ levels @ across.T, np.float32(1e-6)), np.float32)


def _hats(count: int, parts: int) -> Grey:
    """Weights (count, parts) of linear interpolation between the centres of parts."""
    place = np.clip((np.arange(count) + 0.5) * parts / count - 0.5, 0, parts - 1)
    weights: Grey = np.maximum(0, 1 - np.abs(place[:, None] - np.arange(parts))).astype(np.float32)
    return weights


REMEDY = Remedy(
    "curtains",
    "remove the streaks that the ion beam leaves, in solid",
    20,
    _Observer,
    remove_curtains,
    Streaking,
)
