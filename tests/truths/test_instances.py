"""Objects that are given by their numbers: the same table as of the objects that are separated, and what is refused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from numpy.typing import NDArray
from scipy import ndimage
from shapes import CUBIC, FLAT, codes_of, volume_of

from keramos.core import Volume, VoxelSize
from keramos.core.errors import LabelError
from keramos.io import open_volume
from keramos.measurements import Measurements, quantify_volume
from keramos.settings.quantify import MeasurementOptions

Command = Callable[..., Any]
Ids = NDArray[np.int64]


def grains(shape: tuple[int, int, int] = (30, 32, 34)) -> tuple[NDArray[np.bool_], Ids]:
    """Bodies that touch nothing, and scipy's numbers of them, far apart and in no order."""
    mask = ndimage.gaussian_filter(np.random.default_rng(2).random(shape), 2.0) > 0.53
    ids, count = ndimage.label(mask)
    names = np.random.default_rng(3).choice(np.arange(1, 2_000_000), count, replace=False)
    return mask, np.concatenate([[0], names])[ids]


def measured(mask: NDArray[np.bool_], ids: NDArray[Any] | None, size: VoxelSize, **options: Any) -> Measurements:
    settings = MeasurementOptions(objects="solid", transport=False, **options)
    given = None if ids is None else Volume.from_array(ids, size)
    return quantify_volume(volume_of(mask, size), settings, instances=given)


def columns(results: Measurements) -> dict[str, NDArray[Any]]:
    (table,) = results.tables
    return {name: np.asarray(column) for name, column in table.columns.items()}


@pytest.mark.parametrize("size", [CUBIC, FLAT], ids=["cubic", "flat"])
@pytest.mark.parametrize("memory", [2**31, 2**22])
def test_given_bodies_have_the_rows_of_separated_ones(size: VoxelSize, memory: int) -> None:
    """Bodies apart from each other are separated by nothing but their gaps if the neck depth is large."""
    mask, ids = grains()
    given, separated = (
        columns(measured(mask, each, size, neck_depth=depth, memory=memory))
        for each, depth in ((ids, None), (None, 1e4))
    )
    touching, _ = ndimage.label(mask, np.ones((3, 3, 3)))
    whole = [n for n in np.unique(ids[mask]) if len(np.unique(ids[touching == touching[ids == n][0]])) == 1]
    assert given["id"].tolist() == np.unique(ids[mask]).tolist()
    assert len(whole) > 8
    for number in whole:
        row = given["id"] == number
        (same,) = np.flatnonzero(
            (separated["voxels"] == given["voxels"][row]) & np.isclose(separated["x"], given["x"][row])
        )
        for name in set(given) - {"id", "faces", "contacts"}:
            assert given[name][row][0] == pytest.approx(separated[name][same], rel=1e-6, abs=1e-9, nan_ok=True), name


def test_touching_objects_have_their_own_rows_and_contacts() -> None:
    ids = np.zeros((8, 10, 24), np.uint32)
    ids[2:6, 2:8, 4:10], ids[2:6, 2:8, 10:20] = 900_001, 7
    results = measured(ids > 0, ids, FLAT)
    rows = columns(results)
    assert rows["id"].tolist() == [7, 900_001]
    assert rows["voxels"].tolist() == [4 * 6 * 10, 4 * 6 * 6]
    assert rows["contacts"].tolist() == [1, 1]
    assert rows["z"] == pytest.approx([4 * 20] * 2)
    assert "objects as they were given" in results.find("coordination-number", "solid").method
    assert "watershed" not in results.find("object-density", "solid").method


def test_ids_lie_where_the_labels_lie() -> None:
    mask, ids = grains((16, 18, 20))
    codes = np.pad(mask.astype(np.uint8), ((3, 0), (0, 2), (4, 1)), constant_values=255)
    settings = MeasurementOptions(objects="solid", transport=False)
    padded = np.pad(ids, ((3, 0), (0, 2), (4, 1)))
    given = Volume.from_array(padded, CUBIC)
    rows = columns(quantify_volume(codes_of(codes, CUBIC, "void solid"), settings, instances=given))
    alone = columns(measured(mask, ids, CUBIC))
    assert rows["voxels"].tolist() == alone["voxels"].tolist()
    np.testing.assert_allclose(rows["x"], alone["x"] + 40)


def test_ids_of_millions_are_kept() -> None:
    """Every second voxel is an object; ids beyond what 16 bits, or a byte for each, would hold."""
    ids = 3_000_000 + np.arange(1, 13_001).reshape(10, 26, 50)
    ids[:, :, 1::2] = 0
    rows = columns(measured(ids > 0, ids, CUBIC))
    assert rows["id"].tolist() == list(range(3_000_001, 3_013_001, 2))
    assert (rows["voxels"] == 1).all()


def test_what_belongs_to_no_object_is_told() -> None:
    mask, ids = grains()
    ids[~mask & (np.arange(34) < 3)] = 5
    lost = np.flatnonzero(ids.ravel())[:7]
    ids.ravel()[[n for n in lost if mask.ravel()[n]][:1]] = 0
    outside = int(np.count_nonzero(ids[~mask]))
    results = measured(mask, ids, CUBIC)
    assert columns(results)["voxels"].sum() == np.count_nonzero(ids[mask])
    notes = " ".join(results.notes)
    assert f"{outside:,} voxels with a number that are not solid" in notes


@pytest.mark.parametrize("what", ["decimals", "negative", "phases", "nothing", "elsewhere"])
def test_what_holds_no_numbers_of_objects_is_refused(what: str) -> None:
    mask, ids = grains()
    given, said = {
        "decimals": (ids.astype(np.float32), "whole numbers of objects"),
        "negative": (-ids, "from 0 to"),
        "phases": (mask.astype(np.uint8), "one number for all"),
        "nothing": (0 * ids, "expected a number in some voxel of solid, found none in memory"),
        "elsewhere": (np.where(mask, 0, 7), "expected a number in some voxel of solid, found none in memory"),
    }[what]
    with pytest.raises(LabelError, match=said):
        measured(mask, given, CUBIC)


def test_the_only_object_may_have_one_number() -> None:
    mask = np.zeros((9, 9, 9), bool)
    mask[2:6, 2:6, 2:6] = True
    assert columns(measured(mask, mask.astype(np.uint8), CUBIC))["id"].tolist() == [1]
    absent = measured(np.zeros_like(mask), mask.astype(np.uint8), CUBIC)
    assert not absent.tables
    assert "no objects of solid: it is absent" in absent.notes


def test_files_of_numbers_are_read_and_those_of_another_shape_refused(keramos: Command, tmp_path: Path) -> None:
    mask, ids = grains((12, 20, 24))
    tifffile.imwrite(tmp_path / "labels.tif", mask.astype(np.uint8))
    tifffile.imwrite(tmp_path / "ids.tif", ids.astype(np.uint32))
    tifffile.imwrite(tmp_path / "short.tif", ids[1:].astype(np.uint32))
    how = ("quantify", tmp_path / "labels.tif", "--voxel-size", 20, 26.4, 20.8, "--phases", "pore=0,grain=1")
    asked = (*how, "--no-transport", "--objects", "grain", "--table", tmp_path / "t.csv")
    assert keramos(*asked, "--instances", tmp_path / "ids.tif").status == 0
    rows = (tmp_path / "t.csv").read_text(encoding="utf-8").splitlines()[1:]
    assert [int(row.split(",")[0]) for row in rows] == np.unique(ids[ids > 0]).tolist()
    assert open_volume(tmp_path / "ids.tif").read().max() == ids.max()
    tifffile.imwrite(tmp_path / "empty.tif", 0 * ids.astype(np.uint32))
    empty = ("--instances", tmp_path / "empty.tif", "--network", tmp_path / "n.csv")
    said = "expected a number in some voxel of grain, found none in"
    assert said in keramos(*asked, "--fresh", *empty).complaint
    assert "shape" in keramos(*asked, "--fresh", "--instances", tmp_path / "short.tif").complaint
    for option in (("--neck-depth", 20), ("--object-ids", tmp_path / "o.ome.zarr")):
        assert "--instances" in keramos(*asked, "--fresh", "--instances", tmp_path / "ids.tif", *option).complaint
