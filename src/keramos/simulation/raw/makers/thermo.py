"""Thermo Fisher (FEI) Auto Slice & View: sections and keys as in an INI file in TIFF tag 34682.

The image has more rows than `Image.ResolutionY` says: the information bar. A tilt correction is contained in the height
of a pixel that is written; the picture is not stretched.
"""

from __future__ import annotations

from math import radians
from typing import Any

from keramos.simulation.raw.maker import Maker, RawSlice, Tag

_TAG, _TEXT = 34682, 2


def describe(facts: RawSlice) -> list[Tag]:
    """The tag with the sections and keys of the microscope's text."""
    lines = []
    for name, values in _sections(facts).items():
        lines += [f"[{name}]", *(f"{key}={_write(value)}" for key, value in values.items()), ""]
    return [(_TAG, _TEXT, "\r\n".join(lines).encode("latin-1"))]


def _sections(facts: RawSlice) -> dict[str, dict[str, Any]]:
    width = facts.pixels.x_nm * 1e-9
    height = (facts.section_voxels if facts.is_corrected else facts.pixels).y_nm * 1e-9
    tilt = radians(facts.view.tilt_deg)
    scan = {
        "InternalScan": "true",
        "Dwell": 1e-6,
        "PixelWidth": width,
        "PixelHeight": height,
        "HorFieldsize": width * facts.columns,
        "VerFieldsize": height * facts.rows,
        "FrameTime": 1.2e-6 * facts.rows * facts.columns,
        "LineTime": 1.2e-6 * facts.columns,
        "LineIntegration": 1,
        "ScanInterlacing": 1,
    }
    beam = {
        "HV": 2000,
        "BeamShiftX": 0.0,
        "BeamShiftY": -facts.followed_nm * 1e-9,
        "ScanRotation": 0,
        "ImageMode": "Normal",
        "WD": 0.00412,
        "BeamCurrent": 2e-10,
        "TiltCorrectionIsOn": "yes" if facts.is_corrected else "no",
        "TiltCorrectionAngle": -tilt if facts.is_corrected else 0.0,
        "PreTilt": 0,
    }
    stage = {"StageX": 0.0031, "StageY": -0.0012, "StageZ": 0.00398, "StageR": 0.0, "StageT": radians(52)}
    return {
        "User": {"Date": f"{facts.time:%m/%d/%Y}", "Time": f"{facts.time:%I:%M:%S %p}", "User": "user"},
        "System": {"Type": "DualBeam", "SystemType": "Helios G4 UC", "Software": "10.1.3.5", "Source": "FEG"},
        "Beam": {"HV": 2000, "Beam": "EBeam", "Scan": "EScan"},
        "EBeam": {**beam, "HFW": scan["HorFieldsize"], "VFW": scan["VerFieldsize"], **stage},
        "Scan": {
            "InternalScan": "true",
            "Dwelltime": 1e-6,
            **{key: scan[key] for key in ("PixelWidth", "PixelHeight", "HorFieldsize", "VerFieldsize", "FrameTime")},
        },
        "EScan": scan,
        "Stage": {**stage, "StageTb": 0, "SpecTilt": 0, "WorkingDistance": 0.00412},
        "Image": {
            "DigitalContrast": 1,
            "DigitalBrightness": 0,
            "ResolutionX": facts.columns,
            "ResolutionY": facts.rows,
            "DriftCorrected": "Off",
            "Transformation": "None",
        },
        "Detectors": {"Number": 1, "Name": "TLD", "Mode": "BSE"},
        "TLD": {"Contrast": 71.1776, "Brightness": 39.1568, "Signal": "BSE"},
        "PrivateFei": {
            "BitShift": 0,
            "DataBarSelected": "det mode mag dwell HV WD MicronBar Label",
            "TimeOfCreation": f"{facts.time:%d.%m.%Y %H:%M:%S}",
            "DatabarHeight": 0,
        },
    }


def _write(value: Any) -> str:
    return f"{value:.10g}" if isinstance(value, float) else str(value)


def _bar_text(facts: RawSlice) -> tuple[str, ...]:
    width_um = facts.pixels.x_nm * facts.columns * 1e-3
    return (f"{facts.time:%m/%d/%Y %I:%M:%S %p}", "TLD BSE", f"HFW {width_um:.2f} um", "HV 2.00 kV", "WD 4.1 mm")


THERMO = Maker(
    "thermo",
    "Thermo Fisher Scientific (FEI)",
    columns_deg=52.0,
    corrects=True,
    stretches=False,
    bar_share=70 / 1024,
    name_file=lambda facts: f"SliceImage_{facts.number:04}.tif",
    tags=describe,
    bar_text=_bar_text,
)
