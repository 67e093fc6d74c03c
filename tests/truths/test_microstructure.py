"""Bodies whose measures are known exactly; the bias of each estimator is written here."""

from __future__ import annotations

import re
from math import pi, sqrt

import numpy as np
import pytest
from shapes import CUBIC, FLAT, SIZES, ball, boolean_balls, boolean_surface, centres, gyroid, volume_of

from keramos.core import VoxelSize
from keramos.measurements import Measurements, local_thickness, quantify_volume, quantify_with
from keramos.measurements.neck_diameter import neck_diameter
from keramos.settings.quantify import MeasurementOptions

BOTH = pytest.mark.parametrize("size", SIZES, ids=["cubic", "flat"])
LOCAL = MeasurementOptions(transport=False)
OF_SOLID = MeasurementOptions(transport=False, phase=("solid",))
UM = 1000.0


def measured(mask: np.ndarray, size: VoxelSize, settings: MeasurementOptions = LOCAL) -> Measurements:
    return quantify_volume(volume_of(mask, size), settings)


def _per_volume(shape: tuple[int, ...], size: VoxelSize) -> float:
    """One over the volume (or section) that pairs of voxels cover inside it: what a body that does not touch the border
    is measured per, with pairs one voxel apart and two, extrapolated."""
    near, wide = (np.prod((np.array(shape) - step) * size.zyx[-len(shape) :]) for step in (1, 2))
    return float(2 / near - 1 / wide)


@BOTH
@pytest.mark.parametrize("radius", [200.0, 350.0])
def test_a_ball(size: VoxelSize, radius: float) -> None:
    mask = ball(radius, size)
    found = measured(mask, size)
    volume = mask.size * size.volume_nm3
    assert found.find("phase-fraction", "solid").value * volume == pytest.approx(4 / 3 * pi * radius**3, rel=0.01)
    wanted = 4 * pi * radius**2 * _per_volume(mask.shape, size)
    assert found.find("specific-surface-area", "solid").value / UM == pytest.approx(wanted, rel=0.025)
    # Curvature of coarse balls is too small by up to 3 %.
    assert found.find("mean-curvature", "solid").value == pytest.approx(UM / radius, rel=0.03)
    assert found.find("mean-curvature", "void").value == pytest.approx(-found.find("mean-curvature", "solid").value)
    assert found.find("euler-number", "solid").value == 1
    assert found.find("components", "solid").value == 1


@pytest.mark.parametrize("edges", [(40, 10, 10), (5, 10, 20), (200, 20, 20), (20, 26.4, 20.8), (10, 10, 10)], ids=str)
def test_a_note_says_what_layers_lose_in_uneven_voxels(edges: tuple[float, float, float]) -> None:
    lost, size = [], VoxelSize(*edges)
    for axis in range(3):
        mask = np.zeros((24, 24, 24), bool)
        mask[(slice(None),) * axis + (slice(8, 16),)] = True
        found = quantify_with(["interface"], volume_of(mask, size), OF_SOLID)
        surface = found.find("specific-surface-area", "solid").value
        lost.append(100 - 100 * surface / UM / ((2 * 2 / 23 - 2 / 22) / size.zyx[axis]))
    told = [float(part) for note in found.notes for part in re.findall(r"(\d+) % across", note)]
    assert told == ([pytest.approx(one, abs=0.6) for one in lost] if max(lost) > 10 else [])
    full = quantify_with(["interface"], volume_of(np.ones((8, 8, 8), bool), size), OF_SOLID)
    assert full.notes == ()  # no surface, nothing to lose


@BOTH
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_a_slab(size: VoxelSize, axis: int) -> None:
    """Surfaces along the axes are the worst case of 13 directions: 7.4 % too small with cubic voxels, 7 to 9 % with
    these flat ones."""
    mask = np.zeros((24, 24, 24), bool)
    mask[(slice(None),) * axis + (slice(8, 16),)] = True
    found = measured(mask, size)
    wanted = (2 * 2 / 23 - 2 / 22) / size.zyx[axis]
    low, high = (0.92, 0.93) if size == CUBIC else (0.91, 0.935)
    assert low < found.find("specific-surface-area", "solid").value / UM / wanted < high
    assert found.find("phase-fraction", "solid").value == pytest.approx(1 / 3)
    assert found.find("mean-curvature", "solid").value == pytest.approx(0, abs=1e-9)
    for other, name in enumerate("zyx"):
        assert found.find("percolating-fraction", "solid", name).value == (0 if other == axis else 1)
    curve = next(
        c for c in found.curves if c.name == "chord length distribution" and (c.phase, c.axis) == ("solid", "zyx"[axis])
    )
    assert curve.columns["length"] == [8 * size.zyx[axis]]
    assert found.find("mean-intercept-length", "solid", "zyx"[axis]).value == pytest.approx(8 * size.zyx[axis])


@BOTH
def test_a_laminate_varies_along_one_axis_only(size: VoxelSize) -> None:
    mask = np.zeros((48, 16, 16), bool)
    for z in range(0, 48, 8):
        mask[z : z + 4] = True
    found = measured(mask, size)
    assert found.find("phase-fraction", "solid").value == 0.5
    assert found.find("components", "solid").value == 6
    assert found.find("mean-intercept-length", "solid", "z").value == pytest.approx(4 * size.z_nm, rel=0.1)
    with pytest.raises(KeyError):
        found.find("mean-intercept-length", "solid", "x")  # nothing ends along x


@BOTH
def test_cylinders_straight_slanted_and_dead_ended(size: VoxelSize) -> None:
    shape = tuple(int(1200 / d) for d in size.zyx)
    z, y, x = centres(shape, size)  # type: ignore[arg-type]
    radius = 250.0
    straight = np.broadcast_to(y**2 + x**2 <= radius**2, shape)
    slanted = (y - 0.5 * z) ** 2 * 0.8 + x**2 <= radius**2  # 0.8 = cos^2 of its slope
    dead = straight & np.broadcast_to(z < 500, shape)
    for mask, through, slope in ((straight, 1.0, 0.0), (slanted, 1.0, 0.5), (dead, 0.0, 0.0)):
        found = measured(mask, size, OF_SOLID)
        assert found.find("percolating-fraction", "solid", "z").value == through
        assert found.find("percolating-fraction", "solid", "y").value == 0
        assert found.find("components", "solid").value == 1
        if through:
            wanted = 2 * pi * radius * sqrt(1 + slope**2) * _per_volume(shape[1:], size)
            # A cylinder along an axis is 1 to 5 % too small.
            assert found.find("specific-surface-area", "solid").value / UM == pytest.approx(wanted, rel=0.05)
            # Half the curvature of a ball, up to 10 % wrong: few of the thirteen planes cut it alike.
            assert found.find("mean-curvature", "solid").value == pytest.approx(UM / (2 * radius), rel=0.10)


@BOTH
def test_a_gyroid(size: VoxelSize) -> None:
    """Both sides percolate along every axis, half the space each; its surface is minimal: no mean curvature."""
    cell = 600.0
    found = measured(gyroid(cell, 2, size), size, OF_SOLID)
    assert found.find("phase-fraction", "solid").value == pytest.approx(0.5, abs=0.01)
    assert found.find("specific-surface-area", "solid").value == pytest.approx(3.0914 / cell * UM, rel=0.03)
    assert abs(found.find("mean-curvature", "solid").value) < 0.05 * UM / (cell / 4)
    for axis in "zyx":
        assert found.find("percolating-fraction", "solid", axis).value > 0.99
    # Per cubic cell each side has Euler number -4 / cell^3: the surface has genus 5 per cell, chi -8.
    assert found.find("euler-number-density", "solid").value == pytest.approx(-4 / (cell / UM) ** 3, rel=0.12)


@BOTH
def test_overlapping_balls_have_the_fraction_and_surface_of_a_boolean_model(size: VoxelSize) -> None:
    """Within what their own intervals say (three times as wide, for it is one sample), and 3 % of bias."""
    rng = np.random.default_rng(7)
    shape = tuple(int(1900 / d) for d in size.zyx)
    radius, fraction = 150.0, 0.4
    found = measured(boolean_balls(shape, size, radius, fraction, rng), size, OF_SOLID)  # type: ignore[arg-type]
    for name, wanted in (
        ("phase-fraction", fraction),
        ("specific-surface-area", boolean_surface(radius, fraction) * UM),
    ):
        quantity = found.find(name, "solid")
        assert quantity.interval is not None
        half = (quantity.interval[1] - quantity.interval[0]) / 2
        assert quantity.value == pytest.approx(wanted, abs=3 * half + 0.03 * wanted)
        assert half < 0.15 * wanted


@BOTH
def test_one_slice_of_an_isotropic_body_says_what_the_volume_does(size: VoxelSize) -> None:
    rng = np.random.default_rng(3)
    shape = (9, int(9000 / size.y_nm), int(9000 / size.x_nm))
    radius, fraction = 250.0, 0.4
    mask = boolean_balls(shape, size, radius, fraction, rng)
    found = measured(mask[4:5], size, OF_SOLID)
    for name, wanted in (
        ("phase-fraction", fraction),
        ("specific-surface-area", boolean_surface(radius, fraction) * UM),
    ):
        quantity = found.find(name, "solid")
        assert quantity.interval is not None
        half = (quantity.interval[1] - quantity.interval[0]) / 2
        assert quantity.value == pytest.approx(wanted, abs=1.5 * half + 0.02 * wanted)
        assert half < 0.15 * wanted
    assert found.find("components", "solid").value > 1
    with pytest.raises(KeyError):
        found.find("tortuosity-factor", "solid", "z")


def test_a_checkerboard_is_connected_through_corners_only() -> None:
    mask = np.indices((8, 8, 8)).sum(axis=0) % 2 == 0
    assert measured(mask, CUBIC).find("components", "solid").value == 256
    assert (
        measured(mask, CUBIC, MeasurementOptions(transport=False, connectivity=26)).find("components", "solid").value
        == 1
    )
    # Lines of 8 voxels have 7 places where a chord ends inside the volume.
    assert measured(mask, CUBIC).find("mean-intercept-length", "solid", "z").value == pytest.approx(10 * 8 / 7)


def other_face(quantity: str) -> str:
    """Name of a quantity seen from the opposite face of the volume, itself where it has none."""
    faces = {"first-face": "last-face", "last-face": "first-face"}
    return re.sub("|".join(faces), lambda found: faces[found[0]], quantity)


@pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
def test_all_measures_turn_with_the_volume(size: VoxelSize) -> None:
    rng = np.random.default_rng(5)
    mask = boolean_balls((30, 24, 36), size, 90.0, 0.45, rng)
    here = measured(mask, size)
    for axes in ((1, 2, 0), (2, 0, 1), (0, 2, 1), (1, 0, 2), (2, 1, 0)):
        turned = measured(np.ascontiguousarray(mask.transpose(axes)), VoxelSize.of([size.zyx[a] for a in axes]))
        for row in here.quantities:
            axis = "zyx"[axes.index("zyx".index(row.axis))] if row.axis else ""
            assert turned.find(row.id, row.phase, axis).value == pytest.approx(
                row.quantity.value, rel=1e-9, abs=1e-12
            ), row
    for axis in range(3):
        flipped = measured(np.ascontiguousarray(np.flip(mask, axis)), size)
        for row in here.quantities:
            value = flipped.find(other_face(row.id) if row.axis == "zyx"[axis] else row.id, row.phase, row.axis).value
            # Windows are counted from the start: the spread between them, and what follows from it, is another.
            if row.id != "representative-volume":
                assert value == pytest.approx(row.quantity.value, rel=1e-9, abs=1e-12), row


@pytest.mark.parametrize("size", [CUBIC, FLAT, VoxelSize(50, 10, 10), VoxelSize(10, 30, 50)], ids=str)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_plates_of_every_thickness_are_exact(size: VoxelSize, axis: int) -> None:
    for count in range(1, 17):
        mask = np.zeros((count + 3, 7, 8), bool)
        mask[2:-1] = True  # its sides lie against the volume's border
        mask = np.moveaxis(mask, 0, axis)
        thick = local_thickness(mask, size)
        np.testing.assert_allclose(thick[mask], count * size.zyx[axis], rtol=1e-5)
        assert not thick[~mask].any()
        for along in {0, 1, 2} - {axis}:
            assert neck_diameter(mask, along, size) == pytest.approx(count * size.zyx[axis], rel=1e-5)


def test_a_plate_against_the_border_is_half_of_one() -> None:
    mask = np.zeros((9, 6, 6), bool)
    mask[:3] = True
    np.testing.assert_allclose(local_thickness(mask, CUBIC)[mask], 60, rtol=1e-5)


def _placed(shape: tuple[int, int, int], size: VoxelSize, seed: int) -> list[np.ndarray]:
    """Where voxels' centres lie from a random place near the middle."""
    off = (np.random.default_rng(seed).random(3) - 0.5) * size.zyx
    return [line + d for line, d in zip(centres(shape, size), off, strict=True)]


@BOTH
@pytest.mark.parametrize(("radius", "least"), [(5, 0.91), (8, 0.94), (12, 0.96)])
def test_balls_are_too_small_by_a_third_of_a_voxel_at_most(size: VoxelSize, radius: int, least: float) -> None:
    """Mean over several places; in cubic voxels 1 - 0.36 / radius, nowhere too large."""
    nm = radius * max(size.zyx)
    shape = tuple(int(2 * nm / d) + 5 for d in size.zyx)
    ratios = []
    for seed in range(60 // radius):
        z, y, x = _placed(shape, size, seed)  # type: ignore[arg-type]
        mask = np.asarray(z**2 + y**2 + x**2 <= nm**2)
        ratios.append(local_thickness(mask, size)[mask].mean() / (2 * nm))
    assert least <= np.mean(ratios) <= 1
    assert max(ratios) < 1.01
    if size == CUBIC:
        assert np.mean(ratios) == pytest.approx(1 - 0.36 / radius, abs=0.012)


@pytest.mark.parametrize("up", [(1, 0, 0), (1, 1, 0), (1, 0.2, 0.3), (3, 2, 1)], ids=str)
def test_cylinders_and_plates_askew_are_within_a_voxel(up: tuple[float, ...]) -> None:
    """Cylinders from below, plates that lie across the voxels from above."""
    w, v, u = np.array(up) / np.linalg.norm(up)
    middle = (slice(8, -8),) * 3
    ratios = []
    for seed in range(3):
        z, y, x = _placed((34, 34, 34), CUBIC, seed)
        along = (w * z + v * y + u * x) ** 2
        pair = [np.asarray(z**2 + y**2 + x**2 - along <= 50.0**2), np.asarray(along <= 40.0**2)]
        ratios.append([local_thickness(m, CUBIC)[middle][m[middle]].mean() for m in pair])
    round_, plate = np.mean(ratios, axis=0)
    assert 94 <= round_ <= 101
    assert 78 <= plate <= 88.5


def test_thickness_is_mirrored_turned_and_scaled_with_its_body() -> None:
    mask = boolean_balls((26, 30, 28), FLAT, 120, 0.5, np.random.default_rng(5))
    thick = local_thickness(mask, FLAT)
    assert thick[mask].min() >= min(FLAT.zyx)
    for axis in range(3):
        assert np.array_equal(np.flip(local_thickness(np.flip(mask, axis), FLAT), axis), thick)
    z, y, x = FLAT.zyx
    np.testing.assert_allclose(
        local_thickness(mask.transpose(2, 0, 1), VoxelSize(x, z, y)).transpose(1, 2, 0), thick, rtol=1e-5
    )
    np.testing.assert_allclose(local_thickness(mask, VoxelSize(1e3 * z, 1e3 * y, 1e3 * x)), 1e3 * thick, rtol=1e-5)


@pytest.mark.parametrize("seed", range(3))
def test_a_neck_limits_the_way(seed: int) -> None:
    z, y, x = _placed((45, 37, 37), CUBIC, seed)
    mask = np.asarray(y**2 + x**2 <= np.where(np.abs(z) < 50, 55.0, 155.0) ** 2)
    assert neck_diameter(mask, 0, CUBIC) == pytest.approx(107, abs=6)
    assert neck_diameter(mask, 1, CUBIC) is None
