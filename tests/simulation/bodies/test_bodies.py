"""Bodies other than the polycrystal: the laws of their media, and the same matter in whatever window."""

from __future__ import annotations

from dataclasses import replace
from math import exp, pi

import numpy as np
import pytest

from keramos.core import VOID_SOLID, LabelVolume, PhaseTable, VoxelSize
from keramos.core.errors import LabelError
from keramos.simulation import STRUCTURES, Body, Geometry, PhantomSettings, make_phantom
from keramos.simulation.bodies.fibres import Fibres
from keramos.simulation.bodies.random_field import RandomField
from keramos.simulation.bodies.spheres import Spheres
from keramos.simulation.impurities import Impurities
from keramos.simulation.scatter import scatter
from keramos.simulation.smooth_field import centres_nm

BODIES: dict[str, Body] = {
    **{name: structure.draw(7) for name, structure in STRUCTURES.items()},
    "voids": Spheres(7, filled="void"),
}
VOXELS = VoxelSize(20, 26.4, 20.8)


@pytest.mark.parametrize("name", BODIES)
def test_a_window_is_part_of_the_same_endless_body(name: str) -> None:
    body = BODIES[name]
    z, y, x = centres_nm(12, 40.0), centres_nm(50, 52.8), centres_nm(60, 41.6)
    whole, part = body.sample((z, y, x)), body.sample((z[3:], y[10:], x[20:50]))
    window = (slice(3, None), slice(10, None), slice(20, 50))
    assert whole.solidness.std() > 1
    # Where no object is near, spheres and fibres only say that it is far.
    assert np.allclose(np.clip(part.solidness, -100, 100), np.clip(whole.solidness[window], -100, 100), atol=0.05)
    assert body.adjustable
    assert body.phases.names[0] in ("void", "pore")
    assert len(body.phases) == (2 if whole.kind is None else int(whole.kind.max()) + 2)


@pytest.mark.parametrize("name", BODIES)
def test_any_solid_fraction_is_met(name: str) -> None:
    for fraction in (0.55, 0.8):
        made = make_phantom((6, 48, 56), voxel_size=VoxelSize(60, 80, 60), solid_fraction=fraction, body=BODIES[name])
        assert np.mean(made.truth.read() > 0) == pytest.approx(fraction, abs=0.005)


def test_a_poisson_process_has_its_density_and_its_variance() -> None:
    window = [np.array([0.0, 20e3])] * 3
    centres, lots = scatter(3, window, reach_nm=0.0, per_um3=0.8, numbers=2)
    inside = centres[np.all((centres >= 0) & (centres < 20e3), axis=1)]
    assert len(inside) == pytest.approx(0.8 * 8000, rel=0.05)
    counts = np.histogramdd(inside, bins=[np.linspace(0, 20e3, 9)] * 3)[0]
    assert counts.var() / counts.mean() == pytest.approx(1, abs=0.15)
    assert lots.min() >= 0
    assert lots.mean() == pytest.approx(0.5, abs=0.02)
    assert len(np.unique(lots[:, 0])) == len(lots)


def test_overlapping_spheres_leave_the_fraction_of_the_boolean_model() -> None:
    """Uncovered fraction exp(-n <V>); surface per volume n <S> exp(-n <V>), here from crossings (Cauchy-Crofton)."""
    body = Spheres(5, radius_nm=(200.0, 200.0), per_um3=12.0)
    edge = 20.0
    solid = body.sample([centres_nm(n, edge) for n in (120, 240, 240)]).solidness >= 0
    volume, surface = 4 / 3 * pi * 0.2**3, 4 * pi * 0.2**2
    void = exp(-12 * volume)
    assert 1 - solid.mean() == pytest.approx(void, abs=0.02)
    crossings = np.mean([np.diff(solid, axis=axis).mean() / (edge * 1e-3) for axis in range(3)])
    assert 2 * crossings == pytest.approx(12 * surface * void, rel=0.07)


def test_a_random_field_is_as_long_as_asked_along_each_axis() -> None:
    field = RandomField(1, length_nm=(100.0, 200.0, 400.0))
    solid = field.sample([centres_nm(n, 25.0) for n in (160, 200, 240)]).solidness
    assert np.mean(solid > 0) == pytest.approx(0.5, abs=0.06)
    for axis, length in enumerate(field.length_nm):
        lag = round(length / 25)
        a, b = (np.take(solid, range(start, solid.shape[axis] - lag + start), axis) for start in (0, lag))
        # Noise smoothed by a Gaussian of deviation s is correlated as exp(-d^2 / (4 s^2)).
        assert np.mean(a * b) / np.mean(solid**2) == pytest.approx(exp(-0.25), abs=0.08)


def chord_ratio(body: Body) -> float:
    """Mean solid chord along x over that along z, in nm."""
    solid = body.sample([centres_nm(n, 40.0) for n in (100, 100, 100)]).solidness >= 0
    lengths = [solid.mean() / np.maximum(np.diff(solid.astype(int), axis=axis).clip(0).mean(), 1e-9) for axis in (0, 2)]
    return float(lengths[1] / lengths[0])


def test_fibres_are_longer_along_their_axis_and_platelets_flatter() -> None:
    fibres = Fibres(2, spread=0.2, axis=(0, 0, 1))
    assert chord_ratio(fibres) > 2
    assert chord_ratio(replace(fibres, axis=(1.0, 0.0, 0.0))) < 0.5
    assert 0.7 < chord_ratio(replace(fibres, spread=1.0)) < 1.4
    platelets = Fibres(2, long_nm=200.0, thick_nm=1500.0, per_um3=1.5, spread=0.2, axis=(1.0, 0.0, 0.0))
    assert chord_ratio(platelets) > 2


@pytest.mark.parametrize(("long_nm", "thick_nm"), [(2000.0, 300.0), (200.0, 1200.0)])
def test_one_object_has_the_volume_of_a_capsule_or_a_rounded_disc(long_nm: float, thick_nm: float) -> None:
    body = Fibres(1, long_nm=long_nm, thick_nm=thick_nm)
    inside = np.full((130, 130, 130), -1e4, np.float32)
    axes = [centres_nm(130, 20.0)] * 3
    body.paint(inside, axes, np.full((1, 3), 1300.0), np.array([[0.48, 0.6, 0.64]]))
    radius, straight, flat = min(long_nm, thick_nm) / 2, max(long_nm - thick_nm, 0), max(thick_nm - long_nm, 0) / 2
    rod = pi * radius**2 * straight + 4 / 3 * pi * radius**3
    disc = 2 * radius * pi * flat**2 + pi**2 * radius**2 * flat + 4 / 3 * pi * radius**3
    assert np.sum(inside >= 0) * 20.0**3 == pytest.approx(rod if straight else disc, rel=0.02)


def test_impurities_are_as_many_and_as_large_as_asked() -> None:
    few = Impurities(3, per_um3=0.2, radius_nm=(300.0, 300.0))
    inside = few.inside([centres_nm(n, 60.0) for n in (170, 170, 170)])
    # A rough ball is a little larger than a smooth one: <(1 + 0.18 g)^3> = 1 + 3 * 0.18^2.
    assert inside.mean() == pytest.approx(1 - exp(-0.2 * 4 / 3 * pi * 0.3**3 * (1 + 3 * 0.18**2)), rel=0.15)
    assert not Impurities(3, per_um3=0.0).inside([centres_nm(9, 60.0)] * 3).any()


def test_impurities_are_void_in_the_truth_and_grey_in_the_image() -> None:
    from keramos.simulation import PhantomStack, collect_slabs
    from keramos.simulation.regions import REGIONS

    seed = next(s for s in range(50) if _impurity_share(s) > 0.01)
    made = collect_slabs(PhantomStack(PhantomSettings((4, 200, 240), seed=seed, severity=0.0)))
    impurity = made.regions >> REGIONS.index("impurities") & 1 == 1
    truth, grey = made.truth.read(), made.images.read()
    assert np.all(truth[impurity] == 0)
    assert np.mean(truth) == pytest.approx(0.77, abs=0.005)
    solid = np.median(grey[truth == 1])
    assert 0.6 * solid < np.median(grey[impurity]) < 0.9 * solid


def _impurity_share(seed: int) -> float:
    from keramos.simulation import PhantomStack

    specimen = PhantomStack(PhantomSettings((4, 200, 240), seed=seed)).specimen
    assert specimen.impurities is not None
    return float(specimen.impurities.inside(specimen.positions(np.arange(1), 200)).mean())


def labels(codes: np.ndarray, phases: PhaseTable = VOID_SOLID) -> LabelVolume:
    return LabelVolume.from_array(codes.astype(np.uint8), phases, VOXELS, "rock.tif")


def test_a_geometry_is_the_truth_voxel_by_voxel_and_mirrored_outside() -> None:
    from scipy.ndimage import gaussian_filter

    codes = gaussian_filter(np.random.default_rng(0).standard_normal((10, 40, 50)), 2) > 0
    body = Geometry(labels(codes), "hash")
    assert np.array_equal(make_phantom((10, 40, 50), voxel_size=VOXELS, body=body).truth.read(), codes)
    assert np.array_equal(make_phantom((5, 30, 20), voxel_size=VOXELS, body=body).truth.read(), codes[:5, :30, :20])
    twice = make_phantom((20, 40, 50), voxel_size=VOXELS, body=body).truth.read()
    assert np.array_equal(twice, np.concatenate([codes, codes[::-1]]))


def test_three_phases_of_a_geometry_stay_three() -> None:
    codes = np.zeros((6, 40, 60), np.uint8)
    codes[:, :, 20:40], codes[:, :, 40:] = 1, 2
    table = PhaseTable.from_names(["pore", "nickel", "YSZ"])
    made = make_phantom(
        (6, 40, 60), preset="sofc", voxel_size=VOXELS, severity=0.0, body=Geometry(labels(codes, table), "")
    )
    assert np.array_equal(made.truth.read(), codes)
    assert made.truth.phases == table
    grey = made.images.read().astype(float)
    assert grey[:, :, 25:35].mean() > 1.2 * grey[:, :, 45:55].mean() > 1.2 * grey[:, :, 5:15].mean()


def test_a_geometry_must_be_labelled_everywhere() -> None:
    codes = np.ones((3, 8, 8), np.uint8)
    codes[1, 2, 3] = 255
    with pytest.raises(LabelError, match=r"a phase in every voxel of rock\.tif"):
        make_phantom((3, 8, 8), voxel_size=VOXELS, body=Geometry(labels(codes), ""))
