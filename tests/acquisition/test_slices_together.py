"""Facts of Thermo and Zeiss over all slices of a stack, against tifffile's own reading of the tags."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import tifffile

from keramos.io import describe, open_volume, read_acquisition

PIXELS = np.random.default_rng(4).integers(0, 255, (8, 14, 9), dtype=np.uint8)


def thermo(z: int = 0, **changes: dict[str, Any]) -> bytes:
    sections: dict[str, dict[str, Any]] = {
        "System": {"Type": "DualBeam", "SystemType": "Helios"},
        "Beam": {"HV": 2000, "Beam": "EBeam", "Scan": "EScan"},
        "EBeam": {
            "HV": 2000,
            "BeamCurrent": 4e-10,
            "WD": 0.004 + 1.6e-8 * z,
            "BeamShiftX": 0,
            "BeamShiftY": 0,
            "TiltCorrectionIsOn": "yes",
            "TiltCorrectionAngle": -0.663225,
            "ScanRotation": 0,
        },
        "EScan": {"Dwell": 3e-6, "PixelWidth": 5e-9, "PixelHeight": 6.34509e-9, "HorFieldsize": 4.5e-8},
        "Stage": {"StageX": 0.001, "StageY": -0.0003, "StageZ": 0.0041, "StageT": 0.907571},
        "Image": {"ResolutionX": 9, "ResolutionY": 10},
        "Detectors": {"Number": 1, "Name": "TLD"},
        "PrivateFei": {"DatabarHeight": 0, "TimeOfCreation": f"27.10.2016 13:16:{10 + z}"},
    }
    for name, values in changes.items():
        sections[name] = {**sections.get(name, {}), **values}
    rows = [f"[{name}]\r\n" + "".join(f"{k}={v}\r\n" for k, v in keys.items()) for name, keys in sections.items()]
    return "\r\n".join(rows).encode()


def write(folder: Path, texts: Sequence[bytes], tag: int = 34682) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for z, text in enumerate(texts):
        extra = [(tag, 2, len(text), text, True)]
        tifffile.imwrite(folder / f"s_{z:03}.tif", PIXELS[z], metadata=None, extratags=extra, resolution=(96, 96))
    return folder


def test_thermo_says_what_tifffile_reads(tmp_path: Path) -> None:
    write(tmp_path, [thermo(z, EBeam={"ScanRotation": 3.14159265}) for z in range(8)])
    with tifffile.TiffFile(tmp_path / "s_000.tif") as tif:
        read = tif.fei_metadata
    stated = {name: fact.value for name, fact in read_acquisition(tmp_path).facts.items()}
    assert stated["voxel_size_x_nm"] == pytest.approx(read["EScan"]["PixelWidth"] * 1e9)
    assert stated["voxel_size_y_nm"] == pytest.approx(read["EScan"]["PixelHeight"] * 1e9)
    assert stated["dwell_us"] == pytest.approx(read["EScan"]["Dwell"] * 1e6)
    assert stated["horizontal_field_um"] == pytest.approx(read["EScan"]["HorFieldsize"] * 1e6)
    assert stated["beam_voltage_kv"] == pytest.approx(read["EBeam"]["HV"] / 1e3)
    assert stated["beam_current_na"] == pytest.approx(read["EBeam"]["BeamCurrent"] * 1e9)
    assert stated["working_distance_mm"] == pytest.approx(read["EBeam"]["WD"] * 1e3)
    assert stated["scan_rotation_deg"] == pytest.approx(180)
    assert stated["detector"] == read["Detectors"]["Name"]
    assert (stated["tilt_deg"], stated["tilt_corrected"], stated["information_bar_rows"]) == (38.0, True, 4)
    assert "columns_deg" not in stated, "the tilt of the stage is no angle between columns"


def test_the_rows_below_a_part_of_the_scan_are_no_information_bar(tmp_path: Path) -> None:
    write(tmp_path, [thermo(Image={"ResolutionX": 18, "ResolutionY": 10})])
    assert describe(tmp_path / "s_000.tif")["information_bar_rows"] is None


@pytest.mark.parametrize(
    ("text", "nm"),
    [
        ("593.3 nm", 593.3),
        ("5000 pm", 5.0),
        ("0.005 µm", 5.0),
        ("5000000 fm", 5.0),
        ("0.000005 mm", 5.0),
        ("5 X", None),
    ],
)
def test_zeiss_units_and_what_tifffile_reads(tmp_path: Path, text: str, nm: float | None) -> None:
    lines = f"AP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = {text}\r\nAP_PIXEL_SIZE\r\nPixel Size = 7 nm\r\n"
    lines += "DP_TILT_CORRECTION\r\nTilt Corrn. = Off\r\nAP_TILT_ANGLE\r\nTilt Angle = 45.0 °\r\n"
    lines += "DP_FIB_PRESENT\r\nFIB Present = Yes\r\nAP_FIB_SEM_ANGLE\r\nFIB SEM Angle = 54.0 °\r\n"
    lines += "AP_WD\r\nWD = 5.2 mm\r\nAP_IPROBE\r\nI Probe = 200 pA\r\nDP_DWELL_TIME\r\nDwell Time = 50 ns\r\n"
    lines += (
        "AP_ACTUALKV\r\nEHT = 5.00 kV\r\nDP_DETECTOR_TYPE\r\nDetector = InLens\r\nDP_SCAN_ROT\r\nScan Rot = Off\r\n"
    )
    lines += "AP_SCANROTATION\r\nScan Rotation = 90.0 °\r\nAP_WIDTH\r\nWidth = 607.5 µm\r\n"
    lines += "AP_DATE\r\nDate :11 Apr 2023\r\nAP_TIME\r\nTime :8:40:47\r\n"
    write(tmp_path, [("0\r\n" + lines).encode("latin-1")], 34118)
    acquisition = read_acquisition(tmp_path / "s_000.tif")
    stated = {name: fact.value for name, fact in acquisition.facts.items()}
    assert stated.get("voxel_size_x_nm") == stated.get("voxel_size_y_nm") == nm
    with tifffile.TiffFile(tmp_path / "s_000.tif") as tif:
        read = tif.sem_metadata
    assert (stated["working_distance_mm"], "mm") == read["ap_wd"][1:]
    assert (stated["beam_current_na"] * 1000, "pA") == pytest.approx(read["ap_iprobe"][1:])
    assert (stated["beam_voltage_kv"], "kV") == read["ap_actualkv"][1:]
    assert (stated["dwell_us"] * 1000, "ns") == pytest.approx(read["dp_dwell_time"][1:])
    assert (stated["horizontal_field_um"], stated["detector"]) == (read["ap_width"][1], read["dp_detector_type"][1])
    assert (stated["columns_deg"], stated["scan_rotation_deg"], stated["tilt_corrected"]) == (54.0, 0.0, False)
    assert "tilt_deg" not in stated, "an angle that was set, but not applied"


def test_times_say_in_which_order_slices_were_cut(tmp_path: Path) -> None:
    write(tmp_path / "up", [thermo(z) for z in range(8)])
    write(tmp_path / "down", [thermo(-z) for z in range(8)])
    write(tmp_path / "mixed", [thermo((3 * z) % 8) for z in range(8)])
    orders = {name: read_acquisition(tmp_path / name).value("cutting_order") for name in ("up", "down", "mixed")}
    assert orders == {"up": "increasing", "down": "decreasing", "mixed": None}
    view = open_volume(tmp_path / "down").view
    assert view is not None
    assert (view.tilt_deg, view.cutting_order) == (38.0, "decreasing")
    assert open_volume(tmp_path / "mixed").view is None


@pytest.mark.parametrize(("degrees", "words"), [(180, "up and down"), (-180, "up and down"), (27, "at an angle")])
def test_a_turned_scan_is_said(tmp_path: Path, degrees: float, words: str) -> None:
    write(tmp_path, [thermo(z, EBeam={"ScanRotation": np.radians(degrees)}) for z in range(8)])
    volume = open_volume(tmp_path)
    (finding,) = [one for one in volume.findings if one.kind == "scan-rotation"]
    assert words in finding.effect
    assert volume.view is not None
    assert volume.view.scan_rotation_deg == pytest.approx(degrees)


CHANGES: list[tuple[dict[str, Any], str, str]] = [
    ({"EScan": {"PixelWidth": 1e-8, "PixelHeight": 1.269018e-8, "HorFieldsize": 9e-8}}, "voxel-size", "pixel along y"),
    ({"EScan": {"HorFieldsize": 9e-8}}, "voxel-size", "width of the field"),
    ({"Detectors": {"Name": "ICD"}}, "changed-settings", "detector"),
    ({"EScan": {"Dwell": 6e-6}}, "changed-settings", "dwell"),
    ({"EBeam": {"WD": 0.0042}}, "changed-settings", "working distance"),
    ({"EBeam": {"TiltCorrectionIsOn": "no"}}, "voxel-size", "corrected for the tilt"),
    ({"EBeam": {"HV": 1000}}, "changed-settings", "voltage"),
]


@pytest.mark.parametrize(("changes", "kind", "words"), CHANGES)
def test_what_changes_on_the_way_is_named_with_its_slice(
    tmp_path: Path, changes: dict[str, Any], kind: str, words: str
) -> None:
    write(tmp_path, [thermo(z, **(changes if z >= 5 else {})) for z in range(8)])
    (finding,) = read_acquisition(tmp_path).findings
    assert (finding.kind, finding.slices) == (kind, (5,))
    assert words in finding.message
    assert finding in open_volume(tmp_path).findings


@pytest.mark.parametrize("silent", [[0], [3, 7]])
def test_slices_without_metadata_are_named_and_the_others_read(tmp_path: Path, silent: list[int]) -> None:
    write(tmp_path, [b" " if z in silent else thermo(z) for z in range(8)])
    acquisition = read_acquisition(tmp_path)
    assert acquisition.value("voxel_size_x_nm") == 5.0
    (finding,) = acquisition.findings
    assert (finding.kind, finding.slices) == ("missing-metadata", tuple(silent))


def test_the_beam_follows_the_face_or_does_not(tmp_path: Path) -> None:
    step = 20e-9 * np.cos(np.radians(52))
    (tmp_path / "EMproject.emxml").write_text("<EMProject><ZCutSpacing>2e-8</ZCutSpacing></EMProject>")
    for name, shift, stage, followed in (
        ("still", 0.0, 0.0, False),
        ("beam", step, 0.0, True),
        ("other", 6 * step, 0.0, None),
        ("stage", 0.0, 1e-7, None),
    ):
        texts = [thermo(z, EBeam={"BeamShiftY": shift * z}, Stage={"StageY": stage * z}) for z in range(8)]
        acquisition = read_acquisition(write(tmp_path / name, texts))
        assert (acquisition.followed.value if acquisition.followed else None) is followed, name
    acquisition = read_acquisition(tmp_path / "beam")
    assert acquisition.followed is not None
    assert acquisition.followed.source.endswith("suits slices 20 nm thick")
    assert acquisition.slice_corrections_px is not None
    seen = 6.34509e-9 * np.cos(np.radians(38))
    np.testing.assert_allclose(acquisition.slice_corrections_px[3], (3 * step / seen, 0), rtol=1e-6)
    (tmp_path / "EMproject.emxml").unlink()
    names = ("still", "beam", "other", "stage")
    unknown = [read_acquisition(tmp_path / name).followed for name in names]
    assert [fact.value if fact else None for fact in unknown] == [False, True, True, None], "the thickness is unknown"
    view = open_volume(tmp_path / "still").view
    assert view is not None
    assert view.frame == "sheared"


@pytest.mark.parametrize(("columns", "severity"), [(9, None), (18, "warning"), (13, "note")])
def test_an_image_that_was_scaled_or_cut_out_is_doubted(tmp_path: Path, columns: int, severity: str | None) -> None:
    write(tmp_path, [thermo(z, EScan={"HorFieldsize": columns * 5e-9}) for z in range(3)])
    findings = [one for one in read_acquisition(tmp_path).findings if "field of view is" in one.message]
    assert [one.severity for one in findings] == ([] if severity is None else [severity])
    assert all(f"a pixel is {columns / 9 * 5:.5g} nm" in one.effect for one in findings)


def test_two_layouts_that_contradict_each_other_are_named(tmp_path: Path) -> None:
    zeiss = b"0\r\nAP_IMAGE_PIXEL_SIZE\r\nImage Pixel Size = 7.000 nm\r\n"
    xml = b"<Fibics><Scan><Ux>0.005</Ux><Uy>0</Uy><Vx>0</Vx><Vy>-0.005</Vy></Scan></Fibics>"
    extra = [(34118, 2, len(zeiss), zeiss, True), (51023, 2, len(xml), xml, True)]
    tifffile.imwrite(tmp_path / "a.tif", PIXELS[0], metadata=None, extratags=extra)
    acquisition = read_acquisition(tmp_path / "a.tif")
    assert acquisition.value("voxel_size_x_nm") == 5.0
    assert [one.kind for one in acquisition.findings] == ["contradiction", "contradiction"]
    assert "tag 51023 Scan/Ux says 5, but tag 34118 AP_IMAGE_PIXEL_SIZE 7" in [
        one.message for one in acquisition.findings
    ]
