"""Truths about single objects: balls, ellipsoids and bricks whose sizes are known, and an oracle. Lengths in nm."""

from __future__ import annotations

from math import pi, sqrt
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from shapes import CUBIC, FLAT, Mask, boolean_balls, centres, codes_of, volume_of
from skimage.measure import regionprops
from skimage.morphology import h_maxima
from skimage.segmentation import watershed

from keramos.blocks import Plan
from keramos.core import Box, VoxelSize
from keramos.core.errors import MemoryShortageError
from keramos.core.progress import Reporter
from keramos.measurements import Measurements, Table, quantify_volume, surface_sums
from keramos.measurements.separation.heights import HeightReader
from keramos.measurements.separation.rows import ObjectRows, read_columns
from keramos.measurements.separation.separate import separate
from keramos.measurements.separation.shapes import HALO, ObjectSums
from keramos.measurements.separation.stages import Stages
from keramos.settings.quantify import MeasurementOptions

BOTH = pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
Numbers = NDArray[np.uint32]


def measure(solid: Mask, size: VoxelSize, **options: Any) -> Measurements:
    settings = MeasurementOptions(objects="solid", transport=False, **options)
    return quantify_volume(volume_of(solid, size), settings)


def columns(results: Measurements) -> dict[str, NDArray[Any]]:
    (table,) = results.tables
    return {name: np.asarray(column) for name, column in table.columns.items()}


def in_blocks(solid: Mask, size: VoxelSize, depth: float, core: tuple[int, int, int], folder: Path) -> tuple[Any, ...]:
    """The numbers of objects and the columns of their table, from blocks of this core."""
    labels, plan = volume_of(solid, size), Plan(solid.shape, core)  # type: ignore[arg-type]
    z, y, x = np.divide(size.zyx, min(size.zyx)).tolist()
    objects = separate(HeightReader(labels, 1, (z, y, x), 2**30), depth, Stages(folder), plan, Reporter())
    sums = ObjectSums(objects.count, size)
    for block in plan:
        box = block.core.grow(HALO).clip(labels.box)
        sums.merge(*sums.sum_block(objects.read(box), labels.read(box), box, block.core))
    return objects.read(labels.box), read_columns(ObjectRows(sums, labels.shape, labels.box))


def scattered(size: VoxelSize, radii: tuple[float, ...]) -> tuple[Mask, NDArray[np.float64]]:
    """Balls in a row along x, apart from each other and from the faces, and their centres."""
    gap = 3 * max(size.zyx)
    length = sum(2 * r + gap for r in radii) + gap
    shape = tuple(int(n / d) for n, d in zip((2 * max(radii) + 2 * gap,) * 2 + (length,), size.zyx, strict=True))
    lines = [(np.arange(n) + 0.5) * d for n, d in zip(shape, size.zyx, strict=True)]
    mask, at, places = np.zeros(shape, bool), gap, []
    for r in radii:
        place = [shape[0] * size.z_nm / 2 + 3, shape[1] * size.y_nm / 2 - 2, at + r]
        z, y, x = np.ix_(*(line - c for line, c in zip(lines, place, strict=True)))
        mask |= z**2 + y**2 + x**2 <= r**2
        places.append(place)
        at += 2 * r + gap
    return mask, np.array(places)


@BOTH
def test_balls_have_their_sizes_shapes_and_places(size: VoxelSize) -> None:
    edge = max(size.zyx)
    radii = (6 * edge, 9 * edge, 12 * edge)
    mask, places = scattered(size, radii)
    found, diameters = columns(measure(mask, size)), 2 * np.array(radii)
    order = np.argsort(found["x"])
    rows = {name: column[order] for name, column in found.items()}
    np.testing.assert_allclose(rows["equivalent_diameter"], diameters, rtol=0.01)
    np.testing.assert_allclose(rows["volume"], pi / 6 * diameters**3, rtol=0.025)
    np.testing.assert_allclose(rows["surface"], pi * diameters**2, rtol=0.035)
    np.testing.assert_allclose(rows["sphericity"], 1, rtol=0.03)
    for axis in range(3):
        np.testing.assert_allclose(rows[f"axis_{axis + 1}"], diameters, rtol=0.03)
        np.testing.assert_allclose(rows["zyx"[axis]], places[:, axis], atol=0.15 * edge)
    for name in ("feret_max", "feret_min"):
        np.testing.assert_allclose(rows[name], diameters, atol=1.1 * edge)
    assert not rows["contacts"].any()
    assert not rows["is_cut"].any()
    assert not any(rows["faces"])


@BOTH
def test_an_ellipsoid_has_its_axes_and_their_direction(size: VoxelSize) -> None:
    half = np.array([12, 8, 5]) * max(size.zyx)
    rotation, _ = np.linalg.qr(np.array([[1.0, 2, 0.5], [0.4, -1, 2], [2, 0.3, 0.2]]))
    shape = tuple(int(27 * max(size.zyx) / d) for d in size.zyx)
    grid = np.stack(np.broadcast_arrays(*centres(shape, size)))  # type: ignore[arg-type]
    along = np.tensordot(rotation, grid, axes=1)
    mask = np.asarray(((along / half[:, None, None, None]) ** 2).sum(axis=0) <= 1)
    found = columns(measure(mask, size))
    np.testing.assert_allclose([found[f"axis_{n}"][0] for n in (1, 2, 3)], 2 * half, rtol=0.03)
    direction = np.array([found[f"direction_{axis}"][0] for axis in "zyx"])
    assert abs(direction @ rotation[0]) > 0.999
    assert 0.96 * 2 * half[0] < found["feret_max"][0] < 2 * half[0] + 1.1 * max(size.zyx)
    assert 2 * half[2] - 0.5 * max(size.zyx) < found["feret_min"][0] < 1.25 * 2 * half[2]


@BOTH
def test_a_brick_along_the_axes_is_exact(size: VoxelSize) -> None:
    mask = np.zeros((14, 15, 20), bool)
    mask[3:10, 4:13, 2:18] = True
    found = columns(measure(mask, size))
    edges = np.array([7, 9, 16]) * size.zyx
    assert found["voxels"].tolist() == [7 * 9 * 16]
    assert found["volume"][0] == pytest.approx(edges.prod())
    assert found["feret_min"][0] == pytest.approx(edges.min(), rel=1e-5)
    assert [found[axis][0] for axis in "zyx"] == pytest.approx([6.5 * size.z_nm, 8.5 * size.y_nm, 10 * size.x_nm])
    inertia = sorted((sqrt(20 / 12) * edges).tolist(), reverse=True)
    assert [found[f"axis_{n}"][0] for n in (1, 2, 3)] == pytest.approx(inertia)


@BOTH
def test_two_balls_are_one_object_if_their_neck_is_wide_enough(size: VoxelSize) -> None:
    """Radii 10, centres 16 apart: the neck's radius is 6, so they are two up to a neck depth of 4 (in voxels)."""
    edge = max(size.zyx)
    radius, apart = 10 * edge, 16 * edge
    shape = tuple(int(n * edge / d) for n, d in zip((25, 25, 42), size.zyx, strict=True))
    z, y, x = centres(shape, size)  # type: ignore[arg-type]
    pair = np.asarray((abs(x) - apart / 2) ** 2 + y**2 + z**2 <= radius**2)
    for depth, count in ((2.5 * edge, 2), (5.5 * edge, 1)):
        results = measure(pair, size, neck_depth=depth)
        found = columns(results)
        assert len(found["id"]) == count
        assert found["contacts"].tolist() == [count - 1] * count
        assert results.find("objects", "solid").value == count
        assert results.find("coordination-number", "solid").value == count - 1
        if count == 2:
            cap = radius - apart / 2
            lens = pi * cap**2 * (radius - cap / 3)
            np.testing.assert_allclose(found["volume"], 4 / 3 * pi * radius**3 - lens, rtol=0.02)
            np.testing.assert_allclose(np.diff(found["x"]), apart + 2 * cap / 8, rtol=0.08)


@BOTH
def test_objects_of_blocks_are_those_of_the_whole(size: VoxelSize, tmp_path: Path) -> None:
    mask = boolean_balls((28, 33, 37), size, 6 * max(size.zyx), 0.45, np.random.default_rng(1))
    depth = max(size.zyx)
    whole, table = in_blocks(mask, size, depth, mask.shape, tmp_path / "whole")  # type: ignore[arg-type]
    assert 4 < whole.max() < 60
    assert ((whole > 0) == mask).all()
    for number, core in enumerate([(8, 16, 9), (5, 33, 12)]):
        ids, rows = in_blocks(mask, size, depth, core, tmp_path / str(number))
        assert np.array_equal(ids, whole)
        for name, column in table.items():
            if name == "faces":
                assert list(rows[name]) == list(column)
            else:
                np.testing.assert_allclose(rows[name], column, rtol=1e-6, atol=1e-6, err_msg=name)


@BOTH
def test_objects_are_those_of_a_watershed_in_memory(size: VoxelSize, tmp_path: Path) -> None:
    """Markers, counts and regions of scikit-image; a flood meets its neighbours elsewhere where slopes are alike."""
    mask = boolean_balls((40, 44, 48), size, 8 * max(size.zyx), 0.4, np.random.default_rng(0))
    depth, touching = 1.5 * max(size.zyx), np.ones((3, 3, 3))
    ids, _ = in_blocks(mask, size, depth, (16, 44, 48), tmp_path)
    distance = ndimage.distance_transform_edt(mask, sampling=size.zyx)
    markers, count = ndimage.label(h_maxima(distance, depth), touching)
    regions = watershed(-distance, markers, mask=mask, connectivity=touching)
    assert count > 10
    assert abs(int(ids.max()) - count) <= 1
    same = sum(np.bincount(ids[regions == number]).max() for number in range(1, count + 1))
    assert same > 0.95 * mask.sum()


@BOTH
def test_the_table_is_that_of_another_program(size: VoxelSize, tmp_path: Path) -> None:
    mask = boolean_balls((30, 34, 38), size, 7 * max(size.zyx), 0.3, np.random.default_rng(4))
    ids, table = in_blocks(mask, size, max(size.zyx), (16, 17, 38), tmp_path)
    rows = {name: np.asarray(column) for name, column in table.items()}
    for row, props in enumerate(regionprops(ids.astype(np.int32), spacing=size.zyx)):
        assert rows["volume"][row] == pytest.approx(props.area)
        assert [rows[axis][row] for axis in "zyx"] == pytest.approx(np.add(props.centroid, np.divide(size.zyx, 2)))
        assert rows["equivalent_diameter"][row] == pytest.approx(props.equivalent_diameter_area)
        if props.num_pixels > 200:
            box = np.array(props.inertia_tensor_eigvals[::-1])
            # Of a body with these moments; each voxel is a box, not a point.
            points = sqrt(10 * (box[1] + box[2] - box[0]))
            assert rows["axis_1"][row] == pytest.approx(points, rel=0.03)
            assert rows["feret_max"][row] == pytest.approx(props.feret_diameter_max, rel=0.1)
        low, high = np.array(props.bbox[:3]), np.array(props.bbox[3:])
        ends = zip(["z0", "y0", "x0", "z1", "y1", "x1"], [*(low == 0), *(high == mask.shape)], strict=True)
        assert set(rows["faces"][row].split()) == {name for name, at in ends if at}
    contacts = {tuple(sorted(pair)) for pair in _touching(ids)}
    assert rows["contacts"].sum() == 2 * len(contacts)


def _touching(ids: Numbers) -> list[tuple[int, int]]:
    pairs = []
    for axis in range(3):
        lines = np.moveaxis(ids, axis, 0)
        one, other = lines[:-1], lines[1:]
        touch = (one != other) & (one > 0) & (other > 0)
        pairs += list(zip(one[touch].tolist(), other[touch].tolist(), strict=True))
    return pairs


def test_the_sizes_of_a_mixture_are_not_those_of_what_fits_into_the_volume() -> None:
    """As many large balls as small ones at random places of a larger body: of the large ones the faces cut more."""
    radii, density, edge, found = (30.0, 90.0), 60.0, 600.0, []
    for seed in range(16):
        rng = np.random.default_rng(seed)
        placed = np.zeros((0, 4))
        while len(placed) < density:
            place, radius = rng.random(3) * 1000, radii[len(placed) % 2]
            away = (placed[:, :3] - place + 500) % 1000 - 500  # the body goes on beyond its end
            if (np.linalg.norm(away, axis=1) > placed[:, 3] + radius + 25).all():
                placed = np.vstack([placed, [*place, radius]])
        mask, line = np.zeros((60, 60, 60), bool), np.arange(60) * 10 + (1000 - edge) / 2 + 5
        for *place, radius in placed:
            z, y, x = np.ix_(*(line - c for c in place))
            mask |= z**2 + y**2 + x**2 <= radius**2
        found.append(columns(measure(mask, CUBIC)))
    diameter, weight, cut = (
        np.concatenate([one[name] for one in found]) for name in ("equivalent_diameter", "weight", "is_cut")
    )
    assert np.average(diameter, weights=weight) == pytest.approx(120, rel=0.1)
    assert diameter[cut == 0].mean() < 0.88 * 120
    assert weight.sum() / (len(found) * edge**3) * 1e9 == pytest.approx(density, rel=0.15)


def test_the_distribution_counts_each_object_by_its_weight() -> None:
    mask, _ = scattered(CUBIC, (60.0, 90.0))
    (curve,) = (c for c in measure(mask, CUBIC).curves if c.id == "object-size-distribution")
    found = columns(measure(mask, CUBIC))
    weight, volume = (found[name][np.argsort(found["volume"])] for name in ("weight", "volume"))
    assert (weight > 1).all()
    assert curve.columns["number"] == pytest.approx(np.cumsum(weight) / weight.sum())
    assert curve.columns["volume"] == pytest.approx(np.cumsum(weight * volume) / (weight * volume).sum())
    # Of n places along an axis where an object of so many voxels may begin, all but these let it pass uncut.
    parts, _ = ndimage.label(mask)
    extents = [[part.stop - part.start for part in box] for box in ndimage.find_objects(parts)]
    truth = [np.prod([n / (n - m - 1) for n, m in zip(mask.shape, extent, strict=True)]) for extent in extents]
    assert sorted(weight) == pytest.approx(sorted(truth))


def bricks_between_gaps(offset: int) -> NDArray[np.uint8]:
    """Bricks of 5 x 5 x 3 and of 5 x 5 x 7 voxels in turn, one in each 8 x 8 x 6 voxels of a larger body, in a volume
    that nobody annotated between x = 14 and 24. Along y and z, 16 places leave a brick uncut: two bricks anywhere."""
    z, y, x = np.indices((22, 22, 30))
    along = (x + offset) % 12
    solid = (z % 8 < 5) & (y % 8 < 5) & (along != 3) & (along < 11)
    codes = solid.astype(np.uint8)
    codes[:, :, 14:24] = 255
    return codes


def test_voxels_that_nobody_annotated_are_no_room_for_objects() -> None:
    """Over all offsets of the bricks along x their density and their mean are those of the body, without an error."""
    settings = MeasurementOptions(objects="solid", transport=False, neck_depth=50, phase=("solid",))
    found = [quantify_volume(codes_of(bricks_between_gaps(n), CUBIC, "void solid"), settings) for n in range(12)]
    densities = [results.find("object-density", "solid") for results in found]
    assert {quantity.domain for quantity in densities} == {"largest annotated box 0:22,0:22,0:14"}
    assert np.mean([quantity.value for quantity in densities]) == pytest.approx(1e9 / (8 * 8 * 6 * 1000))
    rows = [columns(results) for results in found]
    weight, voxels = (np.concatenate([table[name] for table in rows]) for name in ("weight", "voxels"))
    assert set(voxels[weight > 0]) == {75, 175}
    assert np.average(voxels, weights=weight) == pytest.approx(125)


def test_voxels_that_nobody_annotated_neither_end_an_object_nor_leave_it_whole() -> None:
    z, y, x = centres((25, 25, 25), CUBIC)
    codes = np.asarray(z**2 + y**2 + x**2 <= 100.0**2).astype(np.uint8)
    codes[:, :, 20:] = 255
    codes[3, 3, 24] = 0  # so that the volume goes on to its end
    settings = MeasurementOptions(objects="solid", transport=False)
    results = quantify_volume(codes_of(codes, CUBIC, "void solid"), settings)
    found = columns(results)
    assert found["is_cut"].tolist() == [1]
    assert found["faces"].tolist() == [""]
    assert any("no means of the objects of solid" in note for note in results.notes)


def test_an_object_is_placed_in_the_volume_that_was_given() -> None:
    mask = np.zeros((12, 12, 12), bool)
    mask[4:8, 4:8, 4:8] = True
    codes = np.pad(mask.astype(np.uint8), ((5, 0), (0, 3), (2, 2)), constant_values=255)
    settings = MeasurementOptions(objects="solid", transport=False)
    found = columns(quantify_volume(codes_of(codes, CUBIC, "void solid"), settings))
    assert [found[axis][0] for axis in "zyx"] == pytest.approx([110, 60, 80])
    assert found["is_cut"].tolist() == [0]


@pytest.mark.parametrize("what", ["absent", "everywhere", "cut by every face", "one slice"])
def test_what_has_no_whole_objects_has_no_means_and_says_why(what: str) -> None:
    shape = (1, 30, 30) if what == "one slice" else (20, 22, 24)
    solid = np.full(shape, what != "absent")
    if what == "cut by every face":
        solid[:3, :3, :3] = False
    elif what == "one slice":
        solid[:, :5] = False
    results = measure(solid, CUBIC)
    assert not any(row.id in ("object-density", "object-mean-diameter") for row in results.quantities)
    if what in ("absent", "one slice"):
        assert not results.tables
        assert any(note.startswith("no objects of solid: ") for note in results.notes)
    else:
        found = columns(results)
        assert found["weight"].tolist() == [0]
        assert found["faces"].tolist() == ["z0 z1 y0 y1 x0 x1"]
        assert "no means of the objects of solid: faces of the volume" in " ".join(results.notes)


@BOTH
def test_the_surface_of_one_object_is_that_of_its_phase(size: VoxelSize) -> None:
    """From pairs of voxels one apart and two: twice the first less the second."""
    mask, _ = scattered(size, (7.3 * max(size.zyx),))
    near, wide = (sums / 1e3 for sums in surface_sums(mask.astype(np.uint8), 1, size))
    found = columns(measure(mask, size))
    assert found["surface"][0] == pytest.approx((2 * near - wide) * size.volume_nm3, rel=1e-9)
    assert found["surface"][0] != pytest.approx(near * size.volume_nm3, rel=1e-4)


def test_a_distance_to_what_lies_far_outside_a_block_is_that_of_the_whole() -> None:
    solid = np.ones((160, 3, 3), bool)
    solid[[0, -1]] = False
    reader = HeightReader(volume_of(solid, CUBIC), 1, (1.0, 1.0, 1.0), 2**30)
    whole = reader.read(Box.whole((160, 3, 3)))
    assert whole.max() == 79 * 64
    assert np.array_equal(reader.read(Box((70, 0, 0), (90, 3, 3))), whole[70:90])


def test_tables_of_several_measurements_are_kept() -> None:
    table = Table("objects", "objects", {"id": "1"}, {"id": [1]})
    assert (Measurements(tables=(table,)) + Measurements()).tables == (table,)


def test_a_wide_object_makes_no_later_block_read_more_than_it_needs() -> None:
    """Blocks begin with what the last one needed around it, which shrinks again, and do with less where that is too
    much for the memory: the few blocks of the wide object alone cannot be read."""
    z, y, x = np.indices((96, 96, 96)) // 4
    codes = ((z + y + x) % 2).astype(np.uint8)
    codes[:40, :40, :40] = 1
    labels, memory = codes_of(codes, CUBIC, "void solid"), 16 * 52**3
    together, refused = HeightReader(labels, 1, (1.0, 1.0, 1.0), memory), 0
    for block in Plan(labels.shape, (24, 24, 24)):
        try:
            expected = HeightReader(labels, 1, (1.0, 1.0, 1.0), memory).read(block.core)
        except MemoryShortageError:
            refused += 1
            with pytest.raises(MemoryShortageError):
                together.read(block.core)
        else:
            assert np.array_equal(together.read(block.core), expected)
    assert 0 < refused < 8
