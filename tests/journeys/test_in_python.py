"""Mistakes in Python are told in its own words, and options count for what is open already, too."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import keramos
from keramos.core.errors import SettingsError, StorageError

GREY = np.where(np.random.default_rng(0).random((4, 40, 40)) < 0.4, 60, 160).astype(np.uint8)


def test_options_of_reading_count_for_open_volumes(tmp_path: Path) -> None:
    volume = keramos.Volume.from_array(GREY, (30, 20, 10))
    labels = keramos.segment(volume, "otsu", out=tmp_path / "o.ome.zarr", box="1:4,0:30,0:40")
    assert labels.shape == (3, 30, 40)
    assert labels.voxel_size == keramos.VoxelSize(30, 20, 10)
    coarse = keramos.quantify(labels, transport=False, voxel_size=(300, 200, 100))
    fine = keramos.quantify(labels, transport=False)
    area = [found.find("specific-surface-area", "solid").value for found in (fine, coarse)]
    assert area[0] == pytest.approx(10 * area[1])


def test_a_region_is_scored_and_exported_of_open_labels_too(tmp_path: Path) -> None:
    phases = keramos.PhaseTable.from_names(["void", "solid"])
    truth = keramos.LabelVolume.from_array((GREY > 100).astype(np.uint8), phases, (30, 20, 10))
    wrong = np.array(truth.read())
    wrong[:, 20:] = 1 - wrong[:, 20:]
    prediction = keramos.LabelVolume.from_array(wrong, phases, (30, 20, 10))
    assert keramos.evaluate(prediction, truth, box="0:4,0:20,0:40").accuracy == 1
    assert keramos.evaluate(prediction, truth, box="0:4,20:40,0:40").accuracy == 0
    assert keramos.evaluate(prediction, truth).accuracy == 0.5
    written = keramos.export(prediction, tmp_path / "part.tif", box="1:3,0:20,5:40", voxel_size=(3, 2, 1))
    with pytest.raises(SettingsError, match="phases: expected only for files"):
        keramos.export(prediction, tmp_path / "other.tif", phases="void=0,solid=1")
    part = keramos.open_labels(written, phases="void=0,solid=1")
    np.testing.assert_array_equal(part.read(), wrong[1:3, :20, 5:])
    assert part.voxel_size == keramos.VoxelSize(3, 2, 1)


def test_mistakes(tmp_path: Path) -> None:
    with pytest.raises(TypeError, match="train has no option budgt; did you mean budget"):
        keramos.train("a", "b", budgt=5, out="m")
    with pytest.raises(TypeError, match="segment needs model, found only modl, out"):
        keramos.segment("a", modl="otsu", out="o")
    with pytest.raises(SettingsError, match="voxel_size: expected three numbers in nm, z y x, found 15"):
        keramos.segment("a", "otsu", out="o", voxel_size=15)
    for call in (
        lambda: keramos.segment(GREY, "otsu", out=tmp_path / "o.ome.zarr"),
        lambda: keramos.train(GREY, GREY, out=tmp_path / "m.keramos"),
    ):
        with pytest.raises(SettingsError, match=r"keramos\.Volume\.from_array"):
            call()
    with pytest.raises(SettingsError, match="out: expected a path, found an empty text"):
        keramos.phantom("")


def test_a_phantom_larger_than_the_disk_is_refused_at_once(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match="GiB are free"):
        keramos.phantom(tmp_path / "p", shape=(999_999, 99_999, 99_999))
    assert not (tmp_path / "p").exists()


def test_help_lists_the_options() -> None:
    text = keramos.train.__doc__ or ""
    assert "budget: Training time in seconds" in text
    assert "voxel_size: Voxel size in nm" in text
