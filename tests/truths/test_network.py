"""Truths about the network of pores: balls in a lattice, joined by cylinders, and a lens between two balls; and the
format of the file, as OpenPNM documents it. Lengths in nm, in files in m."""

from __future__ import annotations

import csv
import json
from math import pi
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy import ndimage
from shapes import CUBIC, FLAT, Mask, centres, codes_of, volume_of

from keramos.core import Volume, VoxelSize
from keramos.measurements import Table, quantify_volume
from keramos.settings.quantify import MeasurementOptions
from keramos.writers.openpnm import write_network

BALL, PIPE, CELL = 90.0, 40.0, 240.0
STEEP = VoxelSize(20, 12, 10)


def lattice(size: VoxelSize, cells: int = 3) -> Mask:
    """Balls at the middles of cubic cells, joined along all axes, and to the faces of the volume."""
    shape = tuple(round(cells * CELL / d) for d in size.zyx)
    z, y, x = np.ix_(*(((np.arange(n) + 0.5) * d) % CELL - CELL / 2 for n, d in zip(shape, size.zyx, strict=True)))
    pipes = (z**2 + y**2 <= PIPE**2) | (z**2 + x**2 <= PIPE**2) | (y**2 + x**2 <= PIPE**2)
    return np.asarray((z**2 + y**2 + x**2 <= BALL**2) | pipes)


def network(mask: Mask, size: VoxelSize, **options: Any) -> tuple[Table, Table]:
    settings = MeasurementOptions(objects="solid", transport=False, **options)
    results = quantify_volume(volume_of(mask, size), settings, network=True)
    tables = {table.id: table for table in results.tables}
    return tables["pores"], tables["throats"]


def columns(table: Table) -> dict[str, NDArray[Any]]:
    return {name: np.asarray(column) for name, column in table.columns.items()}


@pytest.mark.parametrize("size", [CUBIC, STEEP], ids=["cubic", "steep"])
def test_a_lattice_of_balls_and_pipes_is_its_network(size: VoxelSize) -> None:
    mask = lattice(size)
    pores, throats = (columns(table) for table in network(mask, size, neck_depth=30.0))
    nm, edge = 1e-9, max(size.zyx)
    assert len(pores["pore.volume"]) == 27
    assert len(throats["throat.length"]) == 54
    places = np.stack([pores[f"pore.coords[{n}]"] for n in range(3)], axis=1)
    away = (places / (CELL * nm)) % 1 - 0.5
    assert np.abs(away).max() * CELL < 1.1 * edge  # of pipes of one width, the middle goes to either side
    assert len({tuple(place) for place in (places // (CELL * nm)).astype(int).tolist()}) == 27
    ends = np.stack([throats["throat.conns[0]"], throats["throat.conns[1]"]], axis=1)
    assert (ends[:, 0] < ends[:, 1]).all()
    steps = places[ends[:, 1]] - places[ends[:, 0]]
    np.testing.assert_allclose(np.sort(np.abs(steps), axis=1) / nm, [[0, 0, CELL]] * 54, atol=1.5 * edge)
    np.testing.assert_allclose(throats["throat.direct_length"], CELL * nm, rtol=0.07)
    np.testing.assert_allclose(throats["throat.total_length"], CELL * nm, rtol=0.07)
    np.testing.assert_allclose(throats["throat.length"], (CELL - 2 * BALL) * nm, atol=3 * edge * nm)
    np.testing.assert_allclose(throats["throat.cross_sectional_area"], pi * PIPE**2 * nm**2, rtol=0.12)
    np.testing.assert_allclose(throats["throat.diameter"], 2 * PIPE * nm, rtol=0.06)
    np.testing.assert_allclose(throats["throat.inscribed_diameter"], 2 * PIPE * nm, atol=1.5 * edge * nm)
    np.testing.assert_allclose(pores["pore.diameter"], 2 * BALL * nm, atol=1.5 * edge * nm)
    assert pores["pore.volume"].sum() == pytest.approx(mask.sum() * size.volume_nm3 * nm**3)
    for number, axis in enumerate("xyz"):
        at = places[:, number] / (CELL * nm)
        assert (pores[f"pore.{axis}min"] == (at < 1)).all()
        assert (pores[f"pore.{axis}max"] == (at > 2)).all()


@pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
@pytest.mark.parametrize("towards", [(0, 0, 1), (1, 1, 0), (1, 2, 2)])
def test_the_cross_section_is_that_of_the_lens_whatever_way_it_looks(
    size: VoxelSize, towards: tuple[int, int, int]
) -> None:
    """Balls of 200 nm whose centres lie 240 apart meet in a circle of 160 nm radius: faces of voxels would be up to 1.7
    times as large."""
    radius, apart = 200.0, 240.0
    way = np.array(towards) / np.linalg.norm(towards)
    shape = tuple(int(2 * (radius + apart / 2 * abs(w) + 40) / d) for w, d in zip(way, size.zyx, strict=True))
    z, y, x = centres(shape, size)  # type: ignore[arg-type]
    mask = np.zeros(shape, bool)
    for side in (-1, 1):
        c = side * apart / 2 * way
        mask |= (z - c[0]) ** 2 + (y - c[1]) ** 2 + (x - c[2]) ** 2 <= radius**2
    _, throats = (columns(table) for table in network(mask, size, neck_depth=20.0))
    wanted = radius**2 - (apart / 2) ** 2
    assert throats["throat.cross_sectional_area"] * 1e18 == pytest.approx([pi * wanted], rel=0.08)
    assert throats["throat.inscribed_diameter"] * 1e9 == pytest.approx([2 * wanted**0.5], abs=2 * max(size.zyx))


def test_blocks_give_the_same_network() -> None:
    whole, parts = (network(lattice(STEEP), STEEP, neck_depth=30.0, memory=memory) for memory in (2**31, 2**22))
    for one, other in zip(whole, parts, strict=True):
        for name, column in one.columns.items():
            np.testing.assert_allclose(np.asarray(other.columns[name], float), np.asarray(column, float), err_msg=name)


@pytest.mark.parametrize("memory", [2**31, 2**22])
@pytest.mark.parametrize("size", [VoxelSize(5, 5, 5), VoxelSize(8, 4, 4)], ids=["cubic", "steep"])
def test_pores_that_touch_end_where_they_touch(size: VoxelSize, memory: int) -> None:
    """A box of 160 x 160 x 320 nm and half a cube of 160 that touch with their square sides: the ball in the box has a
    diameter of 160 nm, that in the half 80, and from the box's ball to the middle of the throat it is another 80."""
    depth, width = round(160 / size.z_nm), round(160 / size.y_nm)
    ids = np.zeros((depth + 6, width + 8, 3 * width), np.uint8)
    here = ids[3:-3, 4:-4]
    here[:, :, 5 : 5 + 2 * width], here[:, :, 5 + 2 * width : 5 + 5 * width // 2] = 3, 9
    settings = MeasurementOptions(objects="solid", transport=False, memory=memory)
    given = Volume.from_array(ids, size)
    results = quantify_volume(volume_of(ids > 0, size), settings, network=True, instances=given)
    pores, throats = (columns(next(t for t in results.tables if t.id == name)) for name in ("pores", "throats"))
    nm, edge = 1e-9, max(size.zyx)
    for name in ("pore.diameter", "pore.inscribed_diameter"):
        np.testing.assert_allclose(pores[name] / nm, [160, 80], atol=1.5 * edge)
    np.testing.assert_allclose(pores["pore.extended_diameter"] / nm, [160, 160], atol=1.5 * edge)
    assert throats["throat.total_length"] / nm == pytest.approx([200], abs=edge)
    assert throats["throat.length"] / nm == pytest.approx([80], abs=3 * edge)


def test_the_own_distance_is_that_of_each_region_alone() -> None:
    """scipy's distance in each region by itself, in a volume that goes on around it."""
    ids = np.random.default_rng(5).integers(1, 4, (5, 6, 7)).repeat(4, 0).repeat(3, 1).repeat(5, 2)
    ids[ndimage.gaussian_filter(np.random.default_rng(6).random(ids.shape), 2) > 0.52] = 0
    settings = MeasurementOptions(objects="solid", transport=False, memory=2**22)
    given = Volume.from_array(ids, STEEP)
    results = quantify_volume(volume_of(ids > 0, STEEP), settings, network=True, instances=given)
    pores = columns(next(table for table in results.tables if table.id == "pores"))
    alone = [2 * ndimage.distance_transform_edt(ids == n, sampling=STEEP.zyx).max() for n in (1, 2, 3)]
    np.testing.assert_allclose(pores["pore.inscribed_diameter"] * 1e9, alone, atol=10 / 32)
    phase = ndimage.distance_transform_edt(ids > 0, sampling=STEEP.zyx)
    extended = [2 * phase[ids == n].max() for n in (1, 2, 3)]
    np.testing.assert_allclose(pores["pore.extended_diameter"] * 1e9, extended, atol=10 / 32)


def test_pores_are_placed_in_the_volume_that_was_given() -> None:
    mask = lattice(CUBIC, 1)
    codes = np.pad(mask.astype(np.uint8), ((4, 0), (0, 3), (2, 0)), constant_values=255)
    settings = MeasurementOptions(objects="solid", transport=False)
    results = quantify_volume(codes_of(codes, CUBIC, "void solid"), settings, network=True)
    pores = columns(next(table for table in results.tables if table.id == "pores"))
    assert [pores[f"pore.coords[{n}]"][0] * 1e9 for n in range(3)] == pytest.approx([140, 120, 160])


@pytest.mark.parametrize("mask", [lattice(CUBIC, 2), lattice(CUBIC, 1)], ids=["more throats", "more pores"])
def test_the_file_is_as_openpnm_documents_it(mask: Mask, tmp_path: Path) -> None:
    """CSV: a column for each property, `name[0]` for parts; pores and throats from the first row on, empty below."""
    pores, throats = network(mask, CUBIC, neck_depth=30.0)
    for name in ("n.csv", "n.json"):
        write_network(tmp_path / name, pores, throats)
    rows = list(csv.DictReader((tmp_path / "n.csv").open(encoding="utf-8")))
    values = json.loads((tmp_path / "n.json").read_text(encoding="utf-8"))
    counts = {"pore": len(pores.columns["pore.volume"]), "throat": len(throats.columns["throat.length"])}
    assert len(rows) == max(counts.values())
    for name in rows[0]:
        count = counts[name.partition(".")[0]]
        assert all((row[name] != "") == (number < count) for number, row in enumerate(rows))
    assert np.shape(values["pore.coords"]) == (counts["pore"], 3)
    assert len(values["throat.conns"]) == counts["throat"]
    assert all(isinstance(end, int) for pair in values["throat.conns"] for end in pair)
    assert set(map(type, values["pore.xmin"])) == {bool}
    for number, (x, y, z) in enumerate(values["pore.coords"]):
        texts = [float(rows[number][f"pore.coords[{n}]"]) for n in range(3)]
        assert texts == pytest.approx([x, y, z])
    for number, pair in enumerate(values["throat.conns"]):
        assert [rows[number][f"throat.conns[{n}]"] for n in (0, 1)] == [str(end) for end in pair]
    assert {row["pore.xmin"] for row in rows} <= {"True", "False", ""}
    assert {name.split(".")[0] for name in values} <= {"pore", "throat"}


def test_what_has_no_objects_has_no_network() -> None:
    settings = MeasurementOptions(objects="solid", transport=False)
    results = quantify_volume(volume_of(np.zeros((9, 9, 9), bool), CUBIC), settings, network=True)
    assert not results.tables
    assert any(note == "no objects of solid: it is absent" for note in results.notes)


def test_teeth_of_a_contact_cancel_and_its_middle_is_its_own() -> None:
    ids = np.zeros((8, 9, 24), np.uint8)
    ids[2:6, 2:7, 4:12], ids[2:6, 2:7, 12:20] = 1, 2
    ids[2:6, 2:7:2, 12] = 1
    settings = MeasurementOptions(objects="solid", transport=False)
    given = Volume.from_array(ids, FLAT)
    results = quantify_volume(volume_of(ids > 0, FLAT), settings, network=True, instances=given)
    throats = columns(next(table for table in results.tables if table.id == "throats"))
    assert throats["throat.cross_sectional_area"] * 1e18 == pytest.approx([20 * FLAT.z_nm * FLAT.y_nm])
    assert throats["throat.total_length"] == pytest.approx(throats["throat.direct_length"], rel=1e-3)
