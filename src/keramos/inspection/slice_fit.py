"""The fit of labels to the slice where they lie, and to other slices of the stack."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from keramos.core import Box, Volume
from keramos.inspection.outlines import (
    LEAST_JUMP,
    Jumps,
    Outlines,
    cell_means,
    find_outlines,
    mean_greys,
    measure_consistency,
    smooth_slice,
)
from keramos.learning import AnnotatedSlice

_RING = tuple((4 * rows, 4 * columns) for rows in (-1, 0, 1) for columns in (-1, 0, 1) if rows or columns)
_RING_REACH = 4
_DISTINCT = 1.5
"""The jump across outlines where labels fit, against those four pixels away: 1.6 to 4 on simulated and real slices."""
_LEAST_T = 4.0
_NEAR = 3
_LEAST_GAIN_NEAR, _LEAST_GAIN_FAR = 0.08, 0.3
_LEAST_T_NEAR, _LEAST_T_FAR = 3.5, 6.0
_EDGE = 768


@dataclass(frozen=True)
class Fit:
    """The fit of labels to a slice: the jump of grey values across each outline (N) in units of the slice's standard
    deviation, and the cell of each."""

    jumps: Jumps
    cell: NDArray[np.intp]
    distinct: bool

    @property
    def mean(self) -> float:
        return float(self.jumps.mean()) if self.jumps.size else 0.0


def fit_labels(
    grey: NDArray[np.generic], codes: NDArray[np.uint8], phases: int, smooth: NDArray[np.float32] | None = None
) -> Fit:
    """The fit of codes (Y X) to the grey values of a slice. It is `distinct` where the jump is clearly smaller a
    few pixels away, in all directions. `smooth` is `smooth_slice(grey)`, where it is known already."""
    outlines, means = find_outlines(codes, _RING_REACH), mean_greys(grey, codes, phases)
    smooth = smooth_slice(grey) if smooth is None else smooth
    scale = max(float(smooth.std()), 1e-9)
    here = outlines.jumps(smooth, means) / scale
    if not here.size:
        return Fit(here, outlines.cell, False)
    around = np.mean([outlines.jumps(smooth, means, shift) for shift in _RING], axis=0) / scale
    distinct = here.mean() > max(LEAST_JUMP, _DISTINCT * around.mean())
    return Fit(here, outlines.cell, bool(distinct) and measure_consistency(here - around, outlines.cell) > _LEAST_T)


@dataclass(frozen=True, slots=True)
class OtherSlice:
    """Labels of slice `z` (as in the file) fit the image of the slice `fits` better: the jump of grey values across
    their outlines there and here, in units of the slices' standard deviations, and how many of the `places` that they
    were compared in are better there."""

    z: int
    fits: int
    jump_here: float
    jump_there: float
    better: int
    places: int


def find_other_slice(item: AnnotatedSlice, volume: Volume, phases: int) -> OtherSlice | None:
    """The slice of the volume that labels fit better than their own; None where they fit their own best, or nothing
    can be told.

    Neighbours are looked at first, and farther ones while they fit better. The whole stack is looked at only where
    the labels do not clearly fit their own slice.
    """
    profile = _Profile.of(item, volume, phases)
    if not profile.outlines.first_code.size or volume.shape[0] == 1:
        return None
    profile.climb()
    if not profile.own.distinct:
        profile.search()
    return profile.decide()


@dataclass(frozen=True, eq=False)
class _Profile:
    """The fit of labels to slices of a volume, by slice, all in one window of the slices."""

    volume: Volume
    window: Box
    codes: NDArray[np.uint8]
    phases: int
    z: int
    outlines: Outlines
    own: Fit
    jumps: dict[int, Jumps]

    @classmethod
    def of(cls, item: AnnotatedSlice, volume: Volume, phases: int) -> _Profile:
        z = item.z - volume.origin[0]
        window = _window(item.codes, z)
        codes, grey = item.codes[window.slices[1:]], item.grey[window.slices[1:]]
        own = fit_labels(grey, codes, phases)
        return cls(volume, window, codes, phases, z, find_outlines(codes), own, {})

    def look(self, z: int) -> float:
        """The mean jump across the outlines on slice z."""
        if z not in self.jumps:
            (_, y0, x0), (_, y1, x1) = self.window.start, self.window.stop
            grey = self.volume.read(Box((z, y0, x0), (z + 1, y1, x1)))[0]
            smooth = smooth_slice(grey)
            means = mean_greys(grey, self.codes, self.phases)
            self.jumps[z] = self.outlines.jumps(smooth, means) / max(float(smooth.std()), 1e-9)
        return float(self.jumps[z].mean())

    def best(self) -> int:
        return max(self.jumps, key=self.look)

    def climb(self) -> None:
        """Look at the neighbours, and on while the farthest fits best."""
        reach, depth = _NEAR, self.volume.shape[0]
        while True:
            for z in range(max(self.z - reach, 0), min(self.z + reach + 1, depth)):
                self.look(z)
            if abs(self.best() - self.z) < reach or reach >= depth:
                return
            reach += _NEAR

    def search(self) -> None:
        """Look at every second slice of the stack, and at all beside the best."""
        depth = self.volume.shape[0]
        for z in range(0, depth, 2):
            self.look(z)
        for z in (self.best() - 1, self.best() + 1):
            if 0 <= z < depth:
                self.look(z)

    def decide(self) -> OtherSlice | None:
        best, first = self.best(), self.volume.origin[0]
        here, there = self.look(self.z), self.look(best)
        near = abs(best - self.z) <= _NEAR or self.own.distinct
        least_gain, least_t = (_LEAST_GAIN_NEAR, _LEAST_T_NEAR) if near else (_LEAST_GAIN_FAR, _LEAST_T_FAR)
        gains = self.jumps[best] - self.jumps[self.z]
        if best == self.z or there < LEAST_JUMP or there < (1 + least_gain) * here:
            return None
        if measure_consistency(gains, self.outlines.cell) < least_t:
            return None
        cells = cell_means(gains, self.outlines.cell)
        return OtherSlice(self.z + first, best + first, here, there, int((cells > 0).sum()), len(cells))


def _window(codes: NDArray[np.uint8], z: int) -> Box:
    """The part of a slice to compare: at most 768 pixels high and wide, around the middle of what is annotated."""
    edges = []
    for axis in (0, 1):
        used = np.flatnonzero((codes != 255).any(axis=1 - axis))
        middle, length = int(used[0] + used[-1]) // 2, codes.shape[axis]
        start = int(np.clip(middle - _EDGE // 2, 0, max(length - _EDGE, 0)))
        edges.append((start, min(start + _EDGE, length)))
    return Box((z, edges[0][0], edges[1][0]), (z + 1, edges[0][1], edges[1][1]))
