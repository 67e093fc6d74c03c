"""The authors' files, made by Keras in their layout, become Keramos' own; others are refused; nothing is run."""

from __future__ import annotations

import gzip
import json
import pickle
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import h5py
import numpy as np
import pytest
from doubles import Notes

from keramos import fetch, import_authors
from keramos.blocks import Block
from keramos.core import Box
from keramos.core.errors import FormatError, MissingFileError, StorageError
from keramos.io import open_labels, open_volume, read_authors_dataset
from keramos.networks import load_checkpoint
from keramos.networks.keras_unet import read_keras_unet
from keramos.segmenters import segmenter_of

FIXTURES = Path(__file__).parents[1] / "fixtures" / "keras"
UNET, DATASET = FIXTURES / "unet.h5", FIXTURES / "train_dataset.npy.gz"


def test_the_unet_gives_keras_outputs(tmp_path: Path) -> None:
    written = import_authors(UNET, tmp_path / "unet.keramos")
    checkpoint = load_checkpoint(tmp_path / "unet.keramos")
    assert written["settings"] == {"classes": 2, "width": 4}
    assert "CC BY-NC 4.0" in checkpoint.card.licence
    assert checkpoint.card.voxel_size_nm == (20, 26.4, 20.8)
    grey = np.random.RandomState(2024).random_sample((1, 64, 96)).astype(np.float32) * 255
    whole = Box.whole(grey.shape)
    scores = segmenter_of(checkpoint).scores(grey, Block(0, whole, whole))
    assert np.abs(scores[1, 0] - np.load(FIXTURES / "unet.npz")["output"]).max() < 1e-4


def test_the_dataset_becomes_images_and_labels(tmp_path: Path) -> None:
    written = import_authors(DATASET, tmp_path / "data")
    rng = np.random.RandomState(7)
    images = rng.randint(0, 256, (5, 32, 32, 1))[..., 0]
    solid = rng.random_sample((5, 32, 32, 1))[..., 0] < 0.6
    found, labels = open_volume(tmp_path / "data/images.ome.zarr"), open_labels(tmp_path / "data/labels.ome.zarr")
    assert np.array_equal(found.read(), images)
    assert np.array_equal(labels.read(), solid)
    assert labels.phases.names == ("void", "solid")
    assert found.voxel_size is None
    assert written["solid_fraction"] == pytest.approx(solid.mean())
    assert found.provenance.steps[0].verb == "import-authors"


def truncated(path: Path, source: Path) -> None:
    path.write_bytes(source.read_bytes()[: source.stat().st_size // 2])


def edited(change: Callable[[dict[str, Any]], None]) -> Callable[[Path, Path], None]:
    """A copy of the U-Net whose layers' JSON is changed."""

    def make(path: Path, source: Path) -> None:
        shutil.copy(source, path)
        with h5py.File(path, "r+") as file:
            config = json.loads(file.attrs["model_config"])
            change(config["config"])
            file.attrs["model_config"] = json.dumps(config)

    return make


def layer(config: dict[str, Any], kind: str) -> dict[str, Any]:
    found: dict[str, Any] = next(entry for entry in config["layers"] if entry["class_name"] == kind)
    return found


def with_lambda(config: dict[str, Any]) -> None:
    evil = {"class_name": "Lambda", "config": {"name": "evil", "function": ["4wEAAAA=", None, None]}}
    config["layers"].insert(3, evil)


def swapped(config: dict[str, Any]) -> None:
    joined = layer(config, "Concatenate")["inbound_nodes"][0]
    joined.reverse()


def other_weights(path: Path, source: Path) -> None:
    shutil.copy(source, path)
    with h5py.File(path, "r+") as file:
        group = file["model_weights"]
        name = next(n for n in group if "transpose" in n)
        inner = group[name].attrs["weight_names"][0]
        del group[name][inner]
        group[name][inner] = np.zeros((3, 3, 4, 8), np.float32)


def no_weights(path: Path, source: Path) -> None:
    shutil.copy(source, path)
    with h5py.File(path, "r+") as file:
        del file["model_weights"]


def text(path: Path, source: Path) -> None:
    path.write_text("not HDF5", encoding="utf-8")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (truncated, "truncated or other file"),
        (text, "truncated or other file"),
        (no_weights, "truncated or other file"),
        (other_weights, r"of shape \(3, 3, 4, 8\)"),
        (edited(with_lambda), "a layer of kind Lambda"),
        (edited(swapped), "joins the encoder's features before"),
        (edited(lambda c: layer(c, "Conv2D")["config"].update(padding="valid")), "with padding valid"),
        (edited(lambda c: layer(c, "BatchNormalization")["config"].update(epsilon=1e-5)), "with epsilon 1e-05"),
        (edited(lambda c: layer(c, "ReLU")["config"].update(max_value=6.0)), r"with max_value 6\.0"),
    ],
    ids=["cut", "text", "no weights", "other weights", "Lambda", "swapped", "valid", "epsilon", "ReLU6"],
)
def test_another_or_damaged_model_is_refused(make: Callable[[Path, Path], None], words: str, tmp_path: Path) -> None:
    make(tmp_path / "unet.h5", UNET)
    with pytest.raises(FormatError, match=words):
        read_keras_unet(tmp_path / "unet.h5")


def saved(array: np.ndarray) -> Callable[[Path], None]:
    def make(path: Path) -> None:
        with gzip.open(path, "wb") as file:
            np.save(file, array)

    return make


def claiming(shape: tuple[int, ...]) -> Callable[[Path], None]:
    """A file whose header says that it holds far more than it does."""

    def make(path: Path) -> None:
        with gzip.open(path, "wb") as file:
            np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})

    return make


class Evil:
    def __reduce__(self) -> tuple[Any, ...]:
        return (exec, ("raise SystemExit('ran')",))


def pickled(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        np.save(file, np.array([Evil()], dtype=object), allow_pickle=True)


def bare_pickle(path: Path) -> None:
    with gzip.open(path, "wb") as file:
        pickle.dump(Evil(), file)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda path: truncated(path, DATASET), "truncated or other file"),
        (lambda path: path.write_bytes(b"no gzip"), "truncated or other file"),
        (pickled, "truncated or other file"),
        (bare_pickle, "truncated or other file"),
        (saved(np.zeros((2, 5, 8, 8))), r"shape \(2, crops, y, x, 1\) .* found float64 of shape \(2, 5, 8, 8\)"),
        (saved(np.full((2, 5, 8, 8, 1), 255.0)), "images between 0 and 1 .* found 255 to 255"),
        (saved(np.full((2, 5, 8, 8, 1), np.nan)), "images between 0 and 1"),
        (saved(np.zeros((2, 0, 8, 8, 1))), "at least one pixel .* found 2 x 0 x 8 x 8 x 1"),
        (lambda path: path.write_bytes(gzip.compress(b"")), "truncated or other file"),
        (lambda path: path.write_bytes(b""), "truncated or other file"),
        (claiming((2, 100_000, 512, 512, 1)), "cannot hold them"),
        (claiming((2, -5, 8, 8, 1)), "at least one pixel|truncated or other"),
    ],
    ids=[
        *["cut", "text", "pickled", "bare pickle", "no third axis", "to 255", "NaN"],
        *["no crops", "nothing packed", "empty", "absurd shape", "negative"],
    ],
)
def test_another_or_damaged_dataset_is_refused(make: Callable[[Path], None], words: str, tmp_path: Path) -> None:
    make(tmp_path / "d.npy.gz")
    with pytest.raises(FormatError, match=words):
        read_authors_dataset(tmp_path / "d.npy.gz")


def test_a_wide_model_with_empty_data_sets_takes_no_memory(tmp_path: Path) -> None:
    """HDF5 gives zeros for numbers that are not in the file: a few kilobytes claimed gigabytes."""
    shutil.copy(UNET, tmp_path / "wide.h5")
    with h5py.File(tmp_path / "wide.h5", "r+") as file:
        group = file["model_weights"]
        name = next(name for name in group if name.startswith("conv2d") and "transpose" not in name)
        kernel = next(iter(group[name].attrs["weight_names"]))
        del group[name][kernel]
        group[name].create_dataset(kernel, (4, 4, 1, 2**22), "f4")
    with pytest.raises(FormatError, match="of which not all are in the file"):
        read_keras_unet(tmp_path / "wide.h5")


def test_what_is_neither_is_said(tmp_path: Path) -> None:
    with pytest.raises(FormatError, match=r"train_dataset\.npy\.gz or unet\.h5, found readme\.txt"):
        import_authors(tmp_path / "readme.txt", tmp_path / "m")
    with pytest.raises(MissingFileError, match="found nothing at"):
        import_authors(tmp_path / "unet.h5", tmp_path / "m")
    (tmp_path / "m.keramos").write_text("precious", encoding="utf-8")
    with pytest.raises(StorageError, match="already there"):
        import_authors(UNET, tmp_path / "m.keramos")


def test_without_a_connection_fetching_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pooch

    def offline(*_: object, **__: object) -> str:
        raise ConnectionError("no route to host")

    monkeypatch.setattr(pooch, "retrieve", offline)
    with pytest.raises(StorageError, match=r"download train_dataset\.npy\.gz .*no route to host"):
        fetch("authors", tmp_path)


def test_fetching_shows_the_licence_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import pooch

    listener = Notes()
    said = listener.notes

    def retrieve(url: str, known_hash: None, fname: str, path: Path) -> str:
        assert said, "before anything is downloaded"
        said.append(url)
        return str(path / fname)

    monkeypatch.setattr(pooch, "retrieve", retrieve)
    files = fetch("authors", tmp_path, reporter=listener)
    assert [file.name for file in files] == ["train_dataset.npy.gz", "unet.h5"]
    assert "CC BY-NC 4.0" in said[0]
    assert said[1].endswith("/raw/main/dataset/train_dataset/train_dataset.npy.gz")
