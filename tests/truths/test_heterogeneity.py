"""Truths about how a material differs from place to place: gradients that are built in, layers, and voxels drawn one by
one, whose spread is known. Lengths in nm."""

from __future__ import annotations

from dataclasses import replace
from math import pi
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from scipy.stats import t
from shapes import CUBIC, FLAT, codes_of, volume_of

from keramos.blocks import Plan
from keramos.core import VoxelSize
from keramos.measurements import Measurements, quantify_with
from keramos.measurements.block_pass import measure_in_blocks
from keramos.measurements.counting.interval import ratio_spread
from keramos.measurements.counting.trend import fit_trends
from keramos.measurements.heterogeneity import Heterogeneity
from keramos.measurements.volume import find_measured_volume
from keramos.settings.quantify import MeasurementOptions

BOTH = pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
Mask = NDArray[np.bool_]


def measured(mask: Mask, size: VoxelSize, **options: Any) -> Measurements:
    settings = MeasurementOptions(heterogeneity=True, phase=("solid",), **options)
    return quantify_with(["heterogeneity", "representative-volume"], volume_of(mask, size), settings)


def curve_of(results: Measurements, id: str, axis: str = "") -> dict[str, NDArray[np.float64]]:
    (curve,) = (c for c in results.curves if (c.id, c.axis) == (id, axis))
    return {name: np.array(column) for name, column in curve.columns.items()}


def specks(shape: tuple[int, int, int], low: float, high: float, rng: np.random.Generator) -> Mask:
    """Cubes of 3 voxels in a grid of 5, each there with a chance that grows along z from `low` to `high`."""
    cells = [n // 5 for n in shape]
    chance = low + (high - low) * (np.arange(cells[0]) + 0.5) / cells[0]
    ranks = rng.random((cells[0], cells[1] * cells[2])).argsort(axis=1).argsort(axis=1).reshape(cells)
    there = ranks < np.rint(chance * cells[1] * cells[2])[:, None, None]
    mask = np.repeat(np.repeat(np.repeat(there, 5, 0), 5, 1), 5, 2)
    grid = [np.isin(np.arange(5 * n) % 5, (1, 2, 3)) for n in cells]
    return np.asarray(mask & grid[0][:, None, None] & grid[1][:, None] & grid[2])


@BOTH
def test_a_gradient_is_seen_along_its_axis_alone(size: VoxelSize) -> None:
    """The number of alike specks doubles along z: fraction and surface by 2/3 of their mean, and no chord by anything.
    The windows are multiples of the specks' cells, so that each cuts none."""
    results = measured(specks((120, 60, 60), 0.3, 0.6, np.random.default_rng(0)), size)
    for name, tolerance in (("phase-fraction", 0.04), ("specific-surface-area", 0.08)):
        trend = results.find(f"{name}-trend", "solid", "z")
        assert trend.value == pytest.approx(2 / 3, abs=tolerance)
        assert trend.interval is not None
        assert trend.interval[0] < 2 / 3 < trend.interval[1]
        assert results.find(f"{name}-trend-p-value", "solid", "z").value < 1e-4
        for axis in "yx":
            assert abs(results.find(f"{name}-trend", "solid", axis).value) < 0.25  # two deviations
            assert results.find(f"{name}-trend-p-value", "solid", axis).value > 0.01
    assert all(abs(row.quantity.value) < 0.05 for row in results.quantities if row.id == "mean-chord-length-trend")
    layers = curve_of(results, "specific-surface-area-of-layers", "z")
    along = np.polyfit(layers["position"] / (120 * size.z_nm), layers["value"] / layers["value"].mean(), 1)
    assert along[0] == pytest.approx(2 / 3, abs=0.15)


@BOTH
def test_places_count_from_the_corner_of_the_labels_that_were_given(size: VoxelSize) -> None:
    """A step from void to solid, the same in all that is told along an axis, beyond what nobody annotated."""
    codes = np.zeros((30, 28, 26), np.uint8)
    codes[:, 21:] = 1
    codes[:, :7] = codes[:3] = codes[:, :, :1] = 255
    settings = MeasurementOptions(heterogeneity=True, phase=("solid",))
    results = quantify_with(["heterogeneity", "phase-fraction"], codes_of(codes, size, "void solid"), settings)
    for number, axis in enumerate("zyx"):
        slices, edge = curve_of(results, "phase-fraction-of-slices", axis), size.zyx[number]
        used = np.flatnonzero((codes < 255).any(axis=tuple(other for other in range(3) if other != number)))
        np.testing.assert_allclose(slices["position"], (used + 0.5) * edge)
    along = curve_of(results, "phase-fraction-of-slices", "y")
    assert ((along["fraction"] == 1) == (along["position"] > 21 * size.y_nm)).all()
    (table,) = results.tables
    rows = np.unique([table.columns["y"], table.columns["phase_fraction"]], axis=1)
    layers = curve_of(results, "specific-surface-area-of-layers", "y")
    np.testing.assert_allclose(layers["position"], rows[0])
    ends = np.concatenate([[7 * size.y_nm], (rows[0][1:] + rows[0][:-1]) / 2, [28 * size.y_nm]])
    shares = np.clip((ends[1:] - 21 * size.y_nm) / np.diff(ends), 0, 1)
    np.testing.assert_allclose(rows[1], shares, atol=1e-9)


@BOTH
def test_chords_grow_alike_whether_or_not_they_become_fewer(size: VoxelSize) -> None:
    """Cubes of 3 voxels and bars of 3 x 3 x 8 in cells of 5 x 5 x 10, mixed so that in voxels of equal edges the mean
    chord grows from 3.1 to 3.7 voxels along z, while the chords become a fifth of what they were."""
    cells, rng = (24, 12, 12), np.random.default_rng(11)
    place = (np.arange(cells[0]) + 0.5) / cells[0]
    mask = np.zeros([n * m for n, m in zip(cells, (5, 5, 10), strict=True)], bool)
    ends, voxels = [], []
    edges = np.array(size.zyx)
    for z, (mean, many) in enumerate(zip(3.1 + 0.6 * place, 1250 - 1000 * place, strict=True)):
        cubes, bars = np.rint(np.linalg.solve([[9, 19], [27, 72]], [many, mean * many])).astype(int)
        for number, cell in enumerate(rng.permutation(cells[1] * cells[2])[: cubes + bars]):
            y, x = 5 * (cell // cells[2]), 10 * (cell % cells[2])
            mask[5 * z + 1 : 5 * z + 4, y + 1 : y + 4, x + 1 : x + (4 if number < cubes else 9)] = True
        areas = cubes * np.array([9, 9, 9]) + bars * np.array([24, 24, 9])
        ends.append((areas / edges).mean())
        voxels.append(27 * cubes + 72 * bars)
    chords = np.array(voxels) / np.array(ends)
    slope, _ = np.polyfit(place, chords, 1)
    trend = measured(mask, size).find("mean-chord-length-trend", "solid", "z")
    assert trend.value == pytest.approx(slope / (sum(voxels) / sum(ends)), rel=0.03)
    if size == CUBIC:
        assert slope == pytest.approx(0.6 * size.x_nm, rel=0.03)


@pytest.mark.parametrize(("grid", "reach"), [((5, 5, 5), 1), ((8, 8, 8), 2), ((4, 16, 16), 2)])
def test_a_material_without_a_trend_has_a_small_p_value_as_seldom_as_it_says(
    grid: tuple[int, int, int], reach: int
) -> None:
    """Windows that are alike up to `reach` apart. If they counted as independent, most would have a trend."""
    rng, below, p_values, naive, held = np.random.default_rng(1), np.ones(grid), [], [], 0
    for _ in range(200):
        noise = ndimage.uniform_filter(rng.standard_normal([n + 8 for n in grid]), reach + 1)[4:-4, 4:-4, 4:-4]
        above = 0.4 + 0.05 * noise / noise.std()
        places = [(np.arange(n) + 0.5) / n for n in grid]
        *_, trend = fit_trends((above - above.mean()) / above.size, below, places, below > 0)
        assert trend is not None
        p_values.append(trend.p_value)
        held += trend.interval[0] < 0 < trend.interval[1]
        place = np.broadcast_to(np.arange(grid[2]), grid).ravel()
        slope, offset = np.polyfit(place, above.ravel(), 1)
        error = (above.ravel() - slope * place - offset).std() / (place.std() * above.size**0.5)
        naive.append(2 * t.sf(abs(slope) / error, above.size - 2))
    assert 0.01 < np.mean(np.array(p_values) < 0.05) < 0.1
    assert 0.4 < np.mean(np.array(p_values) < 0.5) < 0.62
    assert held / 200 == pytest.approx(1 - np.mean(np.array(p_values) < 0.05), abs=1e-9)
    assert np.mean(np.array(naive) < 0.05) > 0.3


@BOTH
def test_the_variance_of_single_voxels_falls_as_their_number_and_that_of_a_gradient_hardly(size: VoxelSize) -> None:
    rng, shape = np.random.default_rng(3), (60, 54, 60)
    single = measured(rng.random(shape) < 0.3, size)
    assert single.find("phase-fraction-spread-exponent", "solid").value == pytest.approx(1, abs=0.15)
    spread = curve_of(measured(rng.random(shape) < 0.3, size), "mean-chord-length-spread")
    assert len(spread["edge"]) >= 3
    assert (np.diff(spread["standard deviation"]) < 0).all()
    gradient = rng.random(shape) < np.linspace(0.1, 0.9, shape[0])[:, None, None]
    assert measured(gradient, size).find("phase-fraction-spread-exponent", "solid").value < 0.2


def test_the_interval_of_an_exponent_is_that_of_volumes_like_this_one() -> None:
    """Of white noise the exponent is 1: 40 volumes, of which the interval should hold it in 38."""
    rng, held, widths = np.random.default_rng(8), 0, []
    for _ in range(40):
        noise = rng.random((48, 48, 48)) < 0.4
        results = measured(noise, CUBIC)
        assert results.find("mean-chord-length-spread-exponent", "solid").interval is None
        assert results.find("mean-chord-length-required-volume", "solid").interval is None
        quantity = results.find("phase-fraction-spread-exponent", "solid")
        assert quantity.interval is not None
        held += quantity.interval[0] <= 1 <= quantity.interval[1]
        widths.append(quantity.interval[1] - quantity.interval[0])
    assert held >= 34
    assert np.median(widths) < 1.5


def test_the_exponent_turns_with_the_volume_and_knows_no_unit() -> None:
    mask = ndimage.gaussian_filter(np.random.default_rng(4).random((60, 66, 72)), 1.5) > 0.5
    here = measured(mask, FLAT)
    turned = measured(np.ascontiguousarray(mask.transpose(2, 0, 1)), VoxelSize(FLAT.x_nm, FLAT.z_nm, FLAT.y_nm))
    mirrored = measured(mask[:, ::-1].copy(), FLAT)
    larger = measured(mask, VoxelSize(*(3.3 * n for n in FLAT.zyx)))
    for name in ("phase-fraction", "mean-chord-length", "specific-surface-area"):
        value = here.find(f"{name}-spread-exponent", "solid").value
        interval = here.find(f"{name}-spread-exponent", "solid").interval
        for other in (turned, larger):
            found = other.find(f"{name}-spread-exponent", "solid")
            assert found.value == pytest.approx(value, rel=1e-6)
            assert found.interval == (None if interval is None else pytest.approx(interval, rel=1e-6))
        loose = 0.3 if name == "specific-surface-area" else 1e-6
        assert mirrored.find(f"{name}-spread-exponent", "solid").value == pytest.approx(value, rel=loose)


@pytest.mark.parametrize("core", [(7, 11, 24), (9, 24, 5)])
def test_blocks_give_what_the_whole_gives(core: tuple[int, int, int]) -> None:
    codes = np.random.default_rng(9).integers(0, 3, (20, 22, 24)).astype(np.uint8)
    codes[3:7, :9, 11:] = 255
    labels = codes_of(codes, FLAT)
    volume = find_measured_volume(labels, MeasurementOptions(heterogeneity=True))
    bodies = [Heterogeneity(volume)]
    whole, parts = (measure_in_blocks(labels, bodies, Plan(labels.shape, each)) for each in (labels.shape, core))
    assert replace(parts, tables=()) == replace(whole, tables=())
    for name, column in whole.tables[0].columns.items():
        np.testing.assert_array_equal(parts.tables[0].columns[name], column)


@BOTH
def test_the_required_volume_is_the_representative_volume_for_another_precision(size: VoxelSize) -> None:
    """That the latter is right is another test's matter (test_statistics_of_materials.py)."""
    mask = ndimage.gaussian_filter(np.random.default_rng(5).random((60, 60, 60)), 1.5) > 0.5
    results = measured(mask, size, rev_precision=0.03)
    wanted = results.find("representative-volume", "solid").value * (0.01 / (0.03 * mask.mean())) ** 2
    required = results.find("phase-fraction-required-volume", "solid")
    assert required.value == pytest.approx(wanted, rel=1e-9)
    assert "precision 3 %" in required.method
    assert required.interval is not None
    coarser = measured(mask, size).find("phase-fraction-required-volume", "solid").value
    assert coarser == pytest.approx(required.value * (3 / 5) ** 2)


@pytest.mark.parametrize(("size", "cell"), [(CUBIC, (24, 24, 24)), (VoxelSize(20, 10, 10), (12, 24, 24))], ids=str)
def test_each_window_has_what_it_holds(size: VoxelSize, cell: tuple[int, int, int]) -> None:
    """A ball in each of 27 cells, of another radius: its volume, its surface, and its mean chord 4/3 r, from the
    windows of each cell together."""
    radii = 60 + 50 * np.random.default_rng(6).random((3, 3, 3))
    z, y, x = np.ix_(*((np.arange(n) - (n - 1) / 2) * d for n, d in zip(cell, size.zyx, strict=True)))
    mask = np.block([[[z**2 + y**2 + x**2 <= r**2 for r in row] for row in layer] for layer in radii.tolist()])
    results = measured(mask, size)
    rows = {name: np.asarray(column) for name, column in results.tables[0].columns.items()}
    at = tuple((rows[axis] // 240).astype(int) for axis in "zyx")
    of_cell = np.ravel_multi_index(at, (3, 3, 3))
    weight, fraction = rows["annotated_voxels"], rows["phase_fraction"]

    def together(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.bincount(of_cell, weights=weight * np.nan_to_num(values)) / np.bincount(of_cell, weights=weight)

    r = radii.ravel()
    np.testing.assert_allclose(together(fraction), 4 / 3 * pi * r**3 / 240**3, rtol=0.08)
    np.testing.assert_allclose(together(rows["specific_surface_area"]), 1e3 * 4 * pi * r**2 / 240**3, rtol=0.12)
    chords = together(fraction) / together(fraction / rows["mean_chord_length"])
    np.testing.assert_allclose(chords, 4 / 3 * r, rtol=0.12)
    assert chords.mean() == pytest.approx(4 / 3 * r.mean(), rel=0.06)
    values = curve_of(results, "phase-fraction-of-windows")
    np.testing.assert_allclose(values["value"], np.sort(fraction))
    assert values["share"][-1] == 1


@pytest.mark.parametrize("what", ["absent", "everywhere", "one slice", "few voxels"])
def test_what_cannot_differ_is_answered_with_a_reason(what: str) -> None:
    codes = (np.random.default_rng(7).random((1, 60, 60) if what == "one slice" else (40, 40, 40)) < 0.4).astype(
        np.uint8
    )
    if what in ("absent", "everywhere"):
        codes[:] = what == "everywhere"
    elif what == "few voxels":
        codes = codes[:4, :5, :6]
    settings = MeasurementOptions(heterogeneity=True)
    results = quantify_with(["heterogeneity"], codes_of(codes, CUBIC, "void solid"), settings)
    assert all(np.isfinite(row.quantity.value) for row in results.quantities)
    if what == "one slice":
        assert {row.axis for row in results.quantities if row.id == "phase-fraction-trend"} == {"y", "x"}
        assert not any("required-volume" in row.id or "exponent" in row.id for row in results.quantities)
        assert "no specific surface area of solid in windows: there is none" in results.notes
    else:
        assert not results.quantities
        missing = "no trend and no required volume of the phase fraction of"
        assert any(note.startswith(missing) for note in results.notes)


def test_windows_that_nobody_annotated_are_left_out() -> None:
    codes = (np.random.default_rng(8).random((40, 40, 40)) < 0.4).astype(np.uint8)
    codes[:, :, 25:35] = 255
    settings = MeasurementOptions(heterogeneity=True, phase=("solid",))
    results = quantify_with(["heterogeneity"], codes_of(codes, CUBIC, "void solid"), settings)
    table = {name: np.asarray(column) for name, column in results.tables[0].columns.items()}
    assert table["annotated_voxels"].sum() == (codes < 255).sum()
    assert np.isnan(table["phase_fraction"][table["annotated_voxels"] == 0]).all()
    cubes = ratio_spread(np.ones((3, 3, 3)), np.ones((3, 3, 3)), np.ones((3, 3, 3), bool))
    assert cubes is None
    full = len(curve_of(results, "phase-fraction-of-windows")["value"])
    assert full < np.count_nonzero(table["annotated_voxels"])


def test_chords_do_not_end_where_nobody_annotated() -> None:
    """One void slice across solid, and a slab that nobody annotated: chords end on both sides of the void alone, on one
    line for each annotated column; a third of the lines run along z, 1 / (3 dz) of chords for each column."""
    codes = np.ones((40, 40, 40), np.uint8)
    codes[20] = 0
    codes[:, :, 15:25] = 255
    settings = MeasurementOptions(heterogeneity=True, phase=("solid",))
    results = quantify_with(["heterogeneity"], codes_of(codes, CUBIC, "void solid"), settings)
    table = {name: np.asarray(column) for name, column in results.tables[0].columns.items()}
    ends = np.isfinite(table["mean_chord_length"]) & (table["mean_chord_length"] > 0)
    chords = (table["annotated_voxels"] * table["phase_fraction"] / table["mean_chord_length"])[ends].sum()
    assert chords == pytest.approx(40 * 30 / (3 * CUBIC.z_nm))
