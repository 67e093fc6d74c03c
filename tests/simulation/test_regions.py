"""The maps of the hard places hold what their names say, and nothing else."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from keramos.core import VoxelSize
from keramos.simulation import Phantom, PhantomSettings, PhantomStack, collect_slabs
from keramos.simulation.line_of_sight import Sight
from keramos.simulation.regions import REGIONS, mark_regions

VOXELS = VoxelSize(20, 20, 20)
SHAPE = (120, 160)


def found(
    name: str,
    solid: NDArray[np.bool_],
    *,
    path_nm: NDArray[np.float32] | None = None,
    impurity: NDArray[np.bool_] | None = None,
    gain: NDArray[np.float32] | None = None,
    voxels: VoxelSize = VOXELS,
) -> NDArray[np.bool_]:
    path = np.where(solid, 0, np.inf).astype(np.float32) if path_nm is None else path_nm
    sight = Sight(solid if impurity is None else solid | impurity, path, np.ones(SHAPE, np.float32))
    plain = np.ones(SHAPE, np.float32)
    bits = mark_regions(solid, impurity, sight, plain if gain is None else gain, voxels)
    return (bits >> REGIONS.index(name) & 1).astype(bool)


def disc(row: int, column: int, radius: float) -> NDArray[np.bool_]:
    y, x = np.ogrid[: SHAPE[0], : SHAPE[1]]
    return (y - row) ** 2 + (x - column) ** 2 <= radius**2


def test_small_voids_are_small_in_nm_and_whole() -> None:
    small, large, cut = disc(30, 40, 5), disc(70, 100, 12), disc(0, 80, 4)
    solid = ~(small | large | cut)
    assert np.array_equal(found("small voids", solid), small)
    assert not found("small voids", solid, voxels=VoxelSize(20, 40, 40)).any(), "in nm they are twice as large"


def test_islands_are_surrounded() -> None:
    void = disc(60, 80, 45)
    island, mainland = disc(60, 80, 10), ~void
    assert np.array_equal(found("islands", mainland | island), island)
    bridge = np.zeros(SHAPE, bool)
    bridge[60, 80:] = True
    assert not found("islands", mainland | island | bridge).any()
    assert not found("islands", ~disc(60, 80, 55) | disc(60, 80, 40)).any(), "2 square micrometres are no island"


def test_featureless_solid_is_far_from_any_void() -> None:
    solid = np.ones(SHAPE, bool)
    solid[:, 30] = False
    expected = np.abs(np.arange(SHAPE[1]) - 30) * 20 > 500
    assert np.array_equal(found("featureless solid", solid), np.broadcast_to(expected, SHAPE))
    assert found("featureless solid", np.ones(SHAPE, bool)).all()


def test_valleys_are_voids_with_a_near_floor_and_ridges_stand_out() -> None:
    solid = np.zeros(SHAPE, bool)
    solid[:, :20] = True
    path = np.where(solid, 0, 900).astype(np.float32)
    path[:, 20:26] = 100
    path[50:60, 90:100] = 420
    valley, ridge = (found(name, solid, path_nm=path) for name in ("valleys", "ridges"))
    assert valley[:, 20:25].all()
    assert not valley[:, 26:].any()
    assert ridge[52:58, 92:98].all()
    assert not ridge[:, 60:80].any()
    assert not (valley & ridge).any()
    path[:, 20:] = 420
    assert not found("ridges", solid, path_nm=path).any(), "an even floor has no ridge"


def test_streaks_are_solid_that_a_curtain_changes() -> None:
    solid = np.ones(SHAPE, bool)
    solid[40:60] = False
    gain = np.ones(SHAPE, np.float32)
    gain[:, 70], gain[:, 90], gain[:, 110] = 1.05, 0.94, 1.02
    streaks = found("streaks", solid, gain=gain)
    assert streaks[:40, [70, 90]].all()
    assert streaks.sum() == 2 * (SHAPE[0] - 20)


def test_impurities_are_no_small_voids() -> None:
    impurity = disc(60, 60, 4)
    assert np.array_equal(found("impurities", ~impurity, impurity=impurity), impurity)
    assert not found("small voids", ~impurity, impurity=impurity).any()


@pytest.fixture(scope="module")
def stack() -> PhantomStack:
    return PhantomStack(PhantomSettings((2, 400, 400), seed=4))


@pytest.fixture(scope="module")
def made(stack: PhantomStack) -> Phantom:
    return collect_slabs(stack)


@pytest.mark.parametrize("name", REGIONS)
def test_every_region_occurs_in_a_phantom(name: str, made: Phantom) -> None:
    share = float(np.mean(made.regions >> REGIONS.index(name) & 1))
    assert 1e-5 < share < 0.6


def test_impurities_lie_in_the_solid_and_count_with_the_void(stack: PhantomStack, made: Phantom) -> None:
    scene = stack.specimen.make_scene(0, 2)
    assert scene.impurity is not None
    assert scene.impurity.any()
    assert not (scene.impurity & (scene.solidness[scene.lead : scene.lead + 2, :400] < 0)).any()
    impure = (made.regions >> REGIONS.index("impurities") & 1).astype(bool)
    assert np.mean(impure & scene.impurity) > 0.7 * np.mean(impure | scene.impurity)  # up to the stage drift
    assert not made.shown.read()[impure].any()
    assert not made.truth.read()[scene.impurity].any()
