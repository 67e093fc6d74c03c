"""Zeiss SmartSEM: lines of a key, then `label = value unit`, in TIFF tag 34118 (CZ_SEM).

A tilt correction stretches the image, so that its pixels are square on the section. No key tells of the information
bar, and `AP_PIXEL_SIZE` is that of the image on the screen; the stored image has its own. File names have the nominal
position.
"""

from __future__ import annotations

from keramos.simulation.raw.maker import Maker, RawSlice, Tag

_TAG, _TEXT, _SCREEN_COLUMNS = 34118, 2, 1024


def describe(facts: RawSlice) -> list[Tag]:
    """The tag with the keys and values of the microscope's text, behind its unnamed numbers."""
    lines = ["0", "2.5", "0", "1"]
    for key, text in _values(facts).items():
        lines += [key, text]
    return [(_TAG, _TEXT, ("\r\n".join(lines) + "\r\n").encode("latin-1"))]


def _values(facts: RawSlice) -> dict[str, str]:
    edge, columns = facts.pixels.x_nm, 90 - facts.view.tilt_deg
    rows = facts.rows + facts.bar_rows
    return {
        "DP_DETECTOR_CHANNEL": "Signal A = InLens",
        "DP_DETECTOR_TYPE": "Detector = InLens",
        "DP_DWELL_TIME": "Dwell Time = 800 ns",
        "DP_FIB_PRESENT": "FIB Present = Yes",
        "DP_FIB_MODE": "FIB Mode = Mill + SEM",
        "DP_IMAGE_STORE": f"Store resolution = {facts.columns} * {rows}",
        "DP_SCAN_ROT": "Scan Rot = Off",
        "DP_TILT_CORRECTION": f"Tilt Corrn. = {'On' if facts.is_corrected else 'Off'}",
        "DP_TILTED": "Stage Tilted = Yes",
        "AP_ACTUALKV": "EHT = 1.50 kV",
        "AP_FIB_SEM_ANGLE": f"FIB SEM Angle = {columns:.1f} \xb0",
        "AP_FIB_SLICE_WIDTH": "Slice Width = 0.000 nm",
        "AP_FIB_TILT_COMP": f"FIB Tilt Comp = {columns:.1f} \xb0",
        "AP_HEIGHT": f"Height = {edge * rows * 1e-3:.4g} \xb5m",
        "AP_IMAGE_PIXEL_SIZE": f"Image Pixel Size = {edge:.4g} nm",
        "AP_IPROBE": "I Probe = 700 pA",
        "AP_PIXEL_SIZE": f"Pixel Size = {edge * facts.columns / _SCREEN_COLUMNS:.4g} nm",
        "AP_SCANROTATION": "Scan Rotation = 0.0 \xb0",
        "AP_STAGE_AT_T": f"Stage at T = {columns:.1f} \xb0",
        "AP_STAGE_AT_X": "Stage at X = 62.113 mm",
        "AP_STAGE_AT_Y": "Stage at Y = 70.402 mm",
        "AP_STAGE_AT_Z": "Stage at Z = 43.870 mm",
        "AP_TILT_ANGLE": f"Tilt Angle = {facts.view.tilt_deg:.1f} \xb0",
        "AP_TILT_AXIS": "Tilt Axis = 0.0 \xb0",
        "AP_WD": "WD = 5.0 mm",
        "AP_WIDTH": f"Width = {edge * facts.columns * 1e-3:.4g} \xb5m",
        "AP_TIME": f"Time :{facts.time:%H:%M:%S}",
        "AP_DATE": f"Date :{facts.time.day} {facts.time:%b %Y}",
    }


def name_by_position(section: int, z_nm: float) -> str:
    """The name of a file by the number of the section, from 0 on, and a position.

    Example:
        >>> name_by_position(7, 140.0)
        'slice_00007_z=0.1400um.tif'
    """
    return f"slice_{section:05}_z={z_nm * 1e-3:.4f}um.tif"


def _bar_text(facts: RawSlice) -> tuple[str, ...]:
    return ("EHT = 1.50 kV", "Signal A = InLens", f"Time :{facts.time:%H:%M:%S}", "WD = 5.0 mm")


ZEISS = Maker(
    "zeiss",
    "Zeiss (SmartSEM)",
    columns_deg=54.0,
    corrects=True,
    stretches=True,
    bar_share=0.07,
    name_file=lambda facts: name_by_position(facts.number - 1, (facts.number - 1) * facts.pixels.z_nm),
    tags=describe,
    bar_text=_bar_text,
)
