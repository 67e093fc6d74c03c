"""The observer of floors: measures by how much the floors of voids brighten from each slice to the next.

The deeper a floor lies, the darker it looks. As the section comes nearer, each floor brightens by what the thickness
that was cut makes of it, whatever the structure. A void also changes its mouth meanwhile, and enclosed floors are
darker: how much so is told by the floors of each slice among themselves, and taken from the change.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, minimum_filter

from keramos.preparation.alignment import ShiftObserver
from keramos.preparation.alignment.flow import sample_shifted
from keramos.preparation.remedy import Grey

_EDGE = 7  # pixels: of a square that must lie on the face
_MOUTH = 12.0  # pixels: standard deviation of what counts as the mouth of a void around a floor
_DARKEST, _BRIGHTEST = 0.25, 0.85  # of the level of the face: darker floors are noise, brighter ones are rims
_MOST = 0.3  # change of the logarithm: larger ones are other floors
_FEWEST = 100  # pixels
_MOST_UNTOLD = 0.2  # share of the steps
_CLEAR = 1.5  # standard deviations of the change from step to step: its mean must be more


@dataclass(frozen=True, eq=False)
class FloorLight:
    """The brightening of floors.

    Attributes:
        shown: numbers of the slices that were looked at.
        brightening: change of the logarithm of the grey value of floors from each of them to the next.
    """

    shown: NDArray[np.int64]
    brightening: NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class _Seen:
    """A slice, the pixels of its face and of its floors, how open its voids are (all Y X), and where either lies."""

    grey: Grey
    is_face: NDArray[np.bool_]
    is_floor: NDArray[np.bool_]
    openness: Grey
    level: float
    face_at: NDArray[np.float64]
    floor_at: NDArray[np.float64]


@dataclass(frozen=True)
class _Change:
    """The change from one slice to the next: medians of logarithms over the floors, and how both vary together."""

    light: float
    openness: float
    together: float
    alone: float


class FloorLightObserver:
    """Compares the floors of each slice with those of the slice before it.

    Args:
        shifts: an observer of drift, which is shown each slice first.
    """

    def __init__(self, shifts: ShiftObserver) -> None:
        self._shifts = shifts
        self._last: _Seen | None = None
        self._shown: list[int] = []
        self._changes: list[_Change | None] = []

    def add(self, z: int, _: Grey) -> None:
        """Look at slice `z`, as the observer of drift has seen it."""
        seen = _look(self._shifts)
        if self._shown:
            self._changes.append(None if seen is None or self._last is None else _compare(self._last, seen))
        self._last = seen
        self._shown.append(z)

    def finish(self) -> FloorLight | None:
        """The brightening of floors; None where too few are seen, or they do not clearly brighten or darken."""
        told = [change for change in self._changes if change is not None]
        if len(told) < 2 or len(told) < (1 - _MOST_UNTOLD) * len(self._changes):
            return None
        slope = sum(change.together for change in told) / max(sum(change.alone for change in told), 1e-9)
        light = np.array([change.light - slope * change.openness for change in told])
        if abs(light.mean()) < _CLEAR * light.std():
            return None
        at = [place for place, change in enumerate(self._changes) if change is not None]
        return FloorLight(np.array(self._shown, np.int64), np.interp(np.arange(len(self._changes)), at, light))


def _look(shifts: ShiftObserver) -> _Seen | None:
    """The slice that the observer of drift saw last; None where it shows too few floors."""
    layers, at = shifts.show_last()
    if not layers.has_floors:
        return None
    bright = layers.face > layers.face.min()
    is_face = minimum_filter(bright.view(np.uint8), _EDGE).view(np.bool_)
    if not is_face.any():
        return None
    grey = np.where(bright, layers.face, layers.floor)
    openness = gaussian_filter((~bright).astype(np.float32), _MOUTH, truncate=3.0)
    return _Seen(grey, is_face, layers.is_floor, openness, float(np.median(grey[is_face])), at["face"], at["floor"])


def _compare(first: _Seen, second: _Seen) -> _Change | None:
    """The change of the floors that both slices show, against that of the face; None if there are too few."""
    faces = _pair(first.is_face, second.is_face, first.face_at - second.face_at, (first.grey, second.grey))
    yx = first.floor_at - second.floor_at
    floors = _pair(first.is_floor, second.is_floor, yx, (first.grey, second.grey), (first.openness, second.openness))
    (before, after), (open_before, open_after) = floors
    share = (before + after) / (2 * first.level)
    usable = (share > _DARKEST) & (share < _BRIGHTEST) & (before > 0) & (after > 0)
    if np.count_nonzero(usable) < _FEWEST or len(faces[0][0]) < _FEWEST:
        return None
    gain = float(np.median(_log_ratio(*faces[0])))
    light = _log_ratio(before[usable], after[usable]) - gain
    opening = _log_ratio(open_before[usable], open_after[usable])
    middle, off = float(np.median(light)), opening - opening.mean()
    together = float(off @ np.clip(light - middle, -_MOST, _MOST))
    return _Change(middle, float(np.median(opening)), together, float(off @ off))


def _pair(
    first: NDArray[np.bool_], second: NDArray[np.bool_], yx: NDArray[np.float64], *images: tuple[Grey, Grey]
) -> list[tuple[Grey, Grey]]:
    """Pixels of pairs of images at the places that are chosen in the first, and `yx` further on in the second."""
    moved, inside = sample_shifted(second.astype(np.float32), yx)
    both = first[inside] & (moved > 0.9)
    return [(one[inside][both], sample_shifted(other, yx)[0][both]) for one, other in images]


def _log_ratio(before: Grey, after: Grey) -> Grey:
    return np.asarray(np.log(np.maximum(after, 1e-6) / np.maximum(before, 1e-6)), np.float32)
