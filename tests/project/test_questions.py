"""What `info` says of raw slices: each fact with its source in plain words, and what is asked for, with the option."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
import tifffile

from keramos.apps.cli.main import run
from keramos.core.progress import Reporter
from keramos.project.questions import list_questions
from keramos.project.verbs.info import info
from keramos.settings.others import InfoSettings

TEXT = b"""[Beam]\r\nBeam=EBeam\r\nScan=EScan\r\n[EBeam]\r\nTiltCorrectionIsOn=yes\r\nTiltCorrectionAngle=-0.663225
[EScan]\r\nPixelWidth=5e-9\r\nPixelHeight=6.34509e-9\r\nDwell=3e-6\r\n[Detectors]\r\nName=TLD\r\n"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for z in range(3):
        extra = [(34682, 2, len(TEXT), TEXT, True)]
        tifffile.imwrite(tmp_path / f"s_{z}.tif", np.full((9, 7), z, np.uint8), metadata=None, extratags=extra)
    return tmp_path


def test_info_lists_facts_and_what_is_asked_for(folder: Path) -> None:
    facts = info.run(InfoSettings(path=folder), Reporter())
    row = facts["acquisition"]["facts"]["dwell_us"]
    assert row == {"value": 3.0, "source": "tag 34682 EScan.Dwell"}
    asked = {row["what"]: row["option"] for row in facts["asked_for"]}
    assert next(iter(asked.values())).endswith("--slice-thickness NM; elsewhere --voxel-size Z 6.34509 5")
    assert {"the order of cutting", "whether the field of view followed the face"} < set(asked)
    assert "the tilt of the view" not in asked


def test_info_says_it_in_plain_words(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["info", str(folder)]) == 0
    words = " ".join(capsys.readouterr().out.split())
    assert "pixel along y 6.34509 nm from tag 34682 EScan.PixelHeight" in words
    assert "image corrected for the tilt yes from tag 34682 EBeam.TiltCorrectionIsOn" in words
    assert "detector TLD from tag 34682 Detectors.Name" in words
    assert "not written the distance of slices: keramos prepare --slice-thickness NM" in words


def test_images_that_are_not_corrected_are_asked_about() -> None:
    edges = {"voxel_size_z_nm": 20, "voxel_size_y_nm": 5, "voxel_size_x_nm": 5, "tilt_corrected": False}
    assert any("Y = 5 / sin θ" in one.option for one in list_questions(edges))
    assert any("20 Y 5 with Y = 6.18034" in one.option for one in list_questions({**edges, "columns_deg": 54}))
    assert not any("with Y" in one.option for one in list_questions({**edges, "tilt_corrected": True}))


def test_a_volume_that_no_microscope_wrote_is_not_asked_about(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", np.zeros((3, 9, 7), np.uint8))
    assert info.run(InfoSettings(path=tmp_path / "a.tif"), Reporter())["asked_for"] == []
