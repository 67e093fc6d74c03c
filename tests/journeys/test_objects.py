"""Single objects through the command line: a table, and a volume of their numbers."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos.io import open_volume

Command = Callable[..., Any]
HOW = ("--voxel-size", 20, 26.4, 20.8, "--phases", "pore=0,grain=1", "--no-transport", "--objects", "grain")


@pytest.fixture
def labels(tmp_path: Path) -> Path:
    codes = np.zeros((20, 24, 30), np.uint8)
    codes[4:10, 5:12, 6:14] = 1
    codes[12:18, 10:18, 18:30] = 1
    tifffile.imwrite(tmp_path / "labels.tif", codes)
    return tmp_path / "labels.tif"


def test_objects_are_written_as_a_table_and_as_a_volume(labels: Path, keramos: Command, tmp_path: Path) -> None:
    table, ids, out = tmp_path / "grains.csv", tmp_path / "grains.ome.zarr", tmp_path / "quantities"
    run = keramos("quantify", labels, *HOW, "--neck-depth", 50, "--table", table, "--object-ids", ids, "--out", out)
    assert run.status == 0
    assert "mean diameter of objects" in run.out
    rows = list(csv.DictReader(table.open(encoding="utf-8")))
    numbers = open_volume(ids).read()
    assert [int(row["voxels"]) for row in rows] == np.bincount(numbers.ravel())[1:].tolist() == [6 * 7 * 8, 6 * 8 * 12]
    assert np.array_equal(numbers > 0, tifffile.imread(labels) == 1)
    assert [row["faces"] for row in rows] == ["", "x1"]
    assert float(rows[0]["volume_nm3"]) == pytest.approx(6 * 7 * 8 * 20 * 26.4 * 20.8)
    assert float(rows[0]["z_nm"]) == pytest.approx(7 * 20)
    attributes = json.loads((ids / "zarr.json").read_text(encoding="utf-8"))["attributes"]
    assert "image-label" in attributes["ome"]
    assert attributes["keramos"]["kind"] == "objects"
    assert open_volume(ids).voxel_size is not None
    written = json.loads((out / "quantities.json").read_text(encoding="utf-8"))
    assert {row["id"] for row in written["quantities"]} >= {"objects", "object-density", "coordination-number"}
    assert any("neck depth 50 nm" in row["method"] for row in written["quantities"])
    assert list(tmp_path.glob(".keramos-objects*")) == []


def test_earlier_objects_are_replaced_only_if_asked(labels: Path, keramos: Command, tmp_path: Path) -> None:
    where = ("--table", tmp_path / "grains.csv", "--object-ids", tmp_path / "grains.ome.zarr")
    assert keramos("quantify", labels, *HOW, *where).status == 0
    assert "--fresh" in keramos("quantify", labels, *HOW, *where).complaint
    (tmp_path / "grains.csv").unlink()
    assert "grains.ome.zarr is already there" in keramos("quantify", labels, *HOW, *where).complaint
    assert keramos("quantify", labels, *HOW, *where, "--fresh").status == 0
    (tmp_path / "grains.csv").write_text("mine", encoding="utf-8")
    assert "another file" in keramos("quantify", labels, *HOW, *where, "--fresh").complaint


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ([*HOW[:-2], "--table", "t.csv"], "--objects"),
        ([*HOW[:-2], "--neck-depth", 20], "--objects"),
        ([*HOW, "--table", "t.xlsx"], ".csv or .parquet"),
        ([*HOW[:-1], "gold"], "gold"),
    ],
)
def test_what_does_not_fit_is_refused(options: list[Any], said: str, labels: Path, keramos: Command) -> None:
    assert said in keramos("quantify", labels, *options).complaint


def test_parquet_needs_its_package(
    labels: Path, keramos: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    run = keramos("quantify", labels, *HOW, "--table", tmp_path / "grains.parquet")
    assert "pyarrow" in run.complaint
    assert not (tmp_path / "grains.parquet").exists()


def test_parquet_holds_the_same_columns(labels: Path, keramos: Command, tmp_path: Path) -> None:
    parquet = pytest.importorskip("pyarrow.parquet")
    for name in ("grains.csv", "grains.parquet"):
        assert keramos("quantify", labels, *HOW, "--table", tmp_path / name).status == 0
    read = parquet.read_table(tmp_path / "grains.parquet")
    rows = list(csv.DictReader((tmp_path / "grains.csv").open(encoding="utf-8")))
    assert list(read.column_names) == list(rows[0])
    assert read["voxels"].to_pylist() == [int(row["voxels"]) for row in rows]


def test_windows_are_written_beside_the_quantities(labels: Path, keramos: Command, tmp_path: Path) -> None:
    how = [*HOW[:-2], "--heterogeneity", "--rev-precision", 0.1]
    assert keramos("quantify", labels, *how, "--out", tmp_path / "q").status == 0
    rows = list(csv.DictReader((tmp_path / "q" / "windows.csv").open(encoding="utf-8")))
    assert {row["phase"] for row in rows} == {"pore", "grain"}
    codes = tifffile.imread(labels)
    grain = sum(float(row["phase_fraction"]) * int(row["annotated_voxels"]) for row in rows if row["phase"] == "grain")
    assert grain == pytest.approx((codes == 1).sum())


def test_windows_of_an_earlier_run_do_not_stay_beside_other_quantities(
    labels: Path, keramos: Command, tmp_path: Path
) -> None:
    how = [*HOW[:-2], "--out", tmp_path / "q"]
    windows = tmp_path / "q" / "windows.csv"
    assert keramos("quantify", labels, *how, "--heterogeneity").status == 0
    assert windows.is_file()
    assert keramos("quantify", labels, *how, "--fresh").status == 0
    assert not windows.exists()


@pytest.mark.parametrize("name", ["network.csv", "network.json"])
def test_a_network_is_written_and_replaced_only_if_asked(
    name: str, labels: Path, keramos: Command, tmp_path: Path
) -> None:
    path = tmp_path / name
    assert keramos("quantify", labels, *HOW, "--network", path).status == 0
    text = path.read_text(encoding="utf-8")
    assert "throat.conns" in text
    assert "--fresh" in keramos("quantify", labels, *HOW, "--network", path).complaint
    assert keramos("quantify", labels, *HOW, "--network", path, "--fresh").status == 0
    path.write_text("mine", encoding="utf-8")
    assert "another file" in keramos("quantify", labels, *HOW, "--network", path, "--fresh").complaint
    assert ".csv or .json" in keramos("quantify", labels, *HOW, "--network", tmp_path / "n.pkl").complaint
