"""A model meets a stack of other voxels: refused, and resampled when told."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from keramos.apps.cli.main import run
from keramos.io import open_labels


@pytest.fixture(scope="module")
def finer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The default material, every pixel half as large."""
    out = tmp_path_factory.mktemp("finer")
    shape, size = ("4", "128", "160"), ("20", "13.2", "10.4")
    assert run(["phantom", "--out", str(out), "--shape", *shape, "--voxel-size", *size, "--severity", "0.3"]) == 0
    return out


def test_refused_with_the_way_out(finer: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "s.ome.zarr"
    assert run(["segment", str(finer / "images.ome.zarr"), "--model", "porous-solid", "--out", str(out)]) == 2
    assert "--resample" in capsys.readouterr().err
    assert not out.exists()


def test_resampled_when_told(finer: Path, tmp_path: Path) -> None:
    out, scores = tmp_path / "s.ome.zarr", tmp_path / "scores.json"
    images, truth = str(finer / "images.ome.zarr"), str(finer / "truth-as-imaged.ome.zarr")
    assert run(["segment", images, "--model", "porous-solid", "--resample", "--out", str(out)]) == 0
    found = open_labels(out)
    assert found.shape == (4, 128, 160)
    assert found.provenance.steps[-1].parameters["resampled_to_nm"] == pytest.approx([20, 26.4, 20.8])
    assert run(["evaluate", str(out), truth, "--json", str(scores)]) == 0
    assert json.loads(scores.read_text())["phases"]["solid"]["iou"] > 0.93
