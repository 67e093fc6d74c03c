"""Drift of phantoms whose sections were imaged at known places, floors of voids and all."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import Box, VoxelSize
from keramos.preparation import RawStack
from keramos.preparation.alignment import SliceMotion, observe_shifts, split_drift
from keramos.simulation import PhantomSettings, PhantomStack, collect_slabs
from keramos.simulation.defect import SliceRange

SHAPE = (10, 112, 112)
JUMP = 5  # the slice from which everything lies 11 pixels further


@dataclass(frozen=True)
class Placed:
    yx: NDArray[np.float64]

    def scale(self, _: float) -> Placed:
        return self

    def apply(self, offsets: NDArray[np.float64], slices: SliceRange) -> NDArray[np.float64]:
        moved = offsets.copy()
        moved[:, 1:] += self.yx[slices.first_slice : slices.first_slice + len(offsets)]
        return moved


@pytest.fixture(scope="module")
def put() -> NDArray[np.float64]:
    yx = np.cumsum(np.random.default_rng(5).normal(0, 0.7, (SHAPE[0], 2)), axis=0)
    yx[JUMP:, 1] += 11
    return yx - yx.mean(axis=0)


@pytest.fixture(scope="module")
def motion(put: NDArray[np.float64]) -> SliceMotion:
    settings = PhantomSettings(SHAPE, structure="spheres", voxel_size=VoxelSize(20, 40, 40), solid_fraction=0.6, seed=3)
    microscope = PhantomStack(settings).microscope.scale(slice_thickness=0.0).with_defects(stage_drift=Placed(put))
    images = collect_slabs(PhantomStack(settings, microscope=microscope)).images.read(Box((0, 0, 0), SHAPE))
    observer = observe_shifts(RawStack(SHAPE))
    for z, plane in enumerate(images.astype(np.float32)):
        observer.add(z, plane)
    return observer.finish()


def test_a_walk_with_a_jump_is_taken_out(put: NDArray[np.float64], motion: SliceMotion) -> None:
    time = np.arange(SHAPE[0])
    off = split_drift(motion).yx - put
    bent = off - np.stack([np.polyval(np.polyfit(time, off[:, axis], 1), time) for axis in (0, 1)], axis=-1)
    assert np.sqrt(np.mean(bent**2)) < 0.15


def test_floors_move_up_against_the_face_by_the_parallax(motion: SliceMotion) -> None:
    """They lie still in the specimen; seen at 38 degrees, the face moves by tan(38) of half a pixel, 0.39, a slice.
    What is taken for a floor at the rims of voids makes it less."""
    assert -0.45 < motion.parallax[0] < -0.2
    assert abs(motion.parallax[1]) < 0.1
