"""A model meets a stack of other voxels: refused, and resampled when told."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from doubles import Notes

import keramos as package
from keramos.apps.cli.main import run
from keramos.core import NOT_ANNOTATED, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import VoxelSizeError
from keramos.io import open_labels
from keramos.learning import collect_annotated
from keramos.project.assist import training_slices
from keramos.project.verbs.train import _put_on_grid
from keramos.simulation import make_phantom


@pytest.fixture(scope="module")
def finer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default material, every pixel half as large."""
    out = tmp_path_factory.mktemp("finer")
    shape, size = ("4", "128", "160"), ("20", "13.2", "10.4")
    assert run(["phantom", "--out", str(out), "--shape", *shape, "--voxel-size", *size, "--severity", "0.3"]) == 0
    return out


def test_refused_with_the_way_out(finer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "s.ome.zarr"
    far = ("--voxel-size", "20", "3.9", "10.4")  # bundled weights are resampled unasked for 4 to 50 nm
    assert run(["segment", str(finer / "images.ome.zarr"), *far, "--model", "porous-solid", "--out", str(out)]) == 2
    assert "--resample" in capsys.readouterr().err
    assert not out.exists()


def read_parameters(labels: LabelVolume) -> Mapping[str, Any]:
    """Those of the step that segmented."""
    return next(step.parameters for step in labels.provenance.steps if step.verb == "segment")


def test_resampled_when_told(finer: Path, tmp_path: Path) -> None:
    out, scores = tmp_path / "s.ome.zarr", tmp_path / "scores.json"
    images, truth = str(finer / "images.ome.zarr"), str(finer / "truth-as-imaged.ome.zarr")
    assert run(["segment", images, "--model", "porous-solid", "--resample", "--out", str(out)]) == 0
    found = open_labels(out)
    assert found.shape == (4, 128, 160)
    assert read_parameters(found)["resampled_to_nm"] == [20, 18.48, 14.56]
    assert run(["evaluate", str(out), truth, "--json", str(scores)]) == 0
    assert json.loads(scores.read_text())["phases"]["solid"]["iou"] > 0.93


def test_two_files_of_labels_of_one_stack_are_both_resampled(monkeypatch: pytest.MonkeyPatch) -> None:
    grey = np.random.default_rng(0).integers(0, 255, (3, 40, 40), np.uint8)
    volume, phases = Volume.from_array(grey, VoxelSize(20, 13.2, 10.4)), PhaseTable.from_names(["void", "solid"])
    halves = np.full((2, 3, 40, 40), NOT_ANNOTATED, np.uint8)
    halves[0, 1, :20], halves[1, 1, 20:], halves[1, 2] = 0, 1, 1
    pairs = [(volume, LabelVolume.from_array(codes, phases, volume.voxel_size)) for codes in halves]
    data, notes = collect_annotated(pairs), Notes()
    grids = [VoxelSize(20, 26.4, 20.8)] * 2
    put = _put_on_grid(data, pairs, grids, 1, notes)
    assert [(one.z, *np.unique(one.codes).tolist()) for one in put.slices] == [(1, 0, 255), (1, 1, 255), (2, 1)]
    assert not notes.notes
    monkeypatch.setattr(training_slices, "_MOST_BYTES", 1)
    assert len(_put_on_grid(data, pairs, grids, 1, notes).slices) == 2
    assert "2 of 3 annotated slices" in notes.notes[0]


def test_bundled_weights_take_other_voxels_as_they_come_and_so_does_what_is_trained_from_them(tmp_path: Path) -> None:
    fine = make_phantom((2, 64, 80), voxel_size=VoxelSize(20, 13.2, 10.4), seed=3, severity=0.3)
    notes = Notes()
    bundled = package.segment(fine.images, "porous-solid", out=tmp_path / "b.ome.zarr", reporter=notes)
    assert any("resampled to 20 x 18.48 x 14.56 nm" in note for note in notes.notes)
    assert bundled.voxel_size == fine.images.voxel_size
    assert (bundled.read() == fine.truth.read()).mean() > 0.85
    codes = np.full(fine.truth.shape, NOT_ANNOTATED, np.uint8)
    codes[1] = fine.truth.read()[1]
    labels = LabelVolume.from_array(codes, fine.truth.phases, fine.truth.voxel_size)
    model = tmp_path / "m.keramos"
    options = {"from_": "porous-solid", "budget": 0.5, "batch": 2, "crop": 32, "device": "cpu"}
    fitted = package.train(fine.images, labels, out=model, **options, reporter=notes)
    assert any("images and labels are resampled" in note for note in notes.notes)
    assert fitted.card.voxel_size == VoxelSize(20, 18.48, 14.56)
    assert fitted.card.training.annotated_slices == ((1,),)
    own = package.segment(fine.images, model, out=tmp_path / "own.ome.zarr")
    assert own.shape == fine.truth.shape
    assert read_parameters(own)["resampled_to_nm"] == [20, 18.48, 14.56]
    other = make_phantom((2, 64, 80), voxel_size=VoxelSize(20, 13.2, 10.4), seed=4).images
    with pytest.raises(VoxelSizeError, match="give --resample"):
        package.segment(other, model, out=tmp_path / "other.ome.zarr")


def test_bundled_weights_take_voxels_near_their_own_as_they_are(tmp_path: Path) -> None:
    near = make_phantom((3, 64, 80), voxel_size=VoxelSize(24, 20, 25), seed=3, severity=0.3)
    notes = Notes()
    labels = package.segment(near.images, "porous-solid", out=tmp_path / "c.ome.zarr", reporter=notes)
    assert not any("resampled" in note for note in notes.notes)
    assert (labels.read() == near.shown.read()).mean() > 0.9
    far = make_phantom((3, 64, 80), voxel_size=VoxelSize(40, 49, 42), seed=3, severity=0.3)
    package.segment(far.images, "porous-solid", out=tmp_path / "f.ome.zarr", reporter=notes)
    assert any("resampled to 25 x 33 x 26 nm" in note for note in notes.notes)


def test_each_stack_is_put_on_the_grid_of_the_bundled_weights_by_its_own_voxels(tmp_path: Path) -> None:
    grey = np.random.default_rng(0).integers(0, 255, (2, 64, 64), np.uint8)
    sizes = [VoxelSize(20, 26.4, 20.8), VoxelSize(20, 13.2, 10.4), VoxelSize(20, 30, 24), VoxelSize(20, 23, 18)]
    stacks = [Volume.from_array(grey, size, f"stack {number}") for number, size in enumerate(sizes)]
    codes = np.full(grey.shape, NOT_ANNOTATED, np.uint8)
    codes[0] = grey[0] > 125
    labels = [LabelVolume.from_array(codes, PhaseTable.from_names(["void", "solid"]), size) for size in sizes]
    pairs = list(zip(stacks, labels, strict=True))
    size = sizes[0]
    put = _put_on_grid(collect_annotated(pairs, grid=size), pairs, [None, size, None, None], 1, Notes())
    assert [one.codes.shape for one in put.slices] == [(64, 64), (32, 32), (64, 64), (64, 64)]
    assert put.voxel_size == size
    notes = Notes()
    options = {"from_": "porous-solid", "budget": 0.2, "batch": 2, "crop": 32, "device": "cpu"}
    fitted = package.train(stacks, labels, out=tmp_path / "m.keramos", **options, reporter=notes)
    assert any("1 of 4 images and labels are resampled to 20 x 26.4 x 20.8 nm" in note for note in notes.notes)
    assert fitted.card.voxel_size == size
    far = Volume.from_array(grey, VoxelSize(20, 3, 3), "a far one")
    with pytest.raises(VoxelSizeError, match=r"20 x 3 x 3 nm \(z y x\) in a far one; leave it out"):
        package.train([*stacks, far], [*labels, labels[0]], out=tmp_path / "far.keramos", **options)
