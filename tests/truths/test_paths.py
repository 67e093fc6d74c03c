"""Truths about shortest paths and what is made of solved flows: channels, walls and balls in the way. Lengths in nm."""

from __future__ import annotations

from dataclasses import replace
from itertools import permutations, product
from math import acos, log, pi, sqrt
from typing import Literal

import numpy as np
import pytest
import scipy
from shapes import CUBIC, FLAT, Mask, boolean_balls, centres, codes_of
from skimage.graph import MCP_Geometric

from keramos.core import VoxelSize
from keramos.core.errors import MemoryShortageError
from keramos.measurements import Measurements, quantify_volume
from keramos.measurements.paths.fast_marching import march
from keramos.settings.quantify import MeasurementOptions

PATHS = MeasurementOptions(paths=True, transport=False, phase=("void",))
DEEP = VoxelSize(50, 10, 10)
BOTH = pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
ALL = pytest.mark.parametrize("size", [CUBIC, FLAT, DEEP], ids=["cubic", "flat", "deep"])
GEODESICS = ("geodesic-tortuosity", "geodesic-tortuosity-on-graph")


def measure(void: Mask, size: VoxelSize, settings: MeasurementOptions = PATHS) -> Measurements:
    return quantify_volume(codes_of((~void).astype(np.uint8), size, "void solid"), settings)


def value(results: Measurements, id: str, axis: str) -> float:
    return results.find(id, "void", axis).value


def has(results: Measurements, id: str, axis: str) -> bool:
    return any((row.id, row.axis) == (id, axis) for row in results.quantities)


@ALL
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_paths_through_a_straight_channel_are_as_long_as_the_volume(size: VoxelSize, axis: int) -> None:
    void = np.zeros((12, 9, 10), bool)
    void[:, 2:7, 3:8] = True
    results, name = measure(np.moveaxis(void, 0, axis), size), "zyx"[axis]
    for id in GEODESICS:
        assert value(results, id, name) == pytest.approx(1, rel=1e-12)
    assert value(results, "geodesic-tortuosity-spread", name) == pytest.approx(0, abs=1e-7)
    for other in {"z", "y", "x"} - {name}:
        assert not any(has(results, id, other) for id in GEODESICS)
        why = "it does not reach both ends through faces of voxels"
        assert f"no geodesic tortuosity of void along {other}: {why}" in results.notes


def slanted(size: VoxelSize, slope: tuple[float, float], wide: int = 20) -> tuple[Mask, float]:
    """A channel of 20 voxels' width (or as given) and 100 voxels' length, and the mean of its paths over its length:
    straight from the nearest point of the opening."""
    edge = 10.0
    width, length = wide * edge, 100 * edge
    across = [int((s * length + width + 5 * edge) / d) | 1 for s, d in zip(slope, size.zyx[1:], strict=True)]
    z, y, x = centres((int(length / size.z_nm), *across), size)  # type: ignore[arg-type]
    void = (abs(y - slope[0] * z) <= width / 2) & (abs(x - slope[1] * z) <= width / 2)
    end = length / 2 - size.z_nm / 2
    v, u = (np.linspace(s * end - width / 2, s * end + width / 2, 200) for s in slope)
    v, u = (np.maximum(0, at + s * length / 2 - width / 2) for at, s in zip((v, u), slope, strict=True))
    paths = np.sqrt((end + length / 2) ** 2 + v[:, None] ** 2 + u**2)
    return np.asarray(void), float(paths.mean()) / (end + length / 2)


@ALL
@pytest.mark.parametrize("slope", [(0.5, 0.0), (0.5, 0.5), (1.5, 0.4)], ids=str)
def test_paths_through_a_slanted_channel_are_too_long_by_what_is_told(
    size: VoxelSize, slope: tuple[float, float]
) -> None:
    coarse = VoxelSize(*(10 * d / min(size.zyx) for d in size.zyx))
    void, truth = slanted(coarse, slope)
    results = measure(void, coarse)
    marched, on_graph = (value(results, id, "z") for id in GEODESICS)
    assert truth < marched < (1.06 if size == DEEP else 1.05) * truth
    assert 1.02 * truth < on_graph < (1.28 if size == DEEP else 1.16) * truth
    assert marched < on_graph


@pytest.mark.parametrize("size", [CUBIC, VoxelSize(20, 10, 10), VoxelSize(10, 20, 10)], ids=str)
@pytest.mark.parametrize("wide", [2, 3, 4, 6])
def test_paths_through_a_narrow_channel_cut_its_corners(size: VoxelSize, wide: int) -> None:
    """A row of a few voxels that moves aside by one in each slice: the shortest paths are straight from the nearest
    point of the opening, or a little longer."""
    void = np.zeros((40, 41 + wide, 4), bool)
    for z in range(40):
        void[z, z + 1 : z + 1 + wide, 1:3] = True
    aside = np.maximum(0, 39.5 - wide + np.arange(wide)) * size.y_nm
    truth = float(np.hypot(39.5 * size.z_nm, aside).mean() + size.z_nm / 2) / (40 * size.z_nm)
    marched = value(measure(void, size), "geodesic-tortuosity", "z")
    assert truth < marched < 1.02 * truth


@pytest.mark.parametrize("wide", [3, 4, 6])
@pytest.mark.parametrize("slope", [(0.5, 0.5), (1.0, 1.0), (1.5, 0.4)], ids=str)
@BOTH
def test_paths_through_a_narrow_slanted_channel_are_too_long_by_what_is_told(
    size: VoxelSize, slope: tuple[float, float], wide: int
) -> None:
    coarse = VoxelSize(*(10 * d / min(size.zyx) for d in size.zyx))
    void, truth = slanted(coarse, slope, wide)
    marched = value(measure(void, coarse), "geodesic-tortuosity", "z")
    assert 0.998 * truth < marched < (1.11 if size == FLAT else 1.08) * truth  # its voxels stick out of the channel


def test_paths_through_a_narrow_slanted_channel_of_deep_voxels_are_too_long_by_what_is_told() -> None:
    void, truth = slanted(DEEP, (1.0, 0.0), 6)
    assert 1.2 * truth < value(measure(void, DEEP), "geodesic-tortuosity", "z") < 1.26 * truth


@BOTH
@pytest.mark.parametrize("fraction", [0.45, 0.6])
def test_along_walls_no_path_is_longer_than_on_the_graph_of_steps_that_faces_join(
    size: VoxelSize, fraction: float
) -> None:
    """Noise, in which hardly a voxel has no wall beside it; the graph by Dijkstra's method in SciPy."""
    void = np.random.default_rng(8).random((9, 10, 11)) < fraction
    places = {tuple(place): number for number, place in enumerate(np.argwhere(void).tolist(), 1)}
    lengths = scipy.sparse.lil_matrix((len(places) + 1, len(places) + 1))
    for start, number in places.items():
        if start[0] == 0:
            lengths[0, number] = size.z_nm / 2
        for step in product((-1, 0, 1), repeat=3):
            moves = [np.eye(3, dtype=int)[axis] * way for axis, way in enumerate(step) if way]
            ways = [np.cumsum([start, *order], axis=0) for order in permutations(moves)]
            if moves and any(all(tuple(place) in places for place in way.tolist()) for way in ways):
                lengths[number, places[tuple(ways[0][-1].tolist())]] = np.linalg.norm(np.array(step) * size.zyx)
    truth = np.full(void.shape, np.inf)
    truth[void] = scipy.sparse.csgraph.dijkstra(lengths.tocsr(), indices=0)[1:]
    marched = march(void, size.zyx)
    assert np.array_equal(np.isfinite(marched), np.isfinite(truth))
    walled = ~scipy.ndimage.minimum_filter(void, 3, mode="constant")
    assert walled[void].mean() > 0.99
    assert np.all(marched[np.isfinite(truth)] <= truth[np.isfinite(truth)] + 1e-6)


@BOTH
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_paths_bend_around_the_edge_of_a_wall(size: VoxelSize, axis: int) -> None:
    """A wall across the volume leaves a slit along one side: straight to its edge, and straight on."""
    void = np.ones((60, 60, 3), bool)
    void[30, 12:] = False
    along, across = size.zyx[axis], size.zyx[(axis + 1) % 3]
    side = (np.arange(60) + 0.5) * across
    # Paths from both ends alike: to the wall's far side, along it to the place where the slit begins, then to the end.
    ends = [
        np.hypot(np.maximum(0, side - 12 * across), 29 * along) + 31 * along,
        np.hypot(np.maximum(0, side - 12 * across), 30 * along) + 30 * along,
    ]
    truth = float(np.mean(ends)) / (60 * along)
    order = [(number - axis) % 3 for number in range(3)]
    results = measure(np.ascontiguousarray(void.transpose(order)), size)
    marched = value(results, "geodesic-tortuosity", "zyx"[axis])
    assert truth < marched < 1.025 * truth
    spread = np.std(np.concatenate(ends)) / (60 * along)
    assert value(results, "geodesic-tortuosity-spread", "zyx"[axis]) == pytest.approx(spread, rel=0.05)
    (curve,) = (c for c in results.curves if (c.phase, c.axis) == ("void", "zyx"[axis]) and "geodesic" in c.id)
    shares = np.interp(np.quantile(np.concatenate(ends) / (60 * along), (0.5, 0.9)), *curve.columns.values())
    np.testing.assert_allclose(shares, (0.5, 0.9), atol=0.07)


@BOTH
def test_the_path_around_a_ball_is_a_tangent_and_an_arc(size: VoxelSize) -> None:
    radius, before, behind = 200.0, 300.0, 320.0
    shape = (int((before + behind) / size.z_nm), *(int(600 / d) | 1 for d in size.zyx[1:]))
    z, y, x = centres(shape, size)  # type: ignore[arg-type]
    middle = before - shape[0] * size.z_nm / 2
    lengths = march(np.asarray((z - middle) ** 2 + y**2 + x**2 > radius**2), size.zyx)
    away = float(z[-1, 0, 0]) - middle
    truth = before + radius * (pi / 2 - acos(radius / away)) + sqrt(away**2 - radius**2)
    reached = lengths[-1, shape[1] // 2, shape[2] // 2]
    assert truth - max(size.zyx) / 2 < reached < 1.06 * truth


def test_in_the_open_the_lengths_from_a_point_are_those_of_the_distance() -> None:
    mask = np.ones((40, 61, 61), bool)
    mask[0] = False
    mask[0, 30, 30] = True
    lengths = march(mask, (10.0, 10.0, 10.0))
    for place in ((39, 30, 30), (39, 50, 30), (39, 50, 50), (20, 0, 0)):
        truth = 5 + 10 * sqrt(place[0] ** 2 + (place[1] - 30) ** 2 + (place[2] - 30) ** 2)
        assert truth <= lengths[place] < 1.06 * truth


@BOTH
def test_the_graph_is_that_of_another_implementation(size: VoxelSize) -> None:
    rng = np.random.default_rng(3)
    void = rng.random((14, 15, 16)) < 0.7
    results = measure(void, size, replace(PATHS, connectivity=26))
    for axis, edge in enumerate(size.zyx):
        mask = np.moveaxis(void, axis, 0)
        sampling = (edge, *(d for other, d in enumerate(size.zyx) if other != axis))
        both = []
        for way in (mask, mask[::-1]):
            graph = np.pad(way, ((1, 0), (0, 0), (0, 0)), constant_values=False)
            first = [(1, *place) for place in np.argwhere(way[0])]
            costs, _ = MCP_Geometric(np.where(graph, 1.0, np.inf), sampling=sampling).find_costs(first)
            both.append(costs[-1][np.isfinite(costs[-1])] + edge)
        truth = np.concatenate(both).mean() / (edge * len(mask))
        assert value(results, "geodesic-tortuosity-on-graph", "zyx"[axis]) == pytest.approx(truth, rel=1e-9)


def oblique(step: tuple[int, int]) -> Mask:
    """A row of single voxels along z that moves aside by `step` (y, x) at every other slice."""
    void = np.zeros((12, 12, 12), bool)
    for z in range(12):
        void[z, 4 + z % 2 * step[0], 4 + z % 2 * step[1]] = True
    return void


@pytest.mark.parametrize("step", [(0, 0), (0, 1), (1, 1)], ids=["faces", "edges", "corners"])
@pytest.mark.parametrize("neighbours", [6, 18, 26])
def test_sizes_paths_and_predictions_are_given_where_the_phase_percolates_by_the_setting(
    neighbours: Literal[6, 18, 26], step: tuple[int, int]
) -> None:
    options = MeasurementOptions(
        paths=True, thickness=True, phase=("void",), connectivity=neighbours, permeability=True, tolerance=1e-6
    )
    void = oblique(step)
    results = measure(void, CUBIC, options)
    # Voxels at faces, edges and corners lie 1, 2 and 3 steps apart: an oracle that labels nothing.
    percolates = 1 + sum(step) <= {6: 1, 18: 2, 26: 3}[neighbours]
    assert value(results, "percolating-fraction", "z") == percolates
    for id in ("neck-diameter", "intrusion-r50", "constrictivity", GEODESICS[1], "predicted-relative-diffusivity"):
        assert has(results, id, "z") is percolates, id
    if percolates:
        assert value(results, "neck-diameter", "z") == pytest.approx(10)
        length = (11 * 10 * sqrt(1 + sum(step)) + 10) / 120
        assert value(results, GEODESICS[1], "z") == pytest.approx(length)
    assert (value(results, "relative-diffusivity", "z") > 0) is not any(step)
    why = "it does not reach both ends through faces of voxels"
    for what in ("tortuosity factor", "geodesic tortuosity", "permeability"):
        assert (f"no {what} of void along z: {why}" in results.notes) is any(step), what


def test_a_chequerboard_of_voxels_conducts_nothing_and_nothing_is_predicted() -> None:
    void = np.indices((8, 8, 8)).sum(0) % 2 == 0
    results = measure(void, CUBIC, MeasurementOptions(paths=True, thickness=True, phase=("void",)))
    for axis in "zyx":
        assert value(results, "relative-diffusivity", axis) == 0
        for id in ("predicted-relative-diffusivity", "neck-diameter", "intrusion-r50", *GEODESICS):
            assert not has(results, id, axis), id


@BOTH
def test_channels_have_the_inverse_fraction_for_a_formation_factor_and_the_exponent_one(size: VoxelSize) -> None:
    void = np.zeros((10, 12, 12), bool)
    void[:, 3:9, 2:8] = True
    results = measure(void, size, MeasurementOptions(phase=("void",)))
    for id in ("formation-factor", "macmullin-number"):
        assert value(results, id, "z") == pytest.approx(4, rel=1e-4)
        assert not has(results, id, "y")
    assert value(results, "bruggeman-exponent", "z") == pytest.approx(1, abs=1e-4)
    assert not has(results, "bruggeman-exponent", "y")


def test_space_around_a_lattice_of_balls_has_the_exponent_of_rayleigh() -> None:
    """Balls that fill 0.20 of a simple cubic lattice: D_eff / D = 1 - 3 c / (2 + c - 0.3905 c^(10/3)) (Lord Rayleigh,
    Phil. Mag. 34, 481, 1892, insulating balls). Of balls of 11 voxels' radius it is 6 % too large."""
    z, y, x = centres((32, 32, 32), CUBIC)
    void = np.asarray(z**2 + y**2 + x**2 > (320 * (3 * 0.2 / (4 * pi)) ** (1 / 3)) ** 2)
    share = 1 - float(void.mean())
    results = measure(void, CUBIC, MeasurementOptions(phase=("void",)))
    truth = log(1 - 3 * share / (2 + share - 0.3905 * share ** (10 / 3))) / log(1 - share)
    assert truth < value(results, "bruggeman-exponent", "x") < 1.07 * truth
    assert truth == pytest.approx(1.43, abs=0.01)


def test_a_phase_that_is_everywhere_has_no_exponent_and_paths_of_length_one() -> None:
    results = measure(np.ones((9, 9, 9), bool), CUBIC, MeasurementOptions(paths=True, phase=("void",)))
    assert not has(results, "bruggeman-exponent", "z")
    assert value(results, "formation-factor", "z") == pytest.approx(1, rel=1e-5)
    assert value(results, "geodesic-tortuosity", "z") == pytest.approx(1)


@BOTH
def test_the_prediction_is_the_published_formula_of_what_is_measured(size: VoxelSize) -> None:
    """Tubes of one width along z: M = fraction^1.15; between random balls with all of it."""
    options = MeasurementOptions(paths=True, thickness=True, transport=False, phase=("void",))
    tube = np.zeros((10, 15, 15), bool)
    tube[:, 4:11, 4:11] = True
    tubes = measure(tube, size, options)
    assert value(tubes, "predicted-relative-diffusivity", "z") == pytest.approx((49 / 225) ** 1.15, rel=1e-6)
    assert not has(tubes, "predicted-relative-diffusivity", "x")
    void = ~boolean_balls((30, 30, 30), size, 4 * max(size.zyx), 0.5, np.random.default_rng(2))
    random = measure(void, size, options)
    beta, tau = (value(random, id, "y") for id in ("constrictivity", "geodesic-tortuosity-on-graph"))
    assert beta < 0.9
    assert tau > 1.02
    truth = float(void.mean()) ** 1.15 * beta**0.37 / tau**4.39
    assert value(random, "predicted-relative-diffusivity", "y") == pytest.approx(truth, rel=1e-9)


def test_a_slice_has_no_paths_and_too_large_a_box_is_refused_with_the_reason() -> None:
    flat = np.zeros((1, 20, 20), bool)
    flat[:, 5:15] = True
    assert not any("geodesic" in row.id for row in measure(flat, CUBIC).quantities)
    labels = codes_of(np.zeros((160, 160, 160), np.uint8), CUBIC, "void solid")
    with pytest.raises(MemoryShortageError, match="paths of a box of 160 x 160 x 160 voxels"):
        quantify_volume(labels, MeasurementOptions(paths=True, transport=False, memory=2**28))
