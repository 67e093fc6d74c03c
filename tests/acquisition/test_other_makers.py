"""Facts in files of further makers, built byte for byte as their microscopes lay them out."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile
from PIL import Image

from keramos.acquisition import Acquisition
from keramos.io import describe, open_volume, read_acquisition

PIXELS = np.random.default_rng(4).integers(0, 255, (3, 14, 9), dtype=np.uint8)

TESCAN = """AccFrames=1\r
Date=2016-05-16\r
Device={device}\r
ImageStripSize=4\r
Magnification=108.08\r
PixelSizeX=2.5012e-9\r
PixelSizeY=3.1e-9\r
TagRevision=2\r
Time=16:03:2{z}\r
Detector=SE\r
DwellTime=3.2000e-6\r
HV=10.0000e3\r
PredictedBeamCurrent=264.366291318e-12\r
ScanRotation=180.0\r
StageTilt=55.0\r
StageX=5.1572e-3\r
StageY=6.0938e-3\r
StageZ=83.566e-3\r
TiltCorrection={tilt}\r
WD=13.250e-3"""


def write_tiff(path: Path, pixels: Any, tag: int | None = None, text: bytes = b"", **more: Any) -> None:
    extra = [] if tag is None else [(tag, 7, len(text), text, True)]
    tifffile.imwrite(path, pixels, metadata=None, extratags=extra, **more)


def values(acquisition: Acquisition) -> dict[str, Any]:
    return {name: fact.value for name, fact in acquisition.facts.items()}


@pytest.mark.parametrize("name", ["tag", ".hdr", "-tif.hdr"])
def test_tescan_in_the_tag_behind_a_thumbnail_and_beside_the_image(tmp_path: Path, name: str) -> None:
    thumbnail = b"\xff\x4f\xff\x51" + bytes(range(256)) + b"\xff\xd9"
    for z in range(3):
        text, path = TESCAN.format(z=z, device="MIRA3 XMU", tilt="35.0"), tmp_path / f"s_{z}.tif"
        if name == "tag":
            size, *others = sorted(text.splitlines(), key=lambda line: not line.startswith("PixelSizeX"))
            text = "\r\n".join([size, *others])
            write_tiff(path, PIXELS[z], 50431, thumbnail + b"\0\1=x\0\0\xffA" + text.encode())
        else:
            write_tiff(path, PIXELS[z])
            parts = text.partition("Detector=")
            (tmp_path / f"s_{z}{name}").write_text(f"[MAIN]\n{parts[0]}[SEM]\nDetector={parts[2]}")
    stated = values(read_acquisition(tmp_path))
    assert (stated["voxel_size_y_nm"], stated["voxel_size_x_nm"]) == (3.1, 2.5012)
    assert (stated["tilt_corrected"], stated["tilt_deg"], stated["scan_rotation_deg"]) == (True, 35.0, 180.0)
    assert (stated["information_bar_rows"], stated["detector"], stated["instrument"]) == (4, "SE", "MIRA3 XMU")
    assert stated["dwell_us"] == pytest.approx(3.2)
    assert (stated["beam_voltage_kv"], stated["beam_current_na"]) == (10.0, 0.264366291)
    assert (stated["working_distance_mm"], stated["maker"]) == (13.25, "TESCAN")
    assert "columns_deg" not in stated, "the tilt of the stage is no angle between columns"
    assert not [one for one in open_volume(tmp_path).findings if one.kind == "unread-files"]
    view = open_volume(tmp_path).view
    assert view is not None
    assert (view.tilt_deg, view.cutting_order, view.scan_rotation_deg) == (35.0, "increasing", 180.0)


def test_tescan_that_corrected_no_tilt(tmp_path: Path) -> None:
    for z in range(3):
        write_tiff(tmp_path / f"s_{z}.tif", PIXELS[z], 50431, TESCAN.format(z=z, device="LYRA3", tilt="0.0").encode())
    acquisition = read_acquisition(tmp_path)
    assert acquisition.value("tilt_corrected") is False
    assert acquisition.value("tilt_deg") is None
    stretched, turned = acquisition.findings
    assert (stretched.kind, stretched.severity, turned.kind) == ("voxel-size", "warning", "scan-rotation")
    assert "1 / sin" in stretched.effect
    assert open_volume(tmp_path).view is None


HITACHI = """[SemImageFile]
InstructName=S-4800
Date=06/22/2010
Time=12:29:10 PM
DataSize={width}x10
PixelSize=9.921875
SignalName=SE(M)
AcceleratingVoltage=10000 Volt
Magnification=10000
WorkingDistance=8700 um
StagePositionT=52.0
"""
JEOL = """$CM_FORMAT JEOL-SEM
$CM_INSTRUMENT 7800F
$CM_DATE 2016/05/16
$CM_TIME 16:03:27
$CM_ACCEL_VOLT 5.00
$$SM_WD 9.07
$CM_MAG 50
$$SM_SCAN_ROTATION 0.00
$CM_DETECTOR LED
$CM_STAGE_POS 5.483 0.831 8.5 -0.0 52.0 0.000
$$SM_MICRON_MARKER 500nm
$CM_FULL_SIZE {width} 10
"""


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "utf-16-le", "latin-1"])
@pytest.mark.parametrize("suffix", [".tif", ".bmp", ".png"])
def test_hitachi_text_beside_the_image(tmp_path: Path, suffix: str, encoding: str) -> None:
    Image.fromarray(PIXELS[0]).save(tmp_path / f"a{suffix}")
    (tmp_path / "a.txt").write_text(HITACHI.format(width=9), encoding=encoding)
    facts = describe(tmp_path / f"a{suffix}")
    assert facts["voxel_size_nm"] == [None, 9.921875, 9.921875]
    assert facts["sources"]["x"] == "the .txt file PixelSize"
    assert facts["information_bar_rows"] == 4
    stated = values(read_acquisition(tmp_path / f"a{suffix}"))
    assert (stated["beam_voltage_kv"], stated["working_distance_mm"], stated["detector"]) == (10.0, 8.7, "SE(M)")


def test_jeol_scale_bar_over_its_pixels(tmp_path: Path) -> None:
    write_tiff(tmp_path / "a.tif", PIXELS[0], resolution=(254, 254), resolutionunit=2)
    (tmp_path / "a.txt").write_text(JEOL.format(width=9))
    assert describe(tmp_path / "a.tif")["voxel_size_nm"] is None, "the bar's pixels are not written"
    (tmp_path / "a.txt").write_text(JEOL.format(width=9) + "$$SM_MICRON_BAR 80\n")
    facts = describe(tmp_path / "a.tif")
    assert facts["voxel_size_nm"] == [None, 6.25, 6.25]
    assert (facts["information_bar_rows"], facts["scan_rotation_deg"]) == (4, 0.0)
    stated = values(read_acquisition(tmp_path / "a.tif"))
    assert (stated["beam_voltage_kv"], stated["working_distance_mm"], stated["instrument"]) == (5.0, 9.07, "7800F")


@pytest.mark.parametrize("text", [HITACHI.format(width=18), JEOL.format(width=18) + "$$SM_MICRON_BAR 80\n"])
def test_a_text_about_an_image_of_another_width_gives_no_size(tmp_path: Path, text: str) -> None:
    write_tiff(tmp_path / "a.tif", PIXELS[0])
    (tmp_path / "a.txt").write_text(text)
    facts = describe(tmp_path / "a.tif")
    assert (facts["voxel_size_nm"], facts["information_bar_rows"]) == (None, None)
    assert any("9 pixels wide, but 18" in row["message"] for row in facts["findings"])


def fibsem(**changes: Any) -> bytes:
    beam = {"voltage": 2000, "beam_current": 5e-11, "working_distance": 0.004, "shift": {"x": 0, "y": 1e-7}}
    content = {
        "image": {"beam_type": "ELECTRON", "resolution": [9, 14], "hfw": 9e-8, "dwell_time": 1e-06},
        "pixel_size": {"x": 1e-8, "y": 1.2e-8},
        "microscope_state": {
            "stage_position": {"x": 0.001, "y": 0.0, "z": 0.004, "t": 0.9},
            "electron_beam": {**beam, "scan_rotation": math.pi},
            "ion_beam": {**beam, "voltage": 30000},
            "electron_detector": {"type": "TLD"},
        },
        "system": {
            "electron": {"column_tilt": 0},
            "ion": {"column_tilt": 52},
            "info": {"manufacturer": "Thermo", "model": "Hydra"},
        },
    }
    return json.dumps({**content, **changes}).encode()


def test_openfibsem_json_in_the_description(tmp_path: Path) -> None:
    tifffile.imwrite(tmp_path / "a.tif", PIXELS[0], description=fibsem(), metadata=None, resolution=(96, 96))
    stated = values(read_acquisition(tmp_path / "a.tif"))
    assert (stated["voxel_size_y_nm"], stated["voxel_size_x_nm"]) == (12.0, 10.0)
    assert (stated["columns_deg"], stated["scan_rotation_deg"], stated["beam"]) == (52, 180.0, "electron")
    assert (stated["detector"], stated["instrument"], stated["beam_voltage_kv"]) == ("TLD", "Thermo Hydra", 2.0)
    assert "tilt_corrected" not in stated


def test_openfibsem_of_a_part_of_the_field(tmp_path: Path) -> None:
    area = {"left": 0.25, "top": 0.0, "width": 0.5, "height": 1.0}
    image = {"beam_type": "ELECTRON", "resolution": [18, 14], "hfw": 1.8e-7, "reduced_area": area}
    tifffile.imwrite(tmp_path / "a.tif", PIXELS[0], description=fibsem(image=image), metadata=None)
    acquisition = read_acquisition(tmp_path / "a.tif")
    assert acquisition.value("horizontal_field_um") == pytest.approx(0.09)
    assert not [one for one in acquisition.findings if one.kind == "voxel-size"]


DEEP = b'{"pixel_size": {}, "image": ' + b"[" * 100_000


@pytest.mark.parametrize(
    "text", [b"{", b'{"shape": [3, 4]}', b'{"pixel_size": 3}', b'{"pixel_size": {}, "image": {}}', DEEP]
)
def test_other_json_is_not_openfibsem(tmp_path: Path, text: bytes) -> None:
    tifffile.imwrite(tmp_path / "a.tif", PIXELS[0], description=text, metadata=None)
    assert describe(tmp_path / "a.tif")["voxel_size_nm"] is None


@pytest.mark.parametrize("dpi", [72, 96, 192, 254])
def test_a_resolution_for_printing_is_no_voxel_size(tmp_path: Path, dpi: int) -> None:
    write_tiff(tmp_path / "a.tif", PIXELS[0], resolution=(dpi, dpi), resolutionunit=2)
    assert describe(tmp_path / "a.tif")["voxel_size_nm"] is None


XML = """<?xml version="1.0"?>
<Metadata xmlns:nil="urn:x"><Instrument><InstrumentClass>Helios 5</InstrumentClass></Instrument>
<BinaryResult><PixelSize><X unit="m">5e-09</X><Y unit="m">6.3e-09</Y></PixelSize></BinaryResult>
<Optics><AccelerationVoltage>2000</AccelerationVoltage><WorkingDistance>0.004</WorkingDistance></Optics>
<ScanSettings><DwellTime>3e-06</DwellTime><ScanRotation>3.14159265</ScanRotation></ScanSettings>
<Detectors><ScanningDetector><DetectorName>TLD</DetectorName></ScanningDetector></Detectors></Metadata>"""


@pytest.mark.parametrize("tag", [34682, 34683])
def test_thermo_xml(tmp_path: Path, tag: int) -> None:
    write_tiff(tmp_path / "a.tif", PIXELS[0], tag, XML.encode())
    stated = values(read_acquisition(tmp_path / "a.tif"))
    assert (stated["voxel_size_y_nm"], stated["voxel_size_x_nm"], stated["detector"]) == (6.3, 5.0, "TLD")
    assert (stated["scan_rotation_deg"], stated["dwell_us"], stated["beam_voltage_kv"]) == (180.0, 3.0, 2.0)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("EMproject.emxml", "<EMProject><ZCutSpacing>2E-08</ZCutSpacing></EMProject>"),
        (
            "Project.AsvProject",
            '{"Sites": {"$values": [{"IsEnabledForExecution": true, "Context": {"Slicing": {"SliceThickness": 2e-08}}},'
            '{"IsEnabledForExecution": false, "Context": {"Slicing": {"SliceThickness": 5e-08}}}]}}',
        ),
        (
            "a.tomographyproject",
            '<TomographyProject><Project><Slicing thickness="2e-08"/></Project></TomographyProject>',
        ),
    ],
)
def test_project_files_give_the_thickness_of_slices(tmp_path: Path, name: str, text: str) -> None:
    folder = tmp_path / "Images" / "SEM Image"
    folder.mkdir(parents=True)
    for z in range(3):
        write_tiff(folder / f"SEM Image - SliceImage - {z:03}.tif", PIXELS[z], 34683, XML.encode())
    (tmp_path / name).write_text(text, encoding="utf-8-sig")
    volume = open_volume(folder)
    assert volume.require_voxel_size().zyx == (20.0, 6.3, 5.0)
    assert name in read_acquisition(folder).facts["voxel_size_z_nm"].source
    (tmp_path / name).write_text("<broken")
    assert open_volume(folder).voxel_size is None
