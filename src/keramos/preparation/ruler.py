"""The depth of each slice from a ruler: two lines, milled at an angle to each other, whose distance in the slices
changes evenly with depth."""

from __future__ import annotations

from dataclasses import dataclass
from math import radians, tan

import numpy as np
from numpy.typing import NDArray

from keramos.preparation.remedy import Grey
from keramos.preparation.slice_positions import SlicePositions

PlaneBox = tuple[int, int, int, int]
"""First and last row, first and last column of a part of a slice, in pixels; the last ones are outside."""

_LEAST = 16  # pixels: shortest edge of the box
_ROUNDS = 3  # of matching against the mean of all slices as matched before
_REACH = 12  # pixels: farthest that a line moves from one slice to the next
_SURE = 5.0  # standard deviations: a smaller change of the distance over the stack is none
_BACK = 0.25
"""Of the change of the distance over the stack: by so much it may turn back, all steps together. Readings that err by
as much as a step turn back by 0.2."""
_WIDEST, _THIN = 0.4, 12
"""Of a half of the box, and pixels: what is wider than both is no single line."""
_CLOSEST = 0.02  # of the nominal step: slices lie at least so far apart


@dataclass(frozen=True, eq=False)
class RulerReading:
    """The distance of the two lines in each slice that was shown, with its standard deviation, in pixels, and the axis
    of a slice (`y` or `x`) along which they are apart. The distance in the first slice counts as 0. `halves` are those
    of the region, 0 or 1, in which there is no line, or more than one."""

    distance: NDArray[np.float64]
    sd: NDArray[np.float64]
    axis: str
    halves: tuple[int, ...] = ()


class RulerObserver:
    """Reads a box of each slice that shows one line in each half.

    Args:
        box: the part of the slices; the lines run across the whole of it, one on each side of its middle.

    Raises:
        ValueError: the box is too small.
    """

    def __init__(self, box: PlaneBox) -> None:
        top, bottom, left, right = box
        if min(bottom - top, right - left) < _LEAST:
            raise ValueError(f"a ruler of at least {_LEAST} x {_LEAST} pixels, found {bottom - top} x {right - left}")
        self._window = (slice(top, bottom), slice(left, right))
        self._profiles: dict[str, list[NDArray[np.float64]]] = {"y": [], "x": []}

    def add(self, z: int, grey: Grey) -> None:  # noqa: ARG002
        """Look at slice `z` (Y X)."""
        part = grey[self._window].astype(np.float64)
        self._profiles["y"].append(part.mean(axis=1))
        self._profiles["x"].append(part.mean(axis=0))

    def finish(self) -> RulerReading:
        """The distance of the lines in all slices that were shown."""
        stacks = {axis: np.array(profiles) for axis, profiles in self._profiles.items()}
        axis = max(stacks, key=lambda name: float(np.mean(np.diff(stacks[name], axis=1) ** 2)))
        profiles = stacks[axis]
        middle = profiles.shape[1] // 2
        (near, near_sd, first), (far, far_sd, second) = _follow(profiles[:, :middle]), _follow(profiles[:, middle:])
        halves = tuple(half for half, mean in enumerate((first, second)) if not _is_line(mean))
        return RulerReading((far - far[0]) - (near - near[0]), np.hypot(near_sd, far_sd), axis, halves)


def place_by_ruler(
    reading: RulerReading,
    even_nm: NDArray[np.float64],
    pitch_nm: float,
    scale: tuple[float, float] | None = None,
) -> SlicePositions | None:
    """Positions from a ruler; None where its lines keep their distance, come nearer and go apart by turns, or are read
    with an error of more than a step.

    Args:
        reading: of the slices that are used.
        even_nm: their nominal positions; the first keeps its own.
        pitch_nm: the nominal step.
        scale: the angle between the lines in degrees, and the edge of a pixel along the axis of the reading in nm;
            None: the mean step is the nominal one.

    Example:
        >>> reading = RulerReading(np.array([0.0, 1.0, 2.5, 3.0]), np.full(4, 0.01), "x")
        >>> place_by_ruler(reading, np.array([0.0, 20, 40, 60]), 20.0).nm.tolist()
        [0.0, 20.0, 50.0, 60.0]
        >>> place_by_ruler(reading, np.array([0.0, 20, 40, 60]), 20.0, (53.13010235, 10.0)).nm.round(3).tolist()
        [0.0, 10.0, 25.0, 30.0]
    """
    distance = reading.distance - reading.distance[0]
    change = float(distance[-1])
    if abs(change) < _SURE * float(np.hypot(reading.sd[0], reading.sd[-1])):
        return None
    along = distance / change
    is_vague = float(np.median(reading.sd)) * (len(along) - 1) > abs(change)
    if is_vague or float(-np.minimum(np.diff(along), 0).sum()) > _BACK:
        return None
    length = float(even_nm[-1] - even_nm[0])
    if scale is not None:
        angle, pixel_nm = scale
        length = abs(change) * pixel_nm / (2 * tan(radians(angle) / 2))
    nm = _ascend(along * length, _CLOSEST * pitch_nm)
    square = reading.sd**2 + ((1 - along) * reading.sd[0]) ** 2 + (along * reading.sd[-1]) ** 2
    square[[0, -1]] = 0
    sd = np.sqrt(square) * length / abs(change)
    return SlicePositions(
        even_nm[0] + nm,
        sd,
        np.hypot(reading.sd[1:], reading.sd[:-1]) * length / abs(change),
        float(np.std(np.diff(nm) / np.diff(even_nm))) if len(nm) > 1 else float("nan"),
    )


def _ascend(nm: NDArray[np.float64], least: float) -> NDArray[np.float64]:
    """Positions that ascend by `least` or more."""
    ramp = least * np.arange(len(nm))
    return np.asarray(np.maximum.accumulate(nm - ramp) + ramp)


def _is_line(mean: NDArray[np.float64]) -> bool:
    """Whether all places of a profile that differ from the ground by half as much as any lie near each other: they are
    those of one line. The ground runs straight through both ends."""
    ends = max(2, len(mean) // 4)
    first, last = float(np.median(mean[:ends])), float(np.median(mean[-ends:]))
    ground = first + (last - first) * np.linspace(-1 / 6, 7 / 6, len(mean))
    far = np.abs(mean - ground)
    places = np.flatnonzero(far > far.max() / 2)
    return bool(len(places)) and int(np.ptp(places)) + 1 <= max(_WIDEST * len(mean), _THIN)


def _follow(
    profiles: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """The position of a line in profiles (slices, pixels) against the first, its standard deviation, in pixels, and the
    mean profile: by the shift at which a profile is most like the mean of all."""
    centred = profiles - profiles.mean(axis=1, keepdims=True)
    centred /= np.maximum(centred.std(axis=1, keepdims=True), 1e-9)
    mean, shifts = centred[0], np.zeros(len(centred))
    sd = np.zeros(len(centred))
    for turn in range(_ROUNDS):
        last = 0.0
        for k, profile in enumerate(centred):
            last, sd[k] = _match(mean, profile, last if turn == 0 else shifts[k])
            shifts[k] = last
        mean = np.mean([_move(profile, -shift) for profile, shift in zip(centred, shifts, strict=True)], axis=0)
    return shifts, sd, mean


def _match(mean: NDArray[np.float64], profile: NDArray[np.float64], guess: float) -> tuple[float, float]:
    """The shift of a profile against the mean, and its standard deviation: to whole pixels by the smallest difference,
    then by Gauss and Newton's method."""
    reach = min(_REACH, len(profile) // 3)
    whole = [round(guess) + step for step in range(-reach, reach + 1)]
    misfits = [float(np.mean((_move(mean, shift) - profile) ** 2)) for shift in whole]
    shift = float(whole[int(np.argmin(misfits))])
    square, residual = 1.0, profile
    for _ in range(6):
        moved = _move(mean, shift)
        slope = -np.gradient(moved)
        residual = profile - moved
        square = max(float(slope @ slope), 1e-12)
        shift += float(np.clip(slope @ residual / square, -1, 1))
    return shift, float(np.sqrt(np.mean(residual**2) / square))


def _move(profile: NDArray[np.float64], shift: float) -> NDArray[np.float64]:
    """The profile moved towards larger places; beyond its ends it keeps their values."""
    places = np.arange(len(profile))
    return np.asarray(np.interp(places - shift, places, profile))
