"""A phantom stack as it comes from the microscope: slab by slab, in bounded memory, from any slab on.

body -> solidness of a slab -> threshold -> solid, kept as deep as the line of sight reaches -> images, truth
"""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from keramos.phantom import imaging, shine_through
from keramos.phantom.settings import PhantomSettings
from keramos.phantom.smooth_field import centres_nm
from keramos.progress import Progress, silent
from keramos.version import __version__
from keramos.volume import Provenance, Step

SLAB = 16
"""Slices imaged at a time: the depth of a chunk of the store, so that a slab is written whole."""

_GROWN_VOXELS = 2**25  # of the body at a time: about 1 GiB with all that is computed on the way
_SAMPLED_SLICES = 32  # the threshold for the solid fraction is taken on so many slices, spread over the stack


@dataclass(frozen=True, slots=True)
class Slab:
    """The slices from number `start` on: images and true phase codes (uint8, Z Y X)."""

    start: int
    grey: NDArray[np.uint8]
    truth: NDArray[np.uint8]


class PhantomStack:
    """Everything about one phantom; `slabs` makes it. The same settings give the same bytes, wherever one begins."""

    def __init__(self, settings: PhantomSettings) -> None:
        self.settings = settings
        body_seed, imaging_seed = np.random.SeedSequence(settings.seed).spawn(2)
        self._body = settings.kind.draw_body(np.random.default_rng(body_seed))
        self._microscope = settings.kind.draw_imaging(imaging_seed, settings.severity)
        slices, rows = shine_through.deeper(settings.kind.view, settings.voxel_size)
        self._seen_slices = slices
        depth, height, width = settings.shape
        self._grid = (depth + slices, height + rows, width)
        self._thickness = max(SLAB, min(64, _GROWN_VOXELS // (self._grid[1] * self._grid[2])))
        self._grown: dict[int, NDArray[np.bool_]] = {}

    @property
    def parameters(self) -> dict[str, Any]:
        """All that made it, as JSON values."""
        chosen = self.settings
        return {
            "preset": chosen.preset, "shape": list(chosen.shape), "voxel_size_nm": list(chosen.voxel_size.zyx),
            "severity": chosen.severity, "seed": chosen.seed, "solid_fraction": chosen.fraction,
            "view": asdict(chosen.kind.view), "body": asdict(self._body), "imaging": self._microscope.to_json(),
            "keramos": __version__,
        }  # fmt: skip

    @property
    def provenance(self) -> Provenance:
        return Provenance((Step("phantom", self.parameters, {}, {"keramos": __version__}),))

    def slabs(self, first: int = 0, progress: Progress = silent) -> Iterator[Slab]:
        """Slabs of 16 slices from number `first` on (in slabs). Progress counts slices made."""
        depth = self.settings.shape[0]
        progress(min(first * SLAB, depth), depth)
        with ThreadPoolExecutor(1) as microscope:
            # One slab is imaged while the body of the next one grows.
            imaged: Future[Slab] | None = None
            for start in range(first * SLAB, depth, SLAB):
                solid = self._solid(start, min(start + SLAB, depth) + self._seen_slices)
                if imaged is not None:
                    yield self._counted(imaged.result(), progress)
                imaged = microscope.submit(self._imaged, start, solid)
            if imaged is not None:
                yield self._counted(imaged.result(), progress)

    def _counted(self, slab: Slab, progress: Progress) -> Slab:
        progress(slab.start + len(slab.grey), self.settings.shape[0])
        return slab

    def _imaged(self, start: int, solid: NDArray[np.bool_]) -> Slab:
        depth, height, _ = self.settings.shape
        slices = min(SLAB, depth - start)
        grey = imaging.image(
            solid, slices, height, self._microscope, voxel_size=self.settings.voxel_size, view=self.settings.kind.view,
            first_slice=start,
        )  # fmt: skip
        return Slab(start, grey, solid[:slices, :height].astype(np.uint8))

    def _solid(self, start: int, stop: int) -> NDArray[np.bool_]:
        """Which voxels of the slices `start` ... `stop` are solid, rows below the images included."""
        pieces = range(start // self._thickness, (stop - 1) // self._thickness + 1)
        for number in [known for known in self._grown if known < pieces[0]]:
            del self._grown[number]
        for number in pieces:
            if number not in self._grown:
                z = np.arange(number * self._thickness, min((number + 1) * self._thickness, self._grid[0]))
                self._grown[number] = self._solidness(z) >= self._threshold
        first = pieces[0] * self._thickness
        return np.concatenate([self._grown[number] for number in pieces])[start - first : stop - first]

    def _solidness(self, slices: NDArray[np.int64]) -> NDArray[np.float32]:
        z_nm, y_nm, x_nm = self.settings.voxel_size.zyx
        rows, columns = centres_nm(self._grid[1], y_nm), centres_nm(self._grid[2], x_nm)
        return self._body.solidness(((slices + 0.5) * np.float64(z_nm), rows, columns))

    @cached_property
    def _threshold(self) -> np.float32:
        """The solidness from which on a voxel is solid: every slice counts in a small stack, some in a deep one."""
        depth, height, _ = self.settings.shape
        picked = np.unique(np.linspace(0, depth - 1, min(depth, _SAMPLED_SLICES)).round().astype(np.int64))
        # Neighbours together, those apart alone: what lies between two picked slices is not grown.
        runs = np.split(picked, np.flatnonzero(np.diff(picked) > 1) + 1)
        seen = np.concatenate([self._solidness(run)[:, :height].ravel() for run in runs])
        voids = min(max(round((1 - self.settings.fraction) * seen.size), 0), seen.size - 1)
        threshold: np.float32 = np.partition(seen, voids)[voids]
        return threshold
