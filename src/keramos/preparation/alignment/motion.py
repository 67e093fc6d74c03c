"""The motion of slices from what the cut face and the floors of voids tell of it.

The face tells every change from slice to slice sharply, but the material's own slopes add up along the stack like a
random walk. Floors are rigid, but noisy. So the face is followed from slice to slice, and its walk against the floors
is taken from it in part: the more, the faster it goes astray by itself, as far as the tiles of the images disagree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import solveh_banded

from keramos.preparation.alignment.tracks import Link, Track, join_links
from keramos.preparation.alignment.wander import Wander

_ENOUGH = 0.8  # share of slices in which floors must be seen
_LEAST = 6  # slices: fewer tell nothing of the walk
_PULLED = 0.1  # measured on phantoms: share of the parallax by which floors pull at the face, more or less, in a slice
_UNSEEN = 2.5  # measured on phantoms: variance of the steady step where floors do not tell how they pull at it


@dataclass(frozen=True, eq=False)
class SliceMotion:
    """Positions of slices against each other, as far as their images tell.

    Attributes:
        yx: positions in pixels (slices, Y X): what lies at p in a slice lies at p + `yx` in all; their mean is 0. A
            steady shift from slice to slice is contained as the face shows it: it may be the material's own.
        sd: standard deviations (slices, Y X) of the positions without their straight line.
        shown: numbers of the slices that were looked at; the others have the positions between their neighbours.
        links: all shifts measured.
        closure: difference by which two ways around between the same slices do not meet, rms in pixels (Y X).
        steady_sd: standard deviation in pixels a slice of the steady shift, if the material is isotropic (Y X), from
            how far the tiles of the images went apart.
        face, floor: the positions as either shows them; `floor` is None where too few are seen.
        fiducial: positions against something fixed; None where no box was given, or nothing was seen in it.
        parallax: how much further floors move than the face, in pixels a slice (Y X); NaN without floors.
    """

    yx: NDArray[np.float64]
    sd: NDArray[np.float64]
    shown: NDArray[np.int64]
    links: tuple[Link, ...]
    closure: NDArray[np.float64]
    steady_sd: NDArray[np.float64]
    face: Track | None
    floor: Track | None
    fiducial: Track | None
    parallax: NDArray[np.float64]


def find_motion(links: Sequence[Link], depth: int, shown: NDArray[np.int64], wander: dict[str, Wander]) -> SliceMotion:
    """The motion of `depth` slices from the links between those that were `shown`."""
    by_layer = {name: [link for link in links if link.layer == name] for name in ("face", "floor", "fiducial")}
    tracks = {name: join_links(chosen) for name, chosen in by_layer.items() if chosen}
    face, floor, fixed = (tracks.get(name) for name in ("face", "floor", "fiducial"))
    nothing = np.full(2, np.nan)
    if face is None:
        zero = np.zeros((depth, 2))
        return SliceMotion(zero, zero, shown, tuple(links), nothing, nothing, None, None, fixed, nothing)
    if floor is not None and len(floor.shown) < max(_ENOUGH * len(face.shown), _LEAST):
        floor = None
    yx, rate, parallax = face.yx, wander["face"].rate, nothing
    if floor is not None:
        yx, rate, parallax = _combine(face, floor, wander)
    everywhere = np.stack([np.interp(np.arange(depth), face.shown, yx[:, axis]) for axis in (0, 1)], axis=-1)
    return SliceMotion(
        everywhere - everywhere.mean(axis=0),
        np.sqrt(spread_of_walk(depth)[:, None] * rate),
        shown,
        tuple(links),
        face.closure,
        np.sqrt(wander["face"].steady * (_UNSEEN if floor is None else 1.0)),
        face,
        floor,
        fixed,
        parallax,
    )


def _combine(
    face: Track, floor: Track, wander: dict[str, Wander]
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Positions from both layers, the variance that they gather a slice, and the parallax."""
    yx, rates, parallax = face.yx.copy(), np.zeros(2), np.zeros(2)
    for axis in (0, 1):
        seen = np.interp(face.shown, floor.shown, floor.yx[:, axis])
        apart, slope = flatten(face.shown, (face.yx[:, axis] - seen)[:, None])
        own, other = wander["face"].rate[axis] + (_PULLED * slope[0]) ** 2, wander["floor"].rate[axis]
        walk, _ = flatten(face.shown, _smooth_walk(apart[:, 0], own + other)[:, None])
        yx[:, axis] -= own / (own + other) * walk[:, 0]
        # Layers that disagree by more than their errors let them are known less well than these say (Birge 1932).
        expected = float(spread_of_walk(len(walk)).mean()) * (own + other)
        rates[axis] = own * other / (own + other) * max(1.0, float(np.mean(walk**2)) / expected)
        parallax[axis] = -slope[0]
    return yx, rates, parallax


def _smooth_walk(values: NDArray[np.float64], rate: float) -> NDArray[np.float64]:
    """A random walk of a known variance a step, from values with white noise on it, whose variance they tell."""
    steps = np.diff(values)
    steps = steps - steps.mean()
    rate = max(rate, 1e-8)
    noise = max(-float(np.mean(steps[1:] * steps[:-1])), 1e-4 * rate, 1e-8)
    bands = np.zeros((2, len(values)))
    bands[0, 1:] = -1 / rate
    bands[1] = 1 / noise + 2 / rate
    bands[1, [0, -1]] -= 1 / rate
    return np.asarray(solveh_banded(bands, values / noise))


def flatten(shown: NDArray[np.int64], yx: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Positions (slices, n) without the straight line through them, and that line's step a slice (n)."""
    time = shown - shown.mean()
    square = float(time @ time)
    slope = time @ yx / square if square else np.zeros(yx.shape[1])
    return yx - yx.mean(axis=0) - time[:, None] * slope, slope


def spread_of_walk(depth: int) -> NDArray[np.float64]:
    """Variance at each of `depth` steps of a random walk of variance 1 a step, without the line through it.

    Example:
        >>> float(spread_of_walk(60).mean().round(1))  # depth / 15
        4.0
    """
    count = min(depth, 200)
    walk = np.tril(np.ones((count, count)))
    bent, _ = flatten(np.arange(count), walk)
    return np.asarray(np.interp(np.linspace(0, count - 1, depth), np.arange(count), (bent**2).sum(axis=1))) * (
        depth / count
    )
