"""nnU-Net data sets: what is written is what was there, read back as nnU-Net reads it."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import tifffile
from doubles import Notes
from numpy.typing import NDArray

from keramos.core import Box, LabelVolume, PhaseTable, Volume, VoxelSize
from keramos.core.errors import LabelError, SettingsError, ShapeError, StorageError, VoxelSizeError
from keramos.writers.nnunet import NNUNET
from keramos.writers.nnunet.runs import list_annotated_slices, runs_of
from keramos.writers.nnunet.settings import NnunetSettings

PHASES = PhaseTable.from_names(["void", "ceria", "nickel"])
SIZE = VoxelSize(20, 26.4, 20.8)
Pair = tuple[Volume, LabelVolume]


def pair(annotated: dict[int, float], depth: int = 12, dtype: type = np.uint16, size: VoxelSize | None = SIZE) -> Pair:
    """A stack in which some slices are annotated, each to a share of its voxels."""
    rng = np.random.default_rng(0)
    grey = rng.integers(0, 200, (depth, 9, 7)).astype(dtype)
    codes = np.full(grey.shape, 255, np.uint8)
    for z, share in annotated.items():
        drawn = rng.integers(0, 3, (9, 7))
        codes[z] = np.where(rng.random((9, 7)) < share, drawn, 255)
    return Volume.from_array(grey, size, "a/stack.tif"), LabelVolume.from_array(codes, PHASES, None, "a/labels.tif")


def read_as_nnunet(folder: Path, case: str) -> tuple[NDArray[np.float32], NDArray[np.float32], list[float]]:
    """Image, segmentation and spacing of a case; by tifffile and the JSON beside the TIFF, as its Tiff3DIO does."""
    image = tifffile.imread(folder / "imagesTr" / f"{case}_0000.tif")
    labels = tifffile.imread(folder / "labelsTr" / f"{case}.tif")
    spacings = [
        json.loads((folder / room / f"{case}.json").read_text())["spacing"] for room in ("imagesTr", "labelsTr")
    ]
    assert image.ndim == labels.ndim == 3
    assert spacings[0] == spacings[1]
    return image, labels, spacings[0]


def dataset(folder: Path) -> dict:
    return json.loads((folder / "dataset.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.float32])
def test_what_is_written_is_what_was_there(tmp_path: Path, dtype: type) -> None:
    volume, labels = pair({2: 0.5, 3: 1.0, 7: 1.0}, dtype=dtype)
    folder = NNUNET.export([(volume, labels)], tmp_path, NnunetSettings(name="Anode", number=42))
    assert folder == tmp_path / "Dataset042_Anode"
    facts = dataset(folder)
    assert facts["labels"] == {"background": 0, "ceria": 1, "nickel": 2, "ignore": 3}
    assert facts["channel_names"] == {"0": "FIB-SEM"}
    assert facts["file_ending"] == ".tif"
    assert facts["numTraining"] == 2
    for case, (start, stop) in {"Anode_000": (2, 4), "Anode_001": (7, 8)}.items():
        image, codes, spacing = read_as_nnunet(folder, case)
        box = Box((start, 0, 0), (stop, 9, 7))
        assert image.dtype == dtype
        np.testing.assert_array_equal(image, volume.read(box))
        expected = labels.read(box)
        assert set(np.unique(codes)) <= {0, 1, 2, 3}
        np.testing.assert_array_equal(np.where(codes == 3, 255, codes), expected)
        assert spacing == [20, 26.4, 20.8]
        assert facts["keramos"]["cases"][case] == {"images": "stack.tif", "slices": [start, stop]}
    assert [path.name for path in tmp_path.iterdir()] == ["Dataset042_Anode"]


def test_the_ignore_label_is_the_highest_and_declared_only_where_it_occurs(tmp_path: Path) -> None:
    full = pair(dict.fromkeys(range(12), 1.0))
    labels = dataset(NNUNET.export([full], tmp_path))["labels"]
    assert labels == {"background": 0, "ceria": 1, "nickel": 2}
    context = dataset(NNUNET.export([pair({5: 1.0})], tmp_path, NnunetSettings(number=501, context=1)))["labels"]
    assert context["ignore"] == max(context.values()) == 3


def test_context_is_written_and_ignored(tmp_path: Path) -> None:
    volume, labels = pair({1: 1.0, 5: 1.0, 11: 1.0})
    folder = NNUNET.export([(volume, labels)], tmp_path, NnunetSettings(context=2))
    assert [case["slices"] for case in dataset(folder)["keramos"]["cases"].values()] == [[0, 8], [9, 12]]
    image, codes, _ = read_as_nnunet(folder, "Keramos_000")
    np.testing.assert_array_equal(image, volume.read()[:8])
    assert [z for z in range(8) if (codes[z] != 3).any()] == [1, 5]


def test_several_stacks_and_one_without_annotations(tmp_path: Path) -> None:
    notes = Notes()
    pairs = [pair({0: 1.0}), pair({}), pair(dict.fromkeys(range(4), 1.0), depth=4)]
    folder = NNUNET.export(pairs, tmp_path, reporter=notes)
    assert dataset(folder)["numTraining"] == 2
    assert len(list((folder / "imagesTr").glob("*.tif"))) == len(list((folder / "labelsTr").glob("*.tif"))) == 2
    assert "nothing is annotated, it is left out" in notes.notes[0]
    assert "too few for nnU-Net's 5 folds" in notes.notes[1]


def test_a_region_says_its_slices_as_the_file_counts_them(tmp_path: Path) -> None:
    box = Box((3, 2, 1), (9, 9, 7))
    volume, labels = (one.crop(box) for one in pair({4: 1.0}))
    folder = NNUNET.export([(volume, labels)], tmp_path)
    assert dataset(folder)["keramos"]["cases"]["Keramos_000"]["slices"] == [4, 5]
    np.testing.assert_array_equal(read_as_nnunet(folder, "Keramos_000")[0][0], volume.read()[1])


def test_what_does_not_fit_is_refused(tmp_path: Path) -> None:
    volume, labels = pair({1: 1.0})
    with pytest.raises(LabelError, match=r"expected annotated voxels, found none in a/labels\.tif"):
        NNUNET.export([pair({})], tmp_path)
    with pytest.raises(VoxelSizeError, match="--voxel-size"):
        NNUNET.export([pair({1: 1.0}, size=None)], tmp_path)
    with pytest.raises(ShapeError, match="image's shape"):
        NNUNET.export([(volume.crop(Box((0, 0, 0), (12, 9, 6))), labels)], tmp_path)
    other = LabelVolume.from_array(labels.read(), PhaseTable.from_names(["void", "solid"]), SIZE)
    with pytest.raises(LabelError, match="same phases in all labels"):
        NNUNET.export([(volume, labels), (volume, other)], tmp_path)
    for names in (["void", "background"], ["ignore", "solid"]):
        reserved = LabelVolume.from_array(labels.read() % 2, PhaseTable.from_names(names), SIZE)
        with pytest.raises(LabelError, match="mean something to nnU-Net"):
            NNUNET.export([(volume, reserved)], tmp_path)
    assert not list(tmp_path.iterdir())


def test_what_is_there_is_replaced_only_if_it_is_ours(tmp_path: Path) -> None:
    folder = NNUNET.export([pair({1: 1.0, 3: 1.0})], tmp_path)
    with pytest.raises(StorageError, match="--fresh"):
        NNUNET.export([pair({1: 1.0})], tmp_path)
    with pytest.raises(StorageError, match="no other data set of the number 500"):
        NNUNET.export([pair({1: 1.0})], tmp_path, NnunetSettings(name="Other"), fresh=True)
    NNUNET.export([pair({1: 1.0})], tmp_path, fresh=True)
    assert dataset(folder)["numTraining"] == 1
    assert len(list((folder / "imagesTr").iterdir())) == 2
    assert [path.name for path in tmp_path.iterdir()] == [folder.name]
    (folder / "dataset.json").write_text('{"labels": {}}', encoding="utf-8")
    with pytest.raises(StorageError, match="something else"):
        NNUNET.export([pair({1: 1.0})], tmp_path, fresh=True)


@pytest.mark.parametrize(
    "settings", [{"name": "my data"}, {"name": ""}, {"number": 0}, {"number": 1000}, {"context": -1}]
)
def test_names_and_numbers_that_nnunet_does_not_allow(settings: dict) -> None:
    with pytest.raises(SettingsError, match="found"):
        NnunetSettings(**settings)


@pytest.mark.parametrize(
    ("context", "expected"),
    [
        (0, [(0, 1), (3, 5), (8, 9)]),
        (1, [(0, 6), (7, 10)]),
        (2, [(0, 10)]),
        (9, [(0, 10)]),
    ],
)
def test_runs_that_touch_are_one(context: int, expected: list[tuple[int, int]]) -> None:
    assert runs_of([0, 3, 4, 8], 10, context) == expected


def test_annotated_slices_and_none() -> None:
    assert list_annotated_slices(pair({2: 0.1, 9: 1.0})[1]) == [2, 9]
    assert runs_of([], 10) == []
