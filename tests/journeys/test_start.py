"""`keramos start`: what a stack is, what is missing, and a recipe that runs."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

import keramos
from keramos.core import Finding
from keramos.project.recipe import read_recipe
from keramos.project.verbs.start import choose_slice


@pytest.fixture(scope="module")
def phantom(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A phantom without defects: aligned slices."""
    keramos.phantom(folder := tmp_path_factory.mktemp("phantom") / "p", shape=(8, 96, 96), severity=0, seed=1)
    return Path(folder)


@pytest.fixture
def stack(phantom: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The phantom as a TIFF that states no voxel size, and labels of one slice."""
    monkeypatch.chdir(tmp_path)
    tifffile.imwrite("stack.tif", keramos.open_volume(phantom / "images.ome.zarr").read())
    tifffile.imwrite("labels.tif", keramos.open_labels(phantom / "truth.ome.zarr").read()[2])
    return Path("stack.tif")


def test_what_is_missing_is_asked_for(stack: Path) -> None:
    looked = keramos.start(stack)
    assert looked.edges == (None, None, None)
    assert next(row.option for row in looked.missing) == "--voxel-size Z Y X"
    assert "an annotated slice" in [row.what for row in looked.missing]
    assert looked.path is None
    assert "# voxel_size" in looked.recipe


def test_one_thing_comes_first_and_what_only_matters_for_raw_slices_is_one_line(
    stack: Path, keramos: Callable[..., Any]
) -> None:
    Path("slices").mkdir()
    for z, pixels in enumerate(tifffile.imread(stack)):
        tifffile.imwrite(f"slices/{z:02}.tif", pixels)
    lines = keramos("start", "slices").out.splitlines()
    names = [line.split("  ")[0] for line in lines]
    assert [names.count(name) for name in ("first", "then", "not stated")] == [1, 1, 1]
    assert "--voxel-size Z Y X" in lines[names.index("first")]
    assert "--tilt DEGREES" in lines[names.index("not stated")]
    assert lines[-1].endswith("--voxel-size Z_NM Y_NM X_NM --out recipe.toml")
    given = keramos("start", stack, "--voxel-size", 20, 10, 10).out.splitlines()
    assert "an annotated slice" in next(line for line in given if line.startswith("first"))


def test_nothing_is_missing_where_all_is_given(stack: Path) -> None:
    looked = keramos.start(stack, labels="labels.tif", slices=[2], phases="void=0,solid=1", voxel_size=(20, 10, 10))
    assert looked.edges == (20, 10, 10)
    assert looked.missing == ()
    assert looked.steps == ("train", "segment", "quantify", "report")


def test_the_recipe_is_one_and_its_paths_lead_to_the_files(
    stack: Path, keramos: Callable[..., Any], tmp_path: Path
) -> None:
    given = ("--labels", "labels.tif", "--slices", "2", "--phases", "void=0,solid=1", "--voxel-size", "20", "10", "10")
    done = keramos("start", stack, *given, "--out", "recipes/mine.toml", "--json", "looked.json")
    assert done.status == 0
    recipe = read_recipe("recipes/mine.toml")
    assert (tmp_path / "recipes" / recipe.stack["images"]).resolve() == stack.resolve()
    assert recipe.stack["voxel_size"] == (20, 10, 10)
    assert recipe.table("train")["slices"] == [2]
    assert recipe.table("train")["phases"] == "void=0,solid=1"
    assert json.loads(Path("looked.json").read_text("utf-8"))["steps"][-1] == "report"
    assert done.out.splitlines()[-1].split()[1:] == ["keramos", "run", "recipes/mine.toml"]
    assert keramos("run", "recipes/mine.toml", "--dry-run").status == 0


def test_bundled_weights_segment_where_nothing_is_annotated(stack: Path) -> None:
    keramos.start(stack, voxel_size=(20, 10, 10), out="r.toml")
    recipe = read_recipe("r.toml")
    assert recipe.table("segment") == {"model": "porous-solid"}
    assert "train" not in recipe.tables


def test_voxels_that_the_bundled_weights_do_not_know_are_told(stack: Path) -> None:
    far = keramos.start(stack, voxel_size=(200, 100, 100))
    near = keramos.start(stack, voxel_size=(20, 10, 10))
    assert "weights for this voxel size" in [row.what for row in far.missing]
    assert "weights for this voxel size" not in [row.what for row in near.missing]


def test_raw_slices_are_prepared_and_labels_lie_on_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keramos.phantom("raw", raw="thermo", shape=(6, 96, 96), voxel_size=(20, 10, 10), seed=1)
    file = sorted(Path("raw").glob("*.tif"))[2]
    tifffile.imwrite("labels.tif", (tifffile.imread(file) > 100).astype(np.uint8))
    looked = keramos.start("raw", labels="labels.tif", slices=[2], phases="void=0,solid=1", out="r.toml")
    recipe = read_recipe("r.toml")
    assert looked.steps[:2] == ("prepare", "train")
    assert recipe.table("prepare")["slices"] == [2]
    assert "labels" not in recipe.table("train")
    assert "# slice_thickness" in looked.recipe  # the files do not state it
    assert "the distance of slices" in [row.what for row in looked.missing]


def test_a_slice_without_findings_is_to_be_annotated() -> None:
    doubts = [Finding("blank-slice", "seen", "effect", slices=(4, 5))]
    assert choose_slice(9, []) == 4
    assert choose_slice(9, doubts) == 3
    assert choose_slice(2, [Finding("blank-slice", "seen", "effect", slices=(0, 1))]) == 1


def test_labels_are_no_stack(phantom: Path, keramos: Callable[..., Any]) -> None:
    assert "keramos quantify measures labels" in keramos("start", phantom / "truth.ome.zarr").complaint


def test_a_file_that_is_no_recipe_is_not_replaced(stack: Path, keramos: Callable[..., Any]) -> None:
    Path("thesis.toml").write_text("mine = 1\n", encoding="utf-8")
    done = keramos("start", stack, "--out", "thesis.toml", "--fresh")
    assert done.status == 2
    assert Path("thesis.toml").read_text("utf-8") == "mine = 1\n"
