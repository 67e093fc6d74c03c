"""A page on one sample of labels of other software, with and without its images."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos.core.errors import ShapeError
from keramos.core.progress import Reporter
from keramos.io import open_volume
from keramos.project.named_labels import open_named_labels
from keramos.project.reporting import ReportOptions, gather
from keramos.settings.reading import ReadOptions

READING = ReadOptions(phases="pore=0,grain=9", voxel_size=(20, 10, 10))


@pytest.fixture
def mask(tmp_path: Path) -> Path:
    """mask.tif: pores of 0 in the first six rows, of which there are 24, and grains of 9."""
    codes = np.full((6, 24, 24), 9, np.uint8)
    codes[:, :6] = 0
    tifffile.imwrite(tmp_path / "mask.tif", codes)
    return tmp_path / "mask.tif"


def test_labels_alone_have_numbers_and_pictures_of_their_phases(mask: Path) -> None:
    content = gather(mask, ReportOptions(reading=READING), Reporter())
    assert content.measurements is not None
    assert content.measurements.find("phase-fraction", "grain").value == pytest.approx(0.75)
    assert not content.has_images
    assert content.voxel_size == READING.voxel_size
    painted, codes = content.volume.read(), content.methods[0].labels.read()
    assert len({(int(grey), int(code)) for grey, code in zip(painted.ravel(), codes.ravel(), strict=True)}) == 2
    assert "labelled as pore and grain" in content.methods_text


def test_labels_stand_over_their_images_and_are_scored_against_a_truth(mask: Path, tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "grey.tif", np.arange(6 * 24 * 24, dtype=np.uint16).reshape(6, 24, 24))
    images = open_volume(tmp_path / "grey.tif")
    truth = open_named_labels(mask, READING, Reporter())
    content = gather(mask, ReportOptions(images, truth, reading=READING), Reporter())
    assert content.has_images
    assert content.volume is images
    assert content.scored[0].evaluation is not None
    assert content.scored[0].evaluation.positive_scores.iou == 1
    tifffile.imwrite(tmp_path / "small.tif", np.zeros((6, 24, 20), np.uint8))
    with pytest.raises(ShapeError):
        gather(mask, ReportOptions(open_volume(tmp_path / "small.tif"), reading=READING), Reporter())


def test_the_command_writes_the_page_and_says_what_it_cannot_show(
    mask: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, keramos: Callable[..., Any]
) -> None:
    monkeypatch.chdir(tmp_path)
    told = keramos("report", "mask.tif", "--phases", "pore=0,grain=9", "--voxel-size", 20, 10, 10)
    assert told.status == 0
    page = Path("report.html").read_text(encoding="utf-8")
    for name in ("surface", "slices", "microstructure", "methods"):
        assert f'<section id="{name}">' in page
    assert "Image and labels" not in page
    assert "Time taken" not in page
