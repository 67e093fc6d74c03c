"""Other people's code, and loops that anyone can follow, find the same on random volumes."""

from __future__ import annotations

from itertools import groupby

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from shapes import FLAT, volume_of
from skimage.measure import euler_number, marching_cubes, mesh_surface_area

from keramos.core import VoxelSize
from keramos.measurements import Measurements, local_thickness, quantify_volume
from keramos.settings.quantify import MeasurementOptions

STRUCTURES = {6: 1, 18: 2, 26: 3}


@pytest.fixture(params=range(3))
def mask(request: pytest.FixtureRequest) -> NDArray[np.bool_]:
    noise = np.random.default_rng(request.param).random((23, 19, 27))
    return np.asarray(ndimage.gaussian_filter(noise, 0.4 + 0.3 * request.param) > 0.5)


def quantified(mask: NDArray[np.bool_], connectivity: int = 6) -> Measurements:
    return quantify_volume(volume_of(mask, FLAT), MeasurementOptions(connectivity=connectivity, transport=False))


@pytest.mark.parametrize("connectivity", [6, 18, 26])
def test_components_are_those_of_scipy(mask: NDArray[np.bool_], connectivity: int) -> None:
    labels, count = ndimage.label(mask, ndimage.generate_binary_structure(3, STRUCTURES[connectivity]))
    sizes = np.bincount(labels.ravel())[1:]
    found = quantified(mask, connectivity)
    assert found.find("components", "solid").value == count
    assert found.find("resolved-components", "solid").value == np.count_nonzero(sizes >= 27)
    assert found.find("largest-component", "solid").value == pytest.approx(sizes.max() / sizes.sum())
    for axis, name in enumerate("zyx"):
        ends = [set(np.unique(np.take(labels, end, axis))) - {0} for end in (0, -1)]
        through = sum(sizes[label - 1] for label in ends[0] & ends[1]) / sizes.sum()
        assert found.find("percolating-fraction", "solid", name).value == pytest.approx(through)


def test_euler_numbers_are_those_of_scikit_image(mask: NDArray[np.bool_]) -> None:
    found = quantified(mask)
    assert found.find("euler-number", "solid").value == euler_number(mask, connectivity=1)
    assert found.find("euler-number-26", "solid").value == euler_number(mask, connectivity=3)


def test_chords_are_what_a_loop_finds(mask: NDArray[np.bool_]) -> None:
    found = quantified(mask)
    for axis, name in enumerate("zyx"):
        lengths: list[int] = []
        for line in np.moveaxis(mask, axis, 2).reshape(-1, mask.shape[axis]):
            runs = [(value, len(list(run))) for value, run in groupby(line)]
            lengths += [length for value, length in runs[1:-1] if value]
        curve = next(
            c for c in found.curves if (c.name, c.phase, c.axis) == ("chord length distribution", "solid", name)
        )
        used, counts = np.unique(lengths, return_counts=True)
        np.testing.assert_allclose(curve.columns["length"], used * FLAT.zyx[axis])
        np.testing.assert_array_equal(curve.columns["chords"], counts)


def test_two_point_correlation_is_what_a_loop_finds(mask: NDArray[np.bool_]) -> None:
    for curve in quantified(mask).curves:
        if curve.name == "two-point correlation" and curve.phase == "solid":
            axis = "zyx".index(curve.axis)
            lines = np.moveaxis(mask, axis, 2)
            for distance, probability in zip(curve.columns["distance"], curve.columns["probability"], strict=True):
                lag = round(distance / FLAT.zyx[axis])
                both = lines[:, :, : mask.shape[axis] - lag] & lines[:, :, lag:]
                assert probability == pytest.approx(both.mean())


def test_fractions_are_counted(mask: NDArray[np.bool_]) -> None:
    found = quantified(mask)
    assert found.find("phase-fraction", "solid").value == pytest.approx(mask.mean())
    for axis, name in enumerate("zyx"):
        curve = next(
            c for c in found.curves if (c.name, c.phase, c.axis) == ("phase fraction of slices", "solid", name)
        )
        others = tuple(a for a in range(3) if a != axis)
        np.testing.assert_allclose(curve.columns["fraction"], mask.mean(axis=others))


def test_local_thickness_is_that_of_porespy() -> None:
    """Extrapolated from the same smooth body in voxels and half voxels: PoreSpy's balls are too small by about two
    voxels, and it counts one voxel more, to the centre of the first voxel outside. Ours are within half a voxel."""
    filters = pytest.importorskip("porespy.filters", reason="a peer, too heavy to ask for: pip install porespy")
    field = ndimage.gaussian_filter(np.random.default_rng(0).random((60, 60, 60)), 3, mode="wrap")
    theirs = []
    for finer in (1, 2):
        body = ndimage.zoom(field, finer, mode="grid-wrap", grid_mode=True) > 0.5
        theirs.append((2 * np.asarray(filters.local_thickness(body))[body].mean() - 1) / finer)
    mask = field > 0.5
    ours = local_thickness(mask, VoxelSize(1, 1, 1))
    assert 0 < ours[mask].mean() - (2 * theirs[1] - theirs[0]) < 0.6
    assert np.corrcoef(ours[mask], np.asarray(filters.local_thickness(mask))[mask])[0, 1] > 0.9


def test_surface_is_that_of_marching_cubes_on_the_smooth_field() -> None:
    """A mesh through a smooth field knows the surface between voxels; the estimator has seen the voxels alone."""
    field = ndimage.gaussian_filter(np.random.default_rng(0).random((96, 80, 88)), 4 / np.array(FLAT.zyx) * 20)
    mask = field > 0.5
    vertices, faces, *_ = marching_cubes(field, 0.5, spacing=FLAT.zyx)
    area = mesh_surface_area(vertices, faces) / np.prod((np.array(mask.shape) - 1) * FLAT.zyx)
    found = quantified(mask).find("specific-surface-area", "solid").value / 1000
    assert found == pytest.approx(area, rel=0.03)
