"""Shifts between pairs of slices, joined into one position a slice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.sparse import csr_array
from scipy.sparse.linalg import spsolve

from keramos.preparation.alignment.flow import LayerName

_ROUNDS = 12  # of reweighting
_TUKEY = 4.685  # residual over its standard deviation at which a link no longer counts (95 % efficient)
_LASTING = {
    "face": 2.0,
    "floor": 1.0,
    "fiducial": 1.0,
}  # standard deviations: errors of the face last for several slices, and add up


@dataclass(frozen=True, eq=False)
class Link:
    """The shift measured between two slices: `second` at p shows what `first` shows at p + `yx`.

    Attributes:
        first, second: numbers of the slices.
        layer: the part of the images that it was measured on.
        yx, sd: pixels along Y and X, and their standard deviations.
    """

    first: int
    second: int
    layer: LayerName
    yx: NDArray[np.float64]
    sd: NDArray[np.float64]

    def scale(self, factor: float) -> Link:
        """The same link in pixels that are `factor` times as fine."""
        return self if factor == 1 else replace(self, yx=self.yx * factor, sd=self.sd * factor)


@dataclass(frozen=True, eq=False)
class SliceMotion:
    """Positions of slices against each other, as far as their images tell.

    Attributes:
        yx: positions in pixels (slices, Y X): what lies at p in a slice lies at p + `yx` in all; their mean is 0. A
            steady shift from slice to slice is contained as the material shows it: it may be its own.
        sd: standard deviations (slices, Y X) of the positions without their trend.
        shown: numbers of the slices that were looked at; the others have the positions between their neighbours.
        links: all shifts measured.
        closure: by how much two ways around between the same slices differ, rms in pixels (Y X).
        fiducial: positions (slices, Y X) of the slices against something fixed; None where no box was given, or nothing
            was seen in it.
        parallax: how much further floors move than the face, in pixels a slice (Y X); NaN without floors.
    """

    yx: NDArray[np.float64]
    sd: NDArray[np.float64]
    shown: NDArray[np.int64]
    links: tuple[Link, ...]
    closure: NDArray[np.float64]
    parallax: NDArray[np.float64]
    fiducial: NDArray[np.float64] | None = None


def join_links(links: Sequence[Link], depth: int, shown: NDArray[np.int64]) -> SliceMotion:
    """Positions of all `depth` slices from links between those that were `shown`, by robust weighted least squares."""
    yx, sd = np.zeros((depth, 2)), np.zeros((depth, 2))
    closure, parallax = np.zeros(2), np.full(2, np.nan)
    free = [link for link in links if link.layer != "fiducial"]
    for axis in (0, 1) if free else ():
        joined = _solve(free, axis)
        yx[:, axis] = np.interp(np.arange(depth), shown, joined.position)
        sd[:, axis] = np.interp(np.arange(depth), shown, joined.sd)
        closure[axis], parallax[axis] = joined.closure, joined.parallax
    return SliceMotion(yx - yx.mean(axis=0), sd, shown, tuple(links), closure, parallax, _join_fixed(links, depth))


def _join_fixed(links: Sequence[Link], depth: int) -> NDArray[np.float64] | None:
    fixed = [link for link in links if link.layer == "fiducial"]
    if not fixed:
        return None
    shown = np.unique([(link.first, link.second) for link in fixed])
    yx = np.stack([np.interp(np.arange(depth), shown, _solve(fixed, axis).position) for axis in (0, 1)], axis=-1)
    return np.asarray(yx - yx.mean(axis=0))


@dataclass(frozen=True, eq=False)
class _Solution:
    position: NDArray[np.float64]
    sd: NDArray[np.float64]
    closure: float
    parallax: float


def _solve(links: Sequence[Link], axis: int) -> _Solution:
    """One axis of the slices that links join; unknown besides the positions is the parallax of floors."""
    rows = np.arange(len(links))
    ends = np.array([(link.first, link.second) for link in links])
    shown, place = np.unique(ends, return_inverse=True)
    first, second = place.reshape(ends.shape).T
    floor = np.array([(link.second - link.first) * (link.layer == "floor") for link in links], np.float64)
    shift = np.array([link.yx[axis] for link in links])
    sd = np.array([link.sd[axis] * _LASTING[link.layer] for link in links])
    count = len(shown)
    design = csr_array(
        (
            np.concatenate([-np.ones(len(rows)), np.ones(len(rows)), floor]),
            (np.tile(rows, 3), np.concatenate([first, second, np.full(len(rows), count)])),
        ),
        shape=(len(rows), count + 1),
    )
    weight = 1 / sd**2
    solved, residual = np.zeros(count + 1), np.zeros(len(rows))
    for _ in range(_ROUNDS):
        solved = _least_squares(design, shift, weight)
        residual = shift - design @ solved
        spread = max(float(np.median(np.abs(residual / sd))) / 0.6745, 1.0)
        weight = np.clip(1 - (residual / sd / spread / _TUKEY) ** 2, 0.01, 1) ** 2 / sd**2
    used = weight > 0.1 / sd**2
    closure = float(np.sqrt(np.mean(residual[used] ** 2))) if used.any() else float("nan")
    return _Solution(solved[:-1], _detrended_sd(design, weight, count), closure, solved[-1] if floor.any() else np.nan)


def _normal(design: csr_array, weight: NDArray[np.float64]) -> csr_array:
    """The normal matrix, with a weak pull of everything to 0 that fixes the mean."""
    scaled = design.multiply(weight[:, None])
    matrix = (design.T @ scaled).tocsr()
    weak = 1e-9 * matrix.diagonal().max()
    return csr_array(matrix + csr_array((np.full(matrix.shape[0], weak), (np.arange(matrix.shape[0]),) * 2)))


def _least_squares(design: csr_array, shift: NDArray[np.float64], weight: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(spsolve(_normal(design, weight).tocsc(), design.T @ (weight * shift)))


def _detrended_sd(design: csr_array, weight: NDArray[np.float64], count: int) -> NDArray[np.float64]:
    """Standard deviations of the positions about their straight line."""
    inverse = np.linalg.pinv(_normal(design, weight).toarray(), hermitian=True)[:count, :count]
    time = np.arange(count) - (count - 1) / 2
    line = np.stack([np.ones(count), time], axis=-1)
    flat = np.eye(count) - line @ np.linalg.pinv(line)
    return np.sqrt(np.maximum(np.diag(flat @ inverse @ flat), 0))
