"""Stage drift: what is left of it after the slices were registered. The truth stays where the stage should have been;
what the images show moves."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.simulation.smooth_field import centres_nm, smooth_field

_SLICES = 60.0  # over which the registration wanders


@dataclass(frozen=True)
class StageDrift:
    """Standard deviations in nm: `jitter_nm` from one slice to the next, `wander_nm` over some 60; in y and x."""

    key: int
    jitter_nm: float = 4.0
    wander_nm: float = 6.0

    def scaled(self, factor: float) -> StageDrift:
        return replace(self, jitter_nm=self.jitter_nm * factor, wander_nm=self.wander_nm * factor)


def draw(rng: np.random.Generator) -> StageDrift:
    """A third of a pixel of 20 nm: a good registration."""
    return StageDrift(
        key=int(rng.integers(2**53)), jitter_nm=float(rng.uniform(1, 7)), wander_nm=float(rng.uniform(1, 9))
    )


def offsets(params: StageDrift, first_slice: int, slices: int, voxel_size: VoxelSize) -> NDArray[np.float64]:
    """How many voxels (slices, 2: y and x) away from its place each slice was imaged."""
    numbers = centres_nm(slices, 1.0, first_slice)
    moved = np.zeros((slices, 2))
    for axis, edge in enumerate((voxel_size.y_nm, voxel_size.x_nm)):
        jitter = smooth_field(params.key + axis, (numbers,), (0.5,)) * params.jitter_nm
        wander = smooth_field(params.key + 2 + axis, (numbers,), (_SLICES,)) * params.wander_nm
        moved[:, axis] = (jitter + wander) / edge
    return moved
