"""Roughness between slices is told from the structure's own shape."""

from __future__ import annotations

import numpy as np
import pytest
from shapes import FLAT, boolean_balls, gyroid

from keramos.core import VoxelSize
from keramos.measurements.uncertainty.roughness import smooth_share


def moved(mask: np.ndarray, pixels: int, seed: int = 0) -> np.ndarray:
    """Every slice moved at random by up to so many pixels along Y and X."""
    steps = np.random.default_rng(seed).integers(-pixels, pixels + 1, (len(mask), 2))
    return np.stack([np.roll(part, step, (0, 1)) for part, step in zip(mask, steps, strict=True)])


@pytest.mark.parametrize("stretch", [1.0, 1.6])
@pytest.mark.parametrize("body", ["balls", "gyroid"])
def test_a_smooth_body_keeps_all_its_surface(body: str, stretch: float) -> None:
    if body == "balls":
        mask = boolean_balls((48, 96, 96), FLAT, 220, 0.5, np.random.default_rng(1))
    else:
        mask = gyroid(600, 3, FLAT)
    told = VoxelSize(FLAT.z_nm * stretch, FLAT.y_nm, FLAT.x_nm)  # the same voxels, said to be longer: a stretched body
    assert smooth_share(mask, told) == pytest.approx(1, abs=0.03)


def test_slices_that_do_not_fit_are_found_out() -> None:
    mask = boolean_balls((48, 96, 96), FLAT, 220, 0.5, np.random.default_rng(1))
    shares = [smooth_share(moved(mask, pixels), FLAT) for pixels in (0, 1, 2)]
    assert shares[0] is not None
    assert shares[1] is not None
    assert shares[2] is not None
    assert shares[0] - 0.02 > shares[1] > shares[2] + 0.03


def test_one_slice_has_no_roughness_and_a_few_do_not_tell() -> None:
    mask = boolean_balls((12, 48, 48), FLAT, 150, 0.5, np.random.default_rng(2))
    assert smooth_share(mask[:1], FLAT) == 1
    assert smooth_share(mask[:5], FLAT) is None
    assert smooth_share(np.ones((12, 48, 48), bool), FLAT) is None
