"""Shifts between pairs of slices, joined into one position a slice by robust weighted least squares."""

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
_IGNORED = 1e-3  # weight that a link keeps at least, so that every slice stays joined


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
class Track:
    """Positions of slices as one layer shows them.

    Attributes:
        shown: numbers of the slices, ascending.
        yx: positions in pixels (slices, Y X), as far as they are known from slice to slice.
        closure: rms over all links of their difference from the positions (Y X): two ways around do not quite meet.
    """

    shown: NDArray[np.int64]
    yx: NDArray[np.float64]
    closure: NDArray[np.float64]


def join_links(links: Sequence[Link]) -> Track:
    """The positions of all slices that these links join.

    Example:
        >>> def link(a, b, shift): return Link(a, b, "face", np.array([0.0, shift]), np.array([0.1, 0.1]))
        >>> join_links([link(0, 1, 2.0), link(1, 2, -1.0), link(0, 2, 1.0)]).yx[:, 1].round(3).tolist()
        [-1.0, 1.0, 0.0]
    """
    ends = np.array([(link.first, link.second) for link in links])
    shown, place = np.unique(ends, return_inverse=True)
    first, second = place.reshape(ends.shape).T
    rows = np.tile(np.arange(len(links)), 2)
    signs = np.repeat([-1.0, 1.0], len(links))
    design = csr_array((signs, (rows, np.concatenate([first, second]))), shape=(len(links), len(shown)))
    solved = [_solve(design, np.array([(link.yx[axis], link.sd[axis]) for link in links])) for axis in (0, 1)]
    yx = np.stack([position for position, _ in solved], axis=-1)
    return Track(shown, yx - yx.mean(axis=0), np.array([closure for _, closure in solved]))


def _solve(design: csr_array, measured: NDArray[np.float64]) -> tuple[NDArray[np.float64], float]:
    """Positions along one axis from shifts and their standard deviations (links, 2), and the rms that is left."""
    shift, sd = measured.T
    sure = 1 / np.maximum(sd, 1e-3) ** 2
    weight = sure
    for _ in range(_ROUNDS):
        position = spsolve(_normal(design, weight).tocsc(), design.T @ (weight * shift))
        residual = shift - design @ position
        off = np.abs(residual) * np.sqrt(sure)
        spread = max(float(np.median(off)) / 0.6745, 1.0)
        weight = sure * np.maximum(np.clip(1 - (off / spread / _TUKEY) ** 2, 0, 1) ** 2, _IGNORED)
    used = weight > 0.1 * sure
    return np.asarray(position), float(np.sqrt(np.mean(residual[used] ** 2))) if used.any() else float("nan")


def _normal(design: csr_array, weight: NDArray[np.float64]) -> csr_array:
    """The normal matrix, with a weak pull of everything to 0 that fixes the mean."""
    matrix = (design.T @ design.multiply(weight[:, None])).tocsr()
    count = matrix.shape[0]
    weak = np.full(count, 1e-9 * matrix.diagonal().max())
    return csr_array(matrix + csr_array((weak, (np.arange(count), np.arange(count)))))
