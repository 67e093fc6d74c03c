"""Zeiss SmartSEM: lines of a key, then `label = value unit`, in TIFF tag 34118 (CZ_SEM)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from keramos.acquisition.raw_tags import bytes_of
from keramos.acquisition.sections import decode_text
from keramos.acquisition.tilt import report_uncorrected
from keramos.acquisition.values import DEGREES, KV_NA_US, NM, keep_known, to_amount, to_switch, to_time
from keramos.acquisition.vendor import Fact, Tags, Vendor
from keramos.core import Finding

_TAG = "34118"
_COLUMNS_DEG = 54.0
"""The angle between the electron and the ion column, where the file does not say."""
_KEY = re.compile(r"(?:AP|DP|SV)_[A-Z0-9_]+")


def read_zeiss(tags: Tags) -> dict[str, Fact]:
    """The edge of a pixel of the stored image, which is square, the tilt that was corrected, and how the image was
    made. `AP_PIXEL_SIZE` can be that of another image, and `AP_TILT_ANGLE` counts only with the correction on."""
    values = _read_values(tags)

    def amount(name: str, key: str, units: Mapping[str, float], factor: float = 1) -> dict[str, Fact]:
        value = to_amount(values.get(key), units)
        return keep_known({name: (value * factor if value and value > 0 else None, f"tag {_TAG} {key}")})

    facts = amount("voxel_size_y_nm", "AP_IMAGE_PIXEL_SIZE", NM) | amount("voxel_size_x_nm", "AP_IMAGE_PIXEL_SIZE", NM)
    facts |= amount("horizontal_field_um", "AP_WIDTH", NM, 1e-3) | amount("working_distance_mm", "AP_WD", NM, 1e-6)
    facts |= amount("beam_voltage_kv", "AP_ACTUALKV", KV_NA_US) | amount("beam_current_na", "AP_IPROBE", KV_NA_US)
    facts |= amount("dwell_us", "DP_DWELL_TIME", KV_NA_US) | amount("ion_slice_nm", "AP_FIB_SLICE_WIDTH", NM)
    if to_switch(values.get("DP_FIB_PRESENT")):
        facts |= amount("columns_deg", "AP_FIB_SEM_ANGLE", DEGREES)
    detector = next((key for key in ("DP_DETECTOR_TYPE", "DP_DETECTOR_CHANNEL") if values.get(key)), "")
    facts |= keep_known({"detector": (values.get(detector), f"tag {_TAG} {detector}")})
    when = f"{values.get('AP_DATE')} {values.get('AP_TIME')}"
    facts |= keep_known({"time": (to_time(when), f"tag {_TAG} AP_DATE and AP_TIME")})
    return facts | _read_angles(values) | _read_stage(values)


def _read_angles(values: Mapping[str, str]) -> dict[str, Fact]:
    """Whether the image was stretched for the tilt, and by what angle; and the rotation of the scan, if it is on."""
    facts: dict[str, Fact] = {}
    state = to_switch(values.get("DP_TILT_CORRECTION"))
    if state is not None:
        facts["tilt_corrected"] = Fact(state, f"tag {_TAG} DP_TILT_CORRECTION")
        angle = to_amount(values.get("AP_TILT_ANGLE"), DEGREES, "°")
        if state and angle is not None:
            facts["tilt_deg"] = Fact(abs(angle), f"tag {_TAG} AP_TILT_ANGLE")
    rotation, is_on = to_amount(values.get("AP_SCANROTATION"), DEGREES, "°"), to_switch(values.get("DP_SCAN_ROT"))
    if is_on is False:
        facts["scan_rotation_deg"] = Fact(0.0, f"tag {_TAG} DP_SCAN_ROT")
    elif rotation is not None:
        facts["scan_rotation_deg"] = Fact(rotation, f"tag {_TAG} AP_SCANROTATION")
    return facts


def _read_stage(values: Mapping[str, str]) -> dict[str, Fact]:
    places = [to_amount(values.get(f"AP_STAGE_AT_{axis}"), NM) for axis in "ZYX"]
    if None in places:
        return {}
    return {"stage_um": Fact(tuple((place or 0) / 1e3 for place in places), f"tag {_TAG} AP_STAGE_AT_Z, Y and X")}


def check_zeiss(tags: Tags) -> list[Finding]:
    """A finding where a microscope with an ion column has not corrected the image for the tilt of the section."""
    values = _read_values(tags)
    if not to_switch(values.get("DP_FIB_PRESENT")) or to_switch(values.get("DP_TILT_CORRECTION")) is not False:
        return []
    angle = to_amount(values.get("AP_FIB_SEM_ANGLE"), DEGREES, "°")
    columns = angle if angle is not None and 0 < angle < 90 else _COLUMNS_DEG
    return [report_uncorrected(f"tag {_TAG} DP_TILT_CORRECTION", columns)]


def _read_values(tags: Tags) -> Mapping[str, str]:
    """The values by key. Dates and times have a colon for the equals sign."""
    values: dict[str, str] = {}
    key = ""
    for line in decode_text(bytes_of(tags, _TAG)).splitlines():
        text = line.strip()
        if _KEY.fullmatch(text):
            key = text
        elif key:
            parts = re.split(r"[=:]", text, maxsplit=1)
            if len(parts) > 1:
                values[key] = parts[1].strip()
            key = ""
    return values


ZEISS = Vendor("zeiss", "Zeiss (SmartSEM)", recognises=lambda tags: _TAG in tags, read=read_zeiss, check=check_zeiss)
