"""From labels to numbers through the command line."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos.store import open_labels
from keramos.workflow.quantities import read_quantities

Command = Callable[..., Any]


def test_a_phantoms_truth_is_quantified(phantom: Path, keramos: Command, tmp_path: Path) -> None:
    labels, out = phantom / "truth.ome.zarr", tmp_path / "quantities"
    run = keramos("quantify", labels, "--out", out, "--thickness", "--json", tmp_path / "q.json")
    assert run.status == 0
    assert "specific surface area" in run.out
    assert "tortuosity factor" in run.out
    found = read_quantities(out)
    assert found.find("phase fraction", "solid").value == pytest.approx(open_labels(labels).read().mean())
    rows = list(csv.DictReader((out / "quantities.csv").open(encoding="utf-8")))
    assert {row["name"] for row in rows} >= {"phase fraction", "specific surface area", "percolating fraction"}
    assert len(rows) == len(found.quantities)
    curves = list(csv.DictReader((out / "curves.csv").open(encoding="utf-8")))
    assert {row["name"] for row in curves} >= {"chord length distribution", "two-point correlation", "local thickness"}
    written = json.loads((out / "quantities.json").read_text(encoding="utf-8"))
    assert [step["verb"] for step in written["provenance"]][-1] == "quantify"
    assert json.loads((tmp_path / "q.json").read_text(encoding="utf-8"))["quantities"] == written["quantities"]


def test_only_what_is_asked_for_is_measured(keramos: Command, tmp_path: Path) -> None:
    codes = np.random.default_rng(0).integers(0, 3, (12, 20, 20)).astype(np.uint8)
    tifffile.imwrite(tmp_path / "labels.tif", codes)
    how = ("--voxel-size", 20, 26.4, 20.8, "--phases", "pore=0,carbon=1,binder=2", "--no-transport")
    run = keramos("quantify", tmp_path / "labels.tif", *how, "--phase", "carbon", "binder", "--connectivity", 26)
    assert run.status == 0
    assert "triple-phase boundary length" in run.out
    assert "carbon" in run.out
    assert "\npore" not in run.out
    both = keramos("quantify", tmp_path / "labels.tif", *how[:-1], "--conductivity", "pore=1", "carbon=10,binder=0.1",
                   "--phase", "pore")  # fmt: skip
    assert "effective conductivity" in both.out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--phase", "gold"), "expected a phase named void or solid, found 'gold'"),
        (("--connectivity", 8), "expected a connectivity of 6, 18 or 26"),
        (("--conductivity", "solid"), "expected --conductivity as NAME=VALUE"),
        (("--workers", 0), "expected at least one worker"),
        (("--domain", 2), "expected --domain of at least 8 voxels"),
    ],
)
def test_what_makes_no_sense_is_refused(more: tuple[Any, ...], said: str, phantom: Path, keramos: Command) -> None:
    run = keramos("quantify", phantom / "truth.ome.zarr", *more)
    assert run.status == 2
    assert said in " ".join(run.lines)


def test_a_missing_voxel_size_is_asked_for(keramos: Command, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "labels.tif", np.eye(8, dtype=np.uint8)[None].repeat(8, 0))
    run = keramos("quantify", tmp_path / "labels.tif", "--phases", "void=0,solid=1")
    assert run.status == 2
    assert "give --voxel-size Z Y X in nm" in " ".join(run.lines)
