"""Laws of all measurements: unannotated voxels, other phases and the unit of length change no number they should not.

The laws run over the registry: a new measurement is held to them, or fails here because nothing was measured by it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from itertools import combinations, groupby, product

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from shapes import CUBIC, FLAT, boolean_balls, boolean_surface, codes_of
from skimage.measure import euler_number

from keramos.core import VoxelSize
from keramos.measurements import (
    Curve,
    Measured,
    Measurements,
    curve_specs,
    quantify_volume,
    quantity_specs,
)
from keramos.settings.quantify import MeasurementOptions

Codes = NDArray[np.uint8]
SPECS = [id for id in quantity_specs() if "permeability" not in id and "spread-exponent" not in id]
"""Flows that take seconds for each volume have laws of their own (tests/truths/test_permeability.py), and so have
exponents that take larger ones (tests/truths/test_heterogeneity.py)."""
EVERYTHING = MeasurementOptions(
    thickness=True,
    paths=True,
    fabric=True,
    heterogeneity=True,
    objects="carbon",
    conductivity={"pore": 1.0, "carbon": 5.0},
    tolerance=1e-6,
)
LOCAL = MeasurementOptions(transport=False)
OF_SOLID = MeasurementOptions(transport=False, phase=("solid",))
SHAPE = (28, 32, 30)
BODIES = ("two phases, cubic", "three phases, flat")


@cache
def body(name: str) -> tuple[Codes, VoxelSize, str]:
    noise = ndimage.gaussian_filter(np.random.default_rng(len(name)).random(SHAPE), 1.4)
    levels = [0.45] if name.startswith("two") else [0.4, 0.75]
    codes = np.digitize(noise, np.quantile(noise, levels)).astype(np.uint8)
    return codes, CUBIC if "cubic" in name else FLAT, "pore carbon" if len(levels) == 1 else "pore carbon binder"


def surround(codes: Codes) -> Codes:
    """As many unannotated voxels around it on each side."""
    return np.pad(codes, [(n // 2, n - n // 2) for n in codes.shape], constant_values=255)


@cache
def measured(name: str, change: Callable[[Codes], Codes] | None, factor: float = 1) -> Measurements:
    codes, size, names = body(name)
    size = VoxelSize(*(factor * nm for nm in size.zyx))
    return quantify_volume(codes_of(codes if change is None else change(codes), size, names), EVERYTHING)


def rows_of(results: Measurements, id: str) -> dict[tuple[str, str], Measured]:
    return {(row.phase, row.axis): row for row in results.quantities if row.id == id}


def curves_of(results: Measurements, id: str) -> dict[tuple[str, str], Curve]:
    return {(curve.phase, curve.axis): curve for curve in results.curves if curve.id == id}


def compare_moved(
    alone: dict[tuple[str, str], Curve], placed: dict[tuple[str, str], Curve], start: list[int], size: VoxelSize
) -> None:
    """The same curves, but that positions along an axis count from the corner of the labels: `start` voxels further."""
    assert alone.keys() == placed.keys()
    for (phase, axis), curve in placed.items():
        columns = dict(curve.columns)
        if "position" in columns:
            number = "zyx".index(axis)
            moved = np.array(columns["position"]) - start[number] * size.zyx[number]
            columns["position"] = pytest.approx(moved.tolist(), abs=1e-6)
        assert replace(alone[phase, axis], columns={}) == replace(curve, columns={})
        assert dict(alone[phase, axis].columns) == columns


@pytest.mark.parametrize("id", [*SPECS, *curve_specs()])
def test_these_laws_see_every_quantity_and_curve(id: str) -> None:
    assert any(rows_of(measured(name, None), id) or curves_of(measured(name, None), id) for name in BODIES)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("id", SPECS)
def test_unannotated_voxels_around_a_body_change_no_quantity(id: str, name: str) -> None:
    alone, padded = (rows_of(measured(name, change), id) for change in (None, surround))
    assert alone.keys() == padded.keys()
    for key, row in alone.items():
        one, other = row.quantity, padded[key].quantity
        assert (one.value, one.interval, one.method) == (other.value, other.interval, other.method)


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("id", curve_specs())
def test_unannotated_voxels_around_a_body_change_no_curve(id: str, name: str) -> None:
    alone, padded = (curves_of(measured(name, change), id) for change in (None, surround))
    compare_moved(alone, padded, [n // 2 for n in SHAPE], body(name)[1])


@pytest.mark.parametrize("name", BODIES)
@pytest.mark.parametrize("id", SPECS)
def test_a_quantity_scales_with_the_voxels_as_its_specification_says(id: str, name: str) -> None:
    spec = quantity_specs()[id]
    small, large = (rows_of(results, id) for results in (measured(name, None), measured(name, None, 2)))
    assert small.keys() == large.keys()
    for key, row in small.items():
        assert (row.name, row.quantity.unit) == (spec.name, spec.unit)
        assert large[key].quantity.value == pytest.approx(row.quantity.value * 2**spec.length_power, rel=1e-3)
        assert spec.has_interval or row.quantity.interval is None


LENGTHS = {"nm": 1, "um": 1, "nm3": 3, "um3": 3, "1/um": -1, "1": 0}


@pytest.mark.parametrize("id", curve_specs())
def test_a_curve_scales_with_the_voxels_as_its_units_say(id: str) -> None:
    small, large = (curves_of(results, id) for results in (measured(BODIES[1], None), measured(BODIES[1], None, 2)))
    assert small.keys() == large.keys()
    for key, curve in small.items():
        assert dict(curve.units) == dict(curve_specs()[id].units)
        for column, values in curve.columns.items():
            wanted = np.array(values) * 2 ** LENGTHS[curve.units[column]]
            np.testing.assert_allclose(large[key].columns[column], wanted, rtol=1e-6)


@cache
def with_the_rest_split() -> Measurements:
    """The body of two phases, with the second one divided at random into two."""
    codes, size, _ = body(BODIES[0])
    others = np.random.default_rng(3).integers(1, 3, codes.shape).astype(np.uint8)
    return quantify_volume(codes_of(np.where(codes == 0, np.uint8(0), others), size), EVERYTHING)


@pytest.mark.parametrize("id", SPECS)
def test_what_the_rest_consists_of_changes_no_quantity_of_a_phase(id: str) -> None:
    for (phase, axis), row in rows_of(measured(BODIES[0], None), id).items():
        if phase == "pore":
            assert with_the_rest_split().find(id, phase, axis).value == pytest.approx(row.quantity.value, rel=1e-4)


def cut_to_an_l(codes: Codes) -> Codes:
    """An L of annotated voxels: the first 20 slices, and of the others the first 16 rows."""
    cut = codes.copy()
    cut[20:, 16:] = 255
    return cut


def scatter(codes: Codes) -> Codes:
    """A tenth of the voxels unannotated, at random."""
    return np.where(np.random.default_rng(8).random(codes.shape) < 0.1, np.uint8(255), codes)


def quantified(change: Callable[[Codes], Codes]) -> tuple[Codes, VoxelSize, Measurements]:
    codes, size, names = body(BODIES[1])
    cut = change(codes)
    return cut, size, quantify_volume(codes_of(cut, size, names), LOCAL)


NO_BOX = pytest.mark.parametrize("change", [cut_to_an_l, scatter])


@NO_BOX
def test_fractions_are_of_the_annotated_voxels(change: Callable[[Codes], Codes]) -> None:
    codes, _, results = quantified(change)
    for code, phase in enumerate(("pore", "carbon", "binder")):
        wanted = np.mean(codes[codes < 255] == code)
        assert results.find("phase-fraction", phase).value == pytest.approx(wanted, rel=1e-12)
        for axis, name in enumerate("zyx"):
            across = tuple(other for other in range(3) if other != axis)
            shares = np.sum(codes == code, axis=across) / np.sum(codes < 255, axis=across)
            curve = curves_of(results, "phase-fraction-of-slices")[phase, name]
            np.testing.assert_allclose(curve.columns["fraction"], shares)


@NO_BOX
def test_pairs_with_an_unannotated_voxel_do_not_count(change: Callable[[Codes], Codes]) -> None:
    codes, size, results = quantified(change)
    for (phase, name), curve in curves_of(results, "two-point-correlation").items():
        axis, code = "zyx".index(name), ("pore", "carbon", "binder").index(phase)
        lines = np.moveaxis(codes, axis, 2)
        for distance, probability in zip(curve.columns["distance"], curve.columns["probability"], strict=True):
            lag = round(distance / size.zyx[axis])
            one, other = lines[:, :, : lines.shape[2] - lag], lines[:, :, lag:]
            known = (one < 255) & (other < 255)
            assert probability == pytest.approx(np.mean((one == code)[known] & (other == code)[known]), rel=1e-12)


@NO_BOX
def test_chords_that_meet_an_unannotated_voxel_are_cut(change: Callable[[Codes], Codes]) -> None:
    codes, size, results = quantified(change)
    for axis, name in enumerate("zyx"):
        for code, phase in enumerate(("pore", "carbon", "binder")):
            whole, total, ends = [], 0, 0
            for line in np.moveaxis(codes, axis, 2).reshape(-1, codes.shape[axis]):
                runs = [(255, 1), *((value, len(list(run))) for value, run in groupby(line)), (255, 1)]
                for before, (value, length), after in zip(runs, runs[1:], runs[2:], strict=False):
                    if value == code:
                        free = int(before[0] != 255) + int(after[0] != 255)
                        total, ends = total + length, ends + free
                        whole += [length] if free == 2 else []
            mean = results.find("mean-intercept-length", phase, name).value
            assert mean == pytest.approx(2 * total / ends * size.zyx[axis])
            curve = curves_of(results, "chord-length-distribution")[phase, name]
            lengths, counts = np.unique(whole, return_counts=True)
            np.testing.assert_allclose(curve.columns["length"], lengths * size.zyx[axis])
            np.testing.assert_array_equal(curve.columns["chords"], counts)


@NO_BOX
def test_bodies_end_where_the_annotation_ends(change: Callable[[Codes], Codes]) -> None:
    codes, _, results = quantified(change)
    for code, phase in enumerate(("pore", "carbon", "binder")):
        labels, count = ndimage.label(codes == code)
        assert results.find("components", phase).value == count
        sizes = np.bincount(labels.ravel())[1:]
        assert results.find("largest-component", phase).value == pytest.approx(sizes.max() / sizes.sum())
        assert results.find("euler-number", phase).value == euler_number(codes == code, connectivity=1)
        assert results.find("euler-number-26", phase).value == euler_number(codes == code, connectivity=3)


@pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
def test_the_surface_is_per_annotated_volume(size: VoxelSize) -> None:
    """Of overlapping balls; two L-shaped thirds of the volume are not annotated, one of them in scattered cubes."""
    radius, fraction = 100.0, 0.4
    shape = tuple(int(1100 / d) for d in size.zyx)
    codes = boolean_balls(shape, size, radius, fraction, np.random.default_rng(5)).astype(np.uint8)  # type: ignore[arg-type]
    whole = quantify_volume(codes_of(codes, size, "void solid"), OF_SOLID)
    cut = codes.copy()
    cut[shape[0] // 2 :, shape[1] // 2 :] = 255
    for start in np.random.default_rng(6).integers(0, np.array(shape) - 6, (200, 3)):
        cut[tuple(slice(a, a + 6) for a in start)] = 255
    part = quantify_volume(codes_of(cut, size, "void solid"), OF_SOLID)
    for results, tolerance in ((whole, 0.04), (part, 0.06)):
        wanted = 1000 * boolean_surface(radius, fraction)
        assert results.find("specific-surface-area", "solid").value == pytest.approx(wanted, rel=tolerance)
        assert results.find("phase-fraction", "solid").value == pytest.approx(fraction, rel=tolerance)
    for id in ("mean-curvature", "euler-number-density"):
        one, other = (results.find(id, "solid").value for results in (whole, part))
        assert other == pytest.approx(one, rel=0.25)


def test_windows_without_annotated_voxels_make_no_interval_narrower() -> None:
    """One annotated voxel far away makes windows three times as long, most of them empty: those that hold something are
    fewer than without it, so they tell less."""
    ratios = []
    for seed in range(4):
        mask = boolean_balls((60, 60, 60), CUBIC, 50, 0.4, np.random.default_rng(seed))
        far = np.full((60, 60, 180), 255, np.uint8)
        far[:, :, :60], far[0, 0, -1] = mask, 0
        halves = [
            [np.ptp(results.find(id, "solid").interval or ()) for id in ("phase-fraction", "specific-surface-area")]
            for results in (
                quantify_volume(codes_of(codes, CUBIC, "void solid"), OF_SOLID)
                for codes in (far, mask.astype(np.uint8))
            )
        ]
        ratios.append(np.divide(*halves))
    assert np.all(np.mean(ratios, axis=0) > 1.3)


def test_percolation_and_transport_are_of_the_largest_annotated_box() -> None:
    codes, size, names = body(BODIES[1])
    settings = MeasurementOptions(thickness=True)
    cut = quantify_volume(codes_of(cut_to_an_l(codes), size, names), settings)
    box = quantify_volume(codes_of(codes[:20], size, names), settings)
    ids = ("percolating-fraction", "tortuosity-factor", "relative-diffusivity", "mean-local-thickness", "neck-diameter")
    for id in ids:
        rows = rows_of(cut, id)
        assert rows.keys() == rows_of(box, id).keys()
        for key, row in rows.items():
            assert row.quantity.domain == "largest annotated box 0:20,0:32,0:30"
            assert row.quantity.value == rows_of(box, id)[key].quantity.value
    assert {row.quantity.domain for row in cut.quantities if row.id not in ids} == {
        "whole volume",
        "largest annotated box 0:20,0:32,0:30",
    }


def test_a_domain_is_placed_in_the_volume_that_was_given() -> None:
    codes, size, names = body(BODIES[1])
    settings = MeasurementOptions(phase=("carbon",))
    padded = quantify_volume(
        codes_of(np.pad(codes, ((3, 0), (0, 5), (7, 1)), constant_values=255), size, names), settings
    )
    assert padded.find("tortuosity-factor", "carbon", "z").domain == "box 3:31,0:32,7:37"
    assert padded.find("percolating-fraction", "carbon", "z").domain == "whole volume"
    whole = quantify_volume(codes_of(codes, size, names), settings)
    assert whole.find("tortuosity-factor", "carbon", "z").domain == "whole volume"


def test_labels_without_a_box_of_annotated_voxels_get_notes_instead() -> None:
    _, size, names = body(BODIES[0])
    noisy = np.where(np.random.default_rng(1).random((70, 80, 90)) < 0.5, np.uint8(255), np.uint8(1))
    results = quantify_volume(codes_of(noisy, size, names), MeasurementOptions())
    assert results.find("phase-fraction", "carbon").value == 1
    assert not rows_of(results, "percolating-fraction")
    assert not rows_of(results, "tortuosity-factor")
    assert [note.partition(":")[0] for note in results.notes] == [
        "no percolating fraction",
        "no bruggeman exponent, formation factor, tortuosity",
    ]


def test_one_annotated_slice_of_a_stack_is_measured_as_one_slice() -> None:
    codes, size, names = body(BODIES[0])
    stack = np.full_like(codes, 255)
    stack[7] = codes[7]
    in_stack, alone = (quantify_volume(codes_of(part, size, names)) for part in (stack, codes[7:8]))
    assert replace(in_stack, curves=()) == replace(alone, curves=())
    for id in {curve.id for curve in in_stack.curves + alone.curves}:
        compare_moved(curves_of(alone, id), curves_of(in_stack, id), [7, 0, 0], size)


def test_labels_of_which_nothing_is_annotated_are_refused() -> None:
    from keramos.core.errors import LabelError

    with pytest.raises(LabelError, match="expected labels with pore or carbon or binder somewhere"):
        quantify_volume(codes_of(np.full((4, 5, 6), 255, np.uint8), FLAT))


def largest_by_brute_force(free: NDArray[np.bool_]) -> int:
    """The voxels of the largest box of a small mask."""
    best = 0
    for (z0, z1), (y0, y1), (x0, x1) in product(*(combinations(range(n + 1), 2) for n in free.shape)):
        if (z1 - z0) * (y1 - y0) * (x1 - x0) > best and free[z0:z1, y0:y1, x0:x1].all():
            best = (z1 - z0) * (y1 - y0) * (x1 - x0)
    return best


@pytest.mark.parametrize("seed", range(6))
def test_the_largest_box_is_that_of_a_search_through_all(seed: int) -> None:
    from keramos.measurements.volume import find_measured_volume

    rng = np.random.default_rng(seed)
    codes = np.zeros((7, 8, 9), np.uint8)
    for _ in range(4):
        start = rng.integers(0, (6, 7, 8))
        stop = start + rng.integers(1, 4, 3)
        codes[tuple(slice(a, b) for a, b in zip(start, stop, strict=True))] = 255
    labels, largest = codes_of(codes, FLAT), largest_by_brute_force(codes < 255)
    for memory in (2**31, 40 * 3 * 60):
        volume = find_measured_volume(labels, MeasurementOptions(memory=memory))
        assert volume.annotated_box is not None
        assert np.all(volume.labels.read(volume.annotated_box) < 255)
        assert volume.annotated_box.voxels == largest


def test_a_large_sheared_stack_has_a_box_nearly_as_large_as_it_can_be() -> None:
    from keramos.measurements.volume import find_measured_volume

    codes = np.full((120, 90, 200), 255, np.uint8)
    for z in range(120):
        codes[z, :, z // 2 : z // 2 + 130] = 0
    volume = find_measured_volume(codes_of(codes, FLAT), MeasurementOptions())
    assert volume.annotated_box is not None
    assert np.all(volume.labels.read(volume.annotated_box) < 255)
    best = max((z1 - z0) * 90 * (130 - (z1 - 1) // 2 + z0 // 2) for z0 in range(120) for z1 in range(z0 + 1, 121))
    assert volume.annotated_box.voxels > 0.95 * best
