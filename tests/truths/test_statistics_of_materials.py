"""Statistics of random materials that theory knows, and small bodies for what a ball or a slab does not show.

A point lies between overlapping balls (a Boolean model) with probability q = exp(-lambda V), and two points r apart
both do with q^2 exp(lambda V(r)), where V(r) is the volume common to two balls r apart (Torquato, Random Heterogeneous
Materials, 2002, section 5.1). So the covariance is q^2 (exp(lambda V(r)) - 1).
"""

from __future__ import annotations

from functools import cache
from math import pi

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.integrate import quad
from scipy.optimize import brentq
from shapes import CUBIC, FLAT, SIZES, boolean_balls, codes_of

from keramos.core import VoxelSize
from keramos.measurements import Measurements, quantify_volume
from keramos.settings.quantify import MeasurementOptions

BOTH = pytest.mark.parametrize("size", SIZES, ids=["cubic", "flat"])
LOCAL = MeasurementOptions(transport=False)
OF_SOLID = MeasurementOptions(transport=False, phase=("solid",))
RADIUS, FRACTION = 120.0, 0.5
UM = 1000.0


def common_volume(r: float) -> float:
    """The volume of the intersection of two balls whose centres are r apart."""
    return 0.0 if r >= 2 * RADIUS else 4 / 3 * pi * RADIUS**3 * (1 - 0.75 * r / RADIUS + (r / RADIUS) ** 3 / 16)


def covariance(r: float) -> float:
    """The covariance of the overlapping balls at two points r apart; of the space between them, the same."""
    intensity = -np.log(1 - FRACTION) / common_volume(0)
    return float((1 - FRACTION) ** 2 * (np.exp(intensity * common_volume(r)) - 1))


@cache
def balls(size: VoxelSize, seed: int, edge: float = 1300.0) -> tuple[Measurements, NDArray[np.uint8]]:
    """The balls, one of three phases, the others layers of the space between; a third of a larger volume."""
    shape = tuple(int(edge / d) for d in size.zyx)
    mask = boolean_balls(shape, size, RADIUS, FRACTION, np.random.default_rng(seed))  # type: ignore[arg-type]
    codes = np.where(mask, np.uint8(2), np.uint8(0))
    codes[:, ::2][~mask[:, ::2]] = 1
    surrounded = np.pad(codes, ((0, 0), (0, 0), (shape[2], shape[2])), constant_values=255)
    return quantify_volume(codes_of(surrounded, size, "even odd solid"), OF_SOLID), codes


@BOTH
def test_the_two_point_correlation_is_that_of_a_boolean_model(size: VoxelSize) -> None:
    results, _ = balls(size, 1)
    curves = [c for c in results.curves if (c.id, c.phase) == ("two-point-correlation", "solid")]
    assert [c.axis for c in curves] == ["z", "y", "x"]
    mean = np.mean(
        [np.interp(np.arange(0, 300, 30), c.columns["distance"], c.columns["covariance"]) for c in curves], 0
    )
    np.testing.assert_allclose(mean, [covariance(r) for r in np.arange(0, 300, 30)], atol=0.02)


@BOTH
def test_the_correlation_length_is_that_of_a_boolean_model(size: VoxelSize) -> None:
    """Within 8 % on the mean of the three axes of one sample. At half the covariance it would be a third shorter."""
    results, _ = balls(size, 1)
    wanted = brentq(lambda r: covariance(r) - covariance(0) / np.e, 0, 2 * RADIUS)
    lengths = [results.find("correlation-length", "solid", axis).value for axis in "zyx"]
    assert np.mean(lengths) == pytest.approx(wanted, rel=0.08)


@BOTH
def test_the_representative_volume_follows_from_the_integral_range(size: VoxelSize) -> None:
    """The variance of the fraction in a large volume V is the integral of the covariance over V (Lantuejoul 1991), here
    1 % absolute at 95 %. The estimate rests on few windows: within 40 % on the mean of four samples."""
    integral, _ = quad(lambda r: 4 * pi * r**2 * covariance(r), 0, 2 * RADIUS)
    wanted = integral * (1.96 / 0.01) ** 2 / UM**3
    found = [balls(size, seed, 900.0)[0].find("representative-volume", "solid") for seed in range(2, 6)]
    assert np.mean([volume.value for volume in found]) == pytest.approx(wanted, rel=0.4)
    for volume in found:
        assert volume.interval is not None
        assert volume.interval[0] < wanted < volume.interval[1]


@BOTH
def test_the_anisotropy_of_stretched_balls_is_their_stretch(size: VoxelSize) -> None:
    """Exactly if voxels are stretched alike. Voxels miss chords and gaps shorter than themselves: intercepts are 3 %
    (cubic) to 10 % (flat voxels, a ninth of a ball wide) too long."""
    results, codes = balls(size, 1)
    stretched = VoxelSize(1.7 * size.z_nm, size.y_nm, size.x_nm)
    longer = quantify_volume(codes_of(codes, stretched, "even odd solid"), OF_SOLID)
    for axis, factor in (("z", 1.7), ("y", 1.0)):
        one, other = (each.find("mean-intercept-length", "solid", axis).value for each in (results, longer))
        assert other == pytest.approx(factor * one)
    # Mean chord of a Boolean model: 4 * fraction / specific surface.
    wanted = 4 * FRACTION / (3 / RADIUS * (1 - FRACTION) * -np.log(1 - FRACTION))
    lengths = [results.find("mean-intercept-length", "solid", axis).value for axis in "zyx"]
    assert 0.98 * wanted < np.mean(lengths) < (1.07 if size == CUBIC else 1.13) * wanted
    assert results.find("anisotropy", "solid").value == pytest.approx(1, abs=0.12)
    assert longer.find("anisotropy", "solid").value == pytest.approx(1.7, abs=0.2)


@BOTH
def test_layers_of_three_phases_conduct_by_their_means_and_have_their_thickness(size: VoxelSize) -> None:
    codes = np.zeros((24, 20, 22), np.uint8)
    codes[9:15] = 1
    codes[15:] = 2
    padded = np.pad(codes, ((0, 0), (0, 20), (0, 0)), constant_values=255)
    settings = MeasurementOptions(thickness=True, conductivity={"pore": 1.0, "carbon": 10.0, "binder": 4.0})
    results = quantify_volume(codes_of(padded, size), settings)
    along, across = (9 * 1 + 6 * 10 + 9 * 4) / 24, 24 / (9 / 1 + 6 / 10 + 9 / 4)
    for axis, wanted in (("z", across), ("y", along), ("x", along)):
        assert results.find("effective-conductivity", axis=axis).value == pytest.approx(wanted, rel=1e-4)
    for phase, layers in (("pore", 9), ("carbon", 6), ("binder", 9)):
        assert results.find("relative-diffusivity", phase, "z").value == 0
        assert results.find("relative-diffusivity", phase, "y").value == pytest.approx(layers / 24, rel=1e-4)
        for id in ("tortuosity-factor", "tortuosity-factor-at-double-voxels"):
            assert results.find(id, phase, "x").value == pytest.approx(1, rel=1e-4)
    # The outer layers may go on beyond the volume.
    for phase, layers in (("pore", 18), ("carbon", 6), ("binder", 18)):
        assert results.find("mean-local-thickness", phase).value == pytest.approx(layers * size.z_nm)
        assert results.find("neck-diameter", phase, "y").value == pytest.approx(layers * size.z_nm)


@pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
def test_the_sizes_of_separate_bodies_are_their_volumes(size: VoxelSize) -> None:
    codes = np.zeros((20, 30, 30), np.uint8)
    for edge, corner in ((2, 1), (3, 6), (5, 12)):
        codes[tuple(slice(corner, corner + edge) for _ in range(3))] = 1
    codes[:, 25:] = 255
    results = quantify_volume(codes_of(codes, size, "void solid"), LOCAL)
    (curve,) = (c for c in results.curves if (c.id, c.phase) == ("component-sizes", "solid"))
    np.testing.assert_allclose(curve.columns["volume"], np.array([8, 27, 125]) * size.volume_nm3)
    assert curve.columns["components"] == [1, 1, 1]
    assert results.find("largest-component", "solid").value == pytest.approx(125 / 160)
    assert results.find("percolating-fraction", "void", "z").value == 1
    assert results.find("percolating-fraction", "solid", "z").value == 0
