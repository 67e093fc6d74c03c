"""A phantom has the solid fraction asked for, the same bytes for the same seed, and a truth that no imaging touches."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from functools import cache
from math import cos, exp, radians

import numpy as np
import pytest

from keramos.core import VOID_SOLID, View, VoxelSize
from keramos.core.errors import SettingsError, ShapeError
from keramos.simulation import PRESETS, Phantom, PhantomSettings, PhantomStack, collect_slabs, make_phantom
from keramos.simulation.analytic import Laminate, Well
from keramos.simulation.base_level import BaseLevel
from keramos.simulation.bodies.spheres import Spheres
from keramos.simulation.defect import SliceRange
from keramos.simulation.defects.shine_through import ShineThrough
from keramos.simulation.imaging import Imaging

SHAPE = (12, 96, 112)


@cache
def phantom(seed: int = 3, severity: float = 0.5) -> Phantom:
    return make_phantom(SHAPE, seed=seed, severity=severity)


@pytest.mark.parametrize("fraction", [None, 0.6, 0.9])
def test_solid_fraction_is_met(fraction: float | None) -> None:
    truth = make_phantom(SHAPE, solid_fraction=fraction).truth.read()
    assert truth.mean() == pytest.approx(fraction or 0.77, abs=0.005)


def test_the_same_seed_gives_the_same_bytes() -> None:
    again = make_phantom(SHAPE, seed=3)
    assert again.images.read().tobytes() == phantom().images.read().tobytes()
    assert again.truth.read().tobytes() == phantom().truth.read().tobytes()
    assert again.parameters == phantom().parameters


def test_another_seed_is_another_body() -> None:
    assert np.mean(phantom(seed=4).truth.read() == phantom().truth.read()) < 0.8
    assert not np.array_equal(phantom(seed=4).images.read(), phantom().images.read())


@pytest.mark.parametrize("severity", [0.0, 1.0])
def test_truth_does_not_depend_on_severity(severity: float) -> None:
    assert np.array_equal(phantom(severity=severity).truth.read(), phantom().truth.read())
    assert not np.array_equal(phantom(severity=severity).images.read(), phantom().images.read())


def test_without_errors_of_the_stage_the_images_show_the_truth() -> None:
    made = phantom(severity=0.0)
    np.testing.assert_array_equal(made.shown.read(), made.truth.read())


@dataclass(frozen=True)
class Aside:
    """Stage drift by whole pixels."""

    def apply(self, offsets: np.ndarray, _: SliceRange) -> np.ndarray:
        return offsets + np.array([0.0, 2.0, -1.0])


def test_a_stage_that_is_off_moves_what_the_images_show() -> None:
    """Whole pixels aside: slice 0 shows the truth two rows below and one column to the left."""
    settings = PhantomSettings(SHAPE, seed=3, severity=0.0)
    microscope = PhantomStack(settings).microscope.with_defects(stage_drift=Aside())
    made = collect_slabs(PhantomStack(settings, microscope=microscope))
    shown, truth = made.shown.read(), made.truth.read()
    np.testing.assert_array_equal(shown[:, :-2, 1:], truth[:, 2:, :-1])


def test_what_the_images_show_has_all_phases_and_no_impurities() -> None:
    made = make_phantom(SHAPE, preset="battery", seed=1, severity=0.8)
    shown, truth = made.shown.read(), made.truth.read()
    assert set(np.unique(shown)) == set(np.unique(truth)) == {0, 1, 2}
    assert 0.9 < np.mean(shown == truth) < 1


def test_images_carry_what_is_known() -> None:
    made = phantom()
    assert made.images.dtype == np.uint8
    assert made.images.shape == made.truth.shape == SHAPE
    assert made.images.view == View(38.0, "increasing", "section")
    assert made.truth.phases == VOID_SOLID
    assert made.images.voxel_size == made.truth.voxel_size == VoxelSize(20, 26.4, 20.8)
    assert json.loads(json.dumps(made.parameters)) == made.parameters
    assert made.parameters["imaging"]["noise"]["shot_variance"] > 0


def otsu_like_errors(made: Phantom) -> float:
    """Share of voxels on the wrong side of the best single threshold."""
    grey, solid = made.images.read(), made.truth.read() == 1
    return min(float(np.mean((grey > level) != solid)) for level in range(20, 160, 2))


def test_a_clean_phantom_is_easy_and_severity_makes_it_harder() -> None:
    errors = [otsu_like_errors(phantom(severity=severity)) for severity in (0.0, 0.5, 1.0)]
    assert errors[0] < 0.005
    assert errors[0] + 0.03 < errors[1]
    assert errors[1] + 0.03 < errors[2]


def test_void_greys_spread_as_on_real_images() -> None:
    grey, truth = phantom().images.read(), phantom().truth.read()
    solid = np.median(grey[truth == 1])
    dark, middle, light = np.percentile(grey[truth == 0], [10, 50, 90])
    assert 105 < solid < 145
    assert dark < 0.6 * solid
    assert 0.45 < middle / solid < 0.8
    assert light > 0.8 * solid


def test_a_longer_stack_begins_with_the_same_material() -> None:
    short = make_phantom((4, 64, 64), seed=5).truth.read()
    long = make_phantom((8, 64, 64), seed=5).truth.read()
    assert np.mean(short == long[:4]) > 0.95  # not 1: the threshold meets the fraction of each window


def test_progress_ends_complete() -> None:
    seen: list[tuple[int, int]] = []
    make_phantom((10, 16, 16), progress=lambda done, total: seen.append((done, total)))
    assert len({total for _, total in seen}) == 1
    assert seen == sorted(seen)
    assert seen[-1][0] == seen[-1][1]


def test_one_voxel_is_enough() -> None:
    assert make_phantom((1, 1, 1)).images.shape == (1, 1, 1)


def test_presets_are_described() -> None:
    assert "Ba122" in PRESETS["ba122"]


def test_bad_settings_are_refused() -> None:
    with pytest.raises(SettingsError, match=r"ba122 or battery or sofc, found 'granite'"):
        make_phantom(SHAPE, preset="granite")
    with pytest.raises(SettingsError, match=r"severity: expected at most 1, found 1\.5"):
        make_phantom(SHAPE, severity=1.5)
    with pytest.raises(SettingsError, match="solid_fraction: expected at most 1, found 77"):
        make_phantom(SHAPE, solid_fraction=77)
    with pytest.raises(SettingsError, match="seed: expected at least 0, found -1"):
        make_phantom(SHAPE, seed=-1)
    with pytest.raises(ShapeError, match="at least one voxel"):
        make_phantom((0, 64, 64))
    with pytest.raises(ShapeError, match="three integers"):
        make_phantom((64, 64))
    with pytest.raises(SettingsError, match=r"one of the bodies fibres, .*polycrystal, .*found 'marble'"):
        make_phantom(SHAPE, structure="marble")
    with pytest.raises(SettingsError, match="has its own"):
        make_phantom(SHAPE, solid_fraction=0.5, body=Laminate(0, 100, 200))
    with pytest.raises(SettingsError, match=r"fraction of this body is at most 0\.\d\d, less than 0\.9; lower"):
        make_phantom((4, 40, 40), solid_fraction=0.9, voxel_size=VoxelSize(99, 99, 99), body=Spheres(1, per_um3=0.001))


def microscope(**kept: object) -> Imaging:
    """A clean microscope: levels, and what is given."""
    clean = PhantomStack(PhantomSettings((1, 8, 8), severity=0.0)).microscope
    still = clean.scale(edge_brightening=0.0, interaction_volume=0.0, probe=0.0, channelling=0.0)
    return replace(still.with_defects(**kept), base_level=BaseLevel((120.0,), 90.0, 7.0))


@pytest.mark.parametrize("floor_nm", [210.0, 500.0])
def test_a_well_shows_its_floor_as_the_law_says(floor_nm: float) -> None:
    """Through the whole microscope: floor grey x exp(-(depth / cos 38) / length) on the ground of a black void."""
    shine = ShineThrough(floor_grey=110.0, attenuation_nm=400.0)
    settings, well = PhantomSettings((3, 90, 60)), Well(floor_nm, 400, 4000, 200, 1000)
    grey = collect_slabs(PhantomStack(settings, well, microscope(shine_through=shine))).images.read()
    for z in range(3):
        path = (floor_nm - 20 * (z + 0.5)) / cos(radians(38))
        assert grey[z, 40:60, 20:40] == pytest.approx(7 + exp(-path / 400) * (110 - 7), abs=1)
    assert np.all(grey[:, :10] == 120)
    deep = collect_slabs(PhantomStack(settings, Well(5000, 400, 1e5, 200, 1000), microscope(shine_through=shine)))
    assert np.all(deep.images.read()[:, 40:60, 20:40] == 7), "a void without a floor in sight is black"


def test_the_same_body_and_truth_under_any_microscope() -> None:
    seen = [collect_slabs(PhantomStack(PhantomSettings(SHAPE, seed=3), None, m)) for m in (microscope(), None)]
    assert np.array_equal(seen[0].truth.read(), seen[1].truth.read())
    assert np.array_equal(seen[0].truth.read(), phantom().truth.read())
    clean = seen[0].images.read()
    assert set(np.unique(clean)) <= {7, 90, 120}
    assert np.array_equal(clean == 120, seen[0].truth.read() == 1)
