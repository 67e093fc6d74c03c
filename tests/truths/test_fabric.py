"""Truths about fabric: bodies that are stretched by a known factor in a known direction, fibres and plates askew."""

from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from shapes import CUBIC, FLAT, Mask, boolean_balls, centres, codes_of, volume_of

from keramos.core import VoxelSize
from keramos.measurements import Measurements, quantify_volume, quantify_with
from keramos.settings.quantify import MeasurementOptions

BOTH = pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
LINES = pytest.mark.parametrize("line", [(1.0, 0.0, 0.0), (1.0, 1.0, 0.0), (0.3, -0.5, 0.8), (0.2, 0.9, 0.1)], ids=str)


def measure(solid: Mask, size: VoxelSize, **options: bool) -> Measurements:
    settings = MeasurementOptions(transport=False, phase=("solid",), fabric=options.get("fabric", False))
    names = ["fabric", *(["surface-orientation"] if settings.fabric else [])]
    return quantify_with(names, volume_of(solid, size), settings)


def angles(line: tuple[float, ...]) -> NDArray[np.float64]:
    return np.degrees(np.arccos(np.abs(np.array(line)) / np.linalg.norm(line)))


def found_angles(results: Measurements, id: str) -> list[float]:
    return [results.find(id, "solid", axis).value for axis in "zyx"]


def stretched(shape: tuple[int, int, int], size: VoxelSize, line: tuple[float, ...], factor: float, seed: int) -> Mask:
    """Overlapping balls, stretched along a line: lines along it run that much longer in them, so that the ellipsoid of
    mean intercept lengths is the ball stretched alike."""
    rng, unit = np.random.default_rng(seed), np.array(line) / np.linalg.norm(line)
    grid = np.stack(np.broadcast_arrays(*centres(shape, size)))
    along = np.tensordot(unit, grid, axes=1)
    body = (grid + (1 / factor - 1) * along * unit[:, None, None, None]).reshape(3, -1)
    edges = np.ptp(body, axis=1)
    radius = 5 * max(size.zyx)
    outer = edges + 2 * radius
    mask = np.zeros(body.shape[1], bool)
    for centre in (rng.random((int(0.45 * outer.prod() / (4 / 3 * np.pi * radius**3)), 3)) - 0.5) * outer:
        near = np.flatnonzero(np.abs(body[0] - centre[0]) < radius)
        mask[near] |= ((body[:, near] - centre[:, None]) ** 2).sum(axis=0) <= radius**2
    return mask.reshape(shape)


@BOTH
@LINES
def test_a_stretched_body_has_the_factor_and_the_direction_it_was_stretched_by(
    size: VoxelSize, line: tuple[float, ...]
) -> None:
    degree, off = [], []
    for seed in range(2):
        results = measure(stretched((48, 48, 48), size, line, 2.0, seed), size)
        degree.append(results.find("fabric-anisotropy", "solid").value)
        off.append(np.array(found_angles(results, "fabric-angle")) - angles(line))
    assert np.mean(degree) == pytest.approx(2, rel=0.06)
    assert np.abs(np.mean(off, axis=0)).max() < 3


@BOTH
def test_an_isotropic_body_has_none(size: VoxelSize) -> None:
    results = measure(
        boolean_balls((60, 60, 60), size, 5 * max(size.zyx), 0.4, np.random.default_rng(2)), size, fabric=True
    )
    degree = results.find("fabric-anisotropy", "solid")
    assert 1 <= degree.value < 1.12
    assert degree.interval is not None
    assert degree.interval[0] < 1.1
    assert results.find("surface-orientation-least", "solid").value == pytest.approx(1 / 3, abs=0.025)
    assert results.find("surface-orientation-most", "solid").value == pytest.approx(1 / 3, abs=0.03)


def test_a_cubic_lattice_has_no_direction_at_all() -> None:
    place = (np.indices((48, 48, 48)) % 20 - 9.5) ** 2
    results = measure(place.sum(axis=0) < 36, CUBIC)
    assert results.find("fabric-anisotropy", "solid").value == pytest.approx(1, abs=0.05)
    for axis in "zyx":
        assert results.find("fabric-angle", "solid", axis).interval == (0, 90)


@BOTH
@LINES
def test_fibres_have_their_direction(size: VoxelSize, line: tuple[float, ...]) -> None:
    grid = np.stack(np.broadcast_arrays(*centres((44, 44, 44), size)))
    unit = np.array(line) / np.linalg.norm(line)
    one = np.cross(unit, [0.31, 0.5, -0.8])
    one /= np.linalg.norm(one)
    radius = 5 * max(size.zyx)
    places = [np.tensordot(vector, grid, axes=1) for vector in (one, np.cross(unit, one))]
    across = sum(((place + 1.5 * radius) % (3 * radius) - 1.5 * radius) ** 2 for place in places)
    results = measure(np.asarray(across <= radius**2), size, fabric=True)
    assert results.find("surface-orientation-least", "solid").value == pytest.approx(0, abs=0.02)
    assert results.find("surface-orientation-most", "solid").value == pytest.approx(0.5, abs=0.04)
    np.testing.assert_allclose(found_angles(results, "fibre-angle"), angles(line), atol=1)


@BOTH
@LINES
def test_plates_have_their_normal(size: VoxelSize, line: tuple[float, ...]) -> None:
    grid = np.stack(np.broadcast_arrays(*centres((40, 40, 40), size)))
    depth = np.tensordot(np.array(line) / np.linalg.norm(line), grid, axes=1)
    results = measure(np.asarray(depth % (14 * max(size.zyx)) < 7 * max(size.zyx)), size, fabric=True)
    assert results.find("surface-orientation-most", "solid").value == pytest.approx(1, abs=0.04)
    np.testing.assert_allclose(found_angles(results, "platelet-angle"), angles(line), atol=1)


def test_the_intervals_hold_what_other_samples_of_the_material_have() -> None:
    """Balls stretched twofold along y: the interval of each sample against the mean of all."""
    samples = [measure(stretched((48, 48, 48), CUBIC, (0, 1, 0), 1.5, seed), CUBIC) for seed in range(5)]
    degrees = [results.find("fabric-anisotropy", "solid") for results in samples]
    mean = np.mean([quantity.value for quantity in degrees])
    held = [q.interval is not None and q.interval[0] <= mean <= q.interval[1] for q in degrees]
    assert sum(held) >= 4
    assert all(q.interval is not None and q.interval[1] - q.interval[0] < 1 for q in degrees)


def test_unannotated_voxels_give_no_surface_of_their_own() -> None:
    """Plates along z, of which a half is masked along a plane askew to them."""
    codes = (np.indices((36, 36, 36))[0] // 6 % 2).astype(np.uint8)
    labels = volume_of(codes == 1, CUBIC).read().copy()
    labels[np.indices(labels.shape).sum(axis=0) > 60] = 255
    results = quantify_volume(codes_of(labels, CUBIC, "void solid"), MeasurementOptions(transport=False, fabric=True))
    assert results.find("surface-orientation-most", "solid").value == pytest.approx(1, abs=1e-3)
    assert ndimage.label(labels == 255)[1] == 1


def test_a_direction_that_is_chance_may_be_any() -> None:
    """Of balls that look alike in all directions no axis is the longest; of those stretched twofold one is."""
    alike = measure(boolean_balls((48, 48, 48), CUBIC, 50.0, 0.4, np.random.default_rng(2)), CUBIC, fabric=True)
    for id in ("fabric-angle", "fibre-angle", "platelet-angle"):
        assert [alike.find(id, "solid", axis).interval for axis in "zyx"] == [(0, 90)] * 3
    line = (0.3, -0.5, 0.8)
    results = measure(stretched((48, 48, 48), CUBIC, line, 2.0, 0), CUBIC, fabric=True)
    for id in ("fabric-angle", "fibre-angle"):
        for axis, true in zip("zyx", angles(line), strict=True):
            interval = results.find(id, "solid", axis).interval
            assert interval is not None
            assert interval[1] - interval[0] < 30
            assert interval[0] - 2 < true < interval[1] + 2
