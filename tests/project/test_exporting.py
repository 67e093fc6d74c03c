"""Exports by target: what each writes, which options it knows, what it leaves alone."""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import tifffile

from keramos import export
from keramos.core import VOID_SOLID, Box, LabelVolume, Volume, VoxelSize
from keramos.core.errors import MissingPackageError, SettingsError, StorageError
from keramos.networks import Checkpoint, Normalisation, save_checkpoint

Model = Callable[..., Checkpoint]


@pytest.fixture
def model(small_model: Model, tmp_path: Path) -> Path:
    checkpoint = small_model("compact")
    save_checkpoint(tmp_path / "model.keramos", checkpoint.card, checkpoint.weights)
    return tmp_path / "model.keramos"


def test_a_file_that_is_there_stays_without_fresh(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("keramos.networks.onnx_bytes", lambda *_: b"\x08\x08\x12\x07keramos new")
    out = model.with_name("model.onnx")
    out.write_bytes(b"\x08\x08\x12\x07keramos old")
    with pytest.raises(StorageError, match="--fresh"):
        export(model, out, to="onnx")
    assert out.read_bytes().endswith(b"old")
    assert export(model, out, to="onnx", fresh=True) == out
    assert out.read_bytes().endswith(b"new")
    assert sorted(path.name for path in out.parent.iterdir()) == ["model.keramos", "model.onnx"]
    with pytest.raises(StorageError, match="another place than what is read"):
        export(model, model, to="onnx", fresh=True)


def test_a_model_that_adapts_gets_the_grey_level_of_the_images(
    small_model: Model, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    checkpoint = small_model("compact-7")
    free = Normalisation(mean=1, std=2, scope="stack")
    adapting = replace(checkpoint, card=checkpoint.card.model_copy(update={"normalisation": free}))
    save_checkpoint(tmp_path / "m.keramos", adapting.card, adapting.weights)
    written = []
    monkeypatch.setattr("keramos.networks.onnx_bytes", lambda c, *_: written.append(c.card) or b"")
    with pytest.raises(SettingsError, match="takes its grey level from each stack, found none; give it with --images"):
        export(tmp_path / "m.keramos", tmp_path / "m.onnx", to="onnx")
    grey = np.random.default_rng(0).normal(700, 90, (9, 20, 20)).astype(np.float32)
    images = Volume.from_array(grey)
    export(tmp_path / "m.keramos", tmp_path / "m.onnx", to="onnx", images=images)
    constants = written[0].normalisation
    assert (constants.mean, constants.std) == pytest.approx((grey.mean(), grey.std()), rel=1e-5)
    assert written[0].training.grey_range is None
    save_checkpoint(tmp_path / "m.keramos", checkpoint.card, checkpoint.weights)
    with pytest.raises(SettingsError, match="--images only for a model"):
        export(tmp_path / "m.keramos", tmp_path / "n.onnx", to="onnx", images=images)


@pytest.mark.parametrize("to", ["onnx", "bioimageio"])
def test_thresholds_are_refused_in_one_sentence(to: str, model: Path, small_model: Model) -> None:
    for name in ("otsu", "sauvola"):
        card = small_model("compact").card.model_copy(update={"architecture": name})
        save_checkpoint(model, card, {})
        with pytest.raises(
            SettingsError, match=rf"a network for --to {to}, found {name}, which has none, in .*keramos"
        ):
            export(model, model.with_name("out.zip"), to=to)
    assert [path.name for path in model.parent.iterdir()] == ["model.keramos"]


def test_a_missing_package_is_said_before_any_work(model: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "bioimageio.spec.model.v0_5", None)
    with pytest.raises(MissingPackageError, match=r"pip install \"keramos\[export\]\""):
        export(model, model.with_name("m.zip"), to="bioimageio")
    assert [path.name for path in model.parent.iterdir()] == ["model.keramos"]


def test_a_region_of_open_stacks_becomes_a_data_set(tmp_path: Path) -> None:
    """Slices are numbered as in the file, also where only a region of it is used."""
    codes = (np.indices((6, 5, 6)).sum(axis=0) % 2).astype(np.uint8)
    box = Box((2, 0, 0), (6, 5, 6))
    volume = Volume.from_array(100 + codes, VoxelSize(1, 2, 3)).crop(box)
    labels = LabelVolume.from_array(codes, VOID_SOLID).crop(box)
    folder = export(volume, tmp_path, to="nnunet", labels=labels, slices=(3, 5), name="Two", number=7)
    assert folder == tmp_path / "Dataset007_Two"
    for number, z in enumerate((3, 5)):
        np.testing.assert_array_equal(
            tifffile.imread(folder / "imagesTr" / f"Two_{number:03d}_0000.tif"), 100 + codes[[z]]
        )
        np.testing.assert_array_equal(tifffile.imread(folder / "labelsTr" / f"Two_{number:03d}.tif"), codes[[z]])


@pytest.mark.parametrize(
    ("to", "settings", "words"),
    [
        ("tiff", {"name": "a"}, "--name only with --to bioimageio or nnunet"),
        ("onnx", {"context": 2}, "--context only with --to nnunet"),
        ("nnunet", {"authors": ("A",)}, "--authors only with --to bioimageio"),
    ],
)
def test_options_of_another_target_are_refused(to: str, settings: dict, words: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=words):
        export(tmp_path / "a", tmp_path / "b", to=to, **settings)


def test_open_labels_are_exported_as_those_of_a_file(tmp_path: Path) -> None:
    codes = np.random.default_rng(0).integers(0, 2, (8, 9, 10)).astype(np.uint8)
    labels = LabelVolume.from_array(codes, VOID_SOLID, VoxelSize(20, 26.4, 20.8))
    for to, name in (("tiff", "a.tif"), ("vti", "a.vti"), ("mesh", "a.stl")):
        assert export(labels, tmp_path / name, to=to).stat().st_size > codes.size
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "a.tif"), codes)
    # A file of any software holds labels where the phases are said.
    tifffile.imwrite(tmp_path / "plain.tif", np.where(codes, 255, 0).astype(np.uint8))
    size = VoxelSize(20, 26.4, 20.8)
    export(tmp_path / "plain.tif", tmp_path / "b.tif", to="tiff", voxel_size=size, phases="void=0,solid=255")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "b.tif"), codes)
    with pytest.raises(SettingsError, match="expected a model file"):
        export(labels, tmp_path / "a.onnx", to="onnx")
