"""The specimen: a body with its impurities, sampled section by section in the order of cutting."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.core import View
from keramos.core.errors import SettingsError
from keramos.simulation.body import Body, Matter, Positions
from keramos.simulation.impurities import Impurities
from keramos.simulation.line_of_sight import measure_reach
from keramos.simulation.scene import Scene
from keramos.simulation.settings import PhantomSettings
from keramos.simulation.smooth_field import centres_nm

_GROWN_VOXELS = 2**25  # sampled at a time: about 1 GiB with all intermediate arrays
_FEW = 1000  # below this number of voxels a single voxel weighs more than a per mille
_SAMPLED_VOXELS = 2**26  # enough to find the threshold
_SAMPLED_SLICES = 40  # number of slices, spread over the stack, on which the threshold is found


class Specimen:
    """A body as deep and wide as lines of sight reach, with its threshold. Only a few sections are in memory."""

    def __init__(self, settings: PhantomSettings, body: Body, impurities: Impurities | None, view: View) -> None:
        self.settings, self.body, self.impurities, self.view = settings, body, impurities, view
        self._deeper, rows = measure_reach(view, settings.voxels)
        depth, height, width = settings.shape
        self._grid = (depth + self._deeper, height + rows, width)
        self._thickness = max(1, min(64, _GROWN_VOXELS // (self._grid[1] * self._grid[2])))
        self._grown: dict[int, Matter] = {}

    def make_scene(self, first: int, slices: int) -> Scene:
        """The scene of `slices` images from number `first` on."""
        height = self.settings.shape[1]
        lead = min(first, 1)  # a slice before, for surfaces that face it
        matter = self._matter(first - lead, first + slices + self._deeper)
        shown = (slice(lead, lead + slices), slice(0, height))
        impurity = None
        if self.impurities is not None:
            inside = self.impurities.inside(self.positions(np.arange(first, first + slices), height))
            impurity = inside & (matter.solidness[shown] >= 0)
        return Scene(
            matter.solidness,
            slices,
            height,
            self.settings.voxels,
            self.view,
            first,
            lead,
            None if matter.kind is None else matter.kind[shown],
            None if matter.tint is None else matter.tint[shown],
            impurity,
        )

    def positions(self, slices: NDArray[np.int64], rows: int) -> Positions:
        """Centres in nm of the voxels of these slices, in their first `rows`."""
        z_nm, y_nm, x_nm = self.settings.voxels.zyx
        return (slices + 0.5) * np.float64(z_nm), centres_nm(rows, y_nm), centres_nm(self._grid[2], x_nm)

    def _matter(self, start: int, stop: int) -> Matter:
        """Matter of sections `start` ... `stop` with the rows below the images, solid where the solidness is >= 0."""
        pieces = range(start // self._thickness, (stop - 1) // self._thickness + 1)
        self._grown = {number: matter for number, matter in self._grown.items() if number in pieces}
        for number in pieces:
            if number not in self._grown:
                z = np.arange(number * self._thickness, min((number + 1) * self._thickness, self._grid[0]))
                sampled = self.body.sample(self.positions(z, self._grid[1]))
                self._grown[number] = replace(sampled, solidness=sampled.solidness - self._threshold)
        first = pieces[0] * self._thickness
        parts = [self._grown[number] for number in pieces]
        span = slice(start - first, stop - first)
        return Matter(
            *(_concatenate([getattr(part, name) for part in parts], span) for name in ("solidness", "kind", "tint"))
        )

    @cached_property
    def _threshold(self) -> np.float32:
        """Solidness above which a voxel is solid, found on all slices of a small stack or on some of a deep one."""
        if not self.body.adjustable:
            return np.float32(0)
        depth, height, _ = self.settings.shape
        picked = np.unique(np.linspace(0, depth - 1, min(depth, _SAMPLED_SLICES)).round().astype(np.int64))
        # Neighbours are sampled together, distant slices alone, so that nothing between them is sampled.
        runs = np.split(picked, np.flatnonzero(np.diff(picked) > 1) + 1)
        pieces = [run[i : i + self._thickness] for run in runs for i in range(0, len(run), self._thickness)]
        every = -(-len(picked) * height * self._grid[2] // _SAMPLED_VOXELS)
        sampled = np.concatenate([self._rank(self.positions(piece, height)).ravel()[::every] for piece in pieces])
        voids = min(max(round((1 - self.settings.fraction) * sampled.size), 0), sampled.size - 1)
        threshold: np.float32 = np.partition(sampled, voids)[voids]
        if sampled.size > _FEW and np.mean(sampled > threshold) < self.settings.fraction - 0.01:
            raise SettingsError(
                f"the solid fraction of this body is at most {np.mean(sampled > threshold):.2f}, less than "
                f"{self.settings.fraction}; lower --solid-fraction or choose another --structure"
            )
        return threshold

    def _rank(self, positions: Positions) -> NDArray[np.float32]:
        """Solidness (Z Y X) with impurities at its minimum: they count as void."""
        solidness = self.body.sample(positions).solidness
        if self.impurities is not None:
            solidness = np.where(self.impurities.inside(positions), solidness.min(), solidness)
        return solidness


def _concatenate(parts: list[NDArray[Any] | None], span: slice) -> Any:
    """The parts one after the other, cut to `span`; None if there are none."""
    given = [part for part in parts if part is not None]
    return np.concatenate(given)[span] if given else None
