"""The images of several detectors in one folder are refused, and those of one are read when asked for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos.core.errors import MissingFileError, OptionError
from keramos.core.progress import Reporter
from keramos.io import open_volume, read_acquisition
from keramos.project.preparing.raw import open_raw
from keramos.project.verbs.check import check
from keramos.settings.check import CheckSettings
from keramos.settings.prepare import PrepareSettings

PIXELS = np.random.default_rng(4).integers(0, 255, (8, 20, 17), dtype=np.uint8)


def write(path: Path, z: int, detector: str | None = None) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    text = f"[Detectors]\r\nName={detector}\r\n".encode()
    extra: Any = [] if detector is None else [(34682, 2, len(text), text, True)]
    tifffile.imwrite(path, PIXELS[z], metadata=None, extratags=extra)


NAMES = [("s_{z:02}_{d}.tif", "TLD", "ICD"), ("{d}_{z}.tif", "SE2", "ESB"), ("s_{z:02}_{d}.tif", "ch00", "ch01")]


@pytest.mark.parametrize(("pattern", "one", "other"), NAMES)
def test_by_the_names_of_files(tmp_path: Path, pattern: str, one: str, other: str) -> None:
    for z in range(8):
        write(tmp_path / pattern.format(z=z, d=one), z)
        write(tmp_path / pattern.format(z=z, d=other), 7 - z)
    (finding,) = [row for row in open_volume(tmp_path).findings if row.severity == "fatal"]
    assert f"--detector {one}" in finding.advice
    assert f"--detector {other}" in finding.advice
    volume = open_volume(tmp_path, detector=other.lower())
    assert volume.shape == (8, 20, 17)
    assert not [row for row in volume.findings if row.kind == "mixed-series"]
    np.testing.assert_array_equal(volume.read(), PIXELS[::-1])
    with pytest.raises(OptionError, match=f"expected .*{other}.*, got 'ETD'"):
        open_volume(tmp_path, detector="ETD")
    checked = check.run(CheckSettings(images=tmp_path, detector=one), Reporter())
    np.testing.assert_array_equal(checked.images.read(), PIXELS)


def test_by_what_the_files_state(tmp_path: Path) -> None:
    for z in range(8):
        write(tmp_path / f"image_{z:03}.tif", z, ("TLD", "ICD")[z % 2])
    (finding,) = [row for row in open_volume(tmp_path).findings if row.severity == "fatal"]
    assert (finding.kind, "--detector TLD" in finding.advice) == ("mixed-series", True)
    np.testing.assert_array_equal(open_volume(tmp_path, detector="icd").read(), PIXELS[1::2])
    np.testing.assert_array_equal(open_volume(f"{tmp_path}/image_*.tif", detector="TLD").read(), PIXELS[::2])
    assert read_acquisition(tmp_path, detector="ICD").value("detector") == "ICD"
    raw = open_raw(PrepareSettings(raw=tmp_path, detector="TLD", bar=0), Reporter())
    assert (raw.volume.shape[0], raw.stated.value("detector")) == (4, "TLD")
    assert open_volume(tmp_path / "image_000.tif", detector="TLD").shape == (1, 20, 17)
    with pytest.raises(OptionError, match=r"expected TLD, .* got 'ICD'"):
        open_volume(tmp_path / "image_000.tif", detector="ICD")


def test_one_slice_by_another_detector_is_no_second_series(tmp_path: Path) -> None:
    for z in range(8):
        write(tmp_path / f"image_{z:03}.tif", z, "ICD" if z == 5 else "TLD")
    (finding,) = open_volume(tmp_path).findings
    assert (finding.kind, finding.severity, finding.slices) == ("changed-settings", "warning", (5, 6))


def test_a_folder_for_each_detector(tmp_path: Path) -> None:
    for z in range(8):
        write(tmp_path / "ESB" / f"s_{z}.tif", z)
        write(tmp_path / "SE2" / f"s_{z}.tif", z)
    with pytest.raises(MissingFileError, match="in the folders ESB, SE2 there; give one of these, or --detector ESB"):
        open_volume(tmp_path)
    assert open_volume(tmp_path, detector="se2").shape == (8, 20, 17)
    with pytest.raises(OptionError, match="expected ESB or SE2"):
        open_volume(tmp_path, detector="TLD")


def test_files_that_tell_of_no_detector(tmp_path: Path) -> None:
    for z in range(4):
        write(tmp_path / f"s_{z}.tif", z)
    with pytest.raises(OptionError, match="neither names nor metadata"):
        open_volume(tmp_path, detector="TLD")
