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

from keramos.io import open_labels
from keramos.project.quantities import read_quantities

Command = Callable[..., Any]


def test_a_phantoms_truth_is_quantified(phantom: Path, keramos: Command, tmp_path: Path) -> None:
    labels, out = phantom / "truth.ome.zarr", tmp_path / "quantities"
    run = keramos("quantify", labels, "--out", out, "--thickness", "--json", tmp_path / "q.json")
    assert run.status == 0
    assert "specific surface area" in run.out
    assert "tortuosity factor" in run.out
    found = read_quantities(out)
    assert found.find("phase-fraction", "solid").value == pytest.approx(open_labels(labels).read().mean())
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
    both = keramos(
        "quantify",
        tmp_path / "labels.tif",
        *how[:-1],
        "--conductivity",
        "pore=1",
        "carbon=10,binder=0.1",
        "--phase",
        "pore",
    )
    assert "effective conductivity" in both.out


@pytest.mark.parametrize(
    ("more", "said"),
    [
        (("--phase", "gold"), "expected a phase named void or solid, found 'gold'"),
        (("--connectivity", 8), "--connectivity. Choose from: 6, 18, 26"),
        (("--conductivity", "solid"), "--conductivity: expected NAME=VALUE"),
        (("--workers", 0), "--workers: expected at least 1"),
        (("--domain", 2), "--domain: expected at least 8 voxels"),
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


def test_a_segmentation_is_as_sure_as_an_annotated_slice_shows(phantom: Path, keramos: Command, tmp_path: Path) -> None:
    labels, truth = tmp_path / "segmentation.ome.zarr", phantom / "truth.ome.zarr"
    assert keramos("segment", phantom / "images.ome.zarr", "--model", "porous-solid", "--out", labels).status == 0
    short = ("--no-transport", "--realizations", 4)
    bare = keramos("quantify", labels, "--truth", truth, *short)
    assert "segment again with --scores, or leave out --truth" in bare.complaint
    again = ("--model", "porous-solid", "--out", labels, "--scores", "--fresh")
    assert keramos("segment", phantom / "images.ome.zarr", *again).status == 0
    run = keramos("quantify", labels, "--truth", truth, "--slices", 3, *short, "--out", tmp_path / "quantities")
    assert run.status == 0
    assert "CI incl. segmentation" in run.out
    low, high = read_quantities(tmp_path / "quantities").find("phase-fraction", "solid").segmentation or (0, 0)
    assert low < open_labels(truth).read().mean() < high
    assert high - low < 0.2
    row = next(csv.DictReader((tmp_path / "quantities" / "quantities.csv").open(encoding="utf-8")))
    assert float(row["segmentation_low"]) < float(row["segmentation_high"])

    codes = open_labels(truth).read()
    one, wide = tmp_path / "one.tif", tmp_path / "wide.tif"
    tifffile.imwrite(one, codes[3])
    tifffile.imwrite(wide, codes[:, :, :-1])
    how = ("--phases", "void=0,solid=1", *short)
    placed = keramos("quantify", labels, "--truth", one, "--slices", 3, *how, "--json", tmp_path / "placed.json")
    assert placed.status == 0
    written = json.loads((tmp_path / "quantities" / "quantities.json").read_text(encoding="utf-8"))["quantities"]
    assert json.loads((tmp_path / "placed.json").read_text(encoding="utf-8"))["quantities"] == written
    assert "say which it is with --slices" in keramos("quantify", labels, "--truth", one, *how).complaint
    assert "nothing says which pixel" in keramos("quantify", labels, "--truth", wide, *how).complaint
    assert (
        "--realizations: expected at least 2"
        in keramos("quantify", labels, "--truth", truth, "--realizations", 1).complaint
    )
    assert "--slices: expected only with a truth" in keramos("quantify", labels, "--slices", 3, *short).complaint
