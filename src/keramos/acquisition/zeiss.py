"""Zeiss SmartSEM: lines of a key, then `label = value unit`, in TIFF tag 34118 (CZ_SEM)."""

from __future__ import annotations

import re
from collections.abc import Mapping

from keramos.acquisition.tilt import report_uncorrected
from keramos.acquisition.vendor import Fact, Tags, Vendor
from keramos.core import Finding

_TAG = "34118"
_NM = {"fm": 1e-6, "pm": 1e-3, "nm": 1.0, "µm": 1e3, "um": 1e3, "mm": 1e6}
_COLUMNS_DEG = 54.0
"""The angle between the electron and the ion column, where the file does not say."""


def read_zeiss(tags: Tags) -> dict[str, Fact]:
    """The edge of a pixel of the stored image, which is square, and the tilt that was corrected. `AP_PIXEL_SIZE` can be
    that of another image, and `AP_TILT_ANGLE` counts only with the correction on."""
    values = _read_values(tags)
    facts: dict[str, Fact] = {}
    edge = _length_nm(values.get("AP_IMAGE_PIXEL_SIZE"))
    if edge:
        fact = Fact(edge, f"tag {_TAG} AP_IMAGE_PIXEL_SIZE")
        facts |= {"voxel_size_y_nm": fact, "voxel_size_x_nm": fact}
    state = _is_on(values.get("DP_TILT_CORRECTION"))
    if state is not None:
        facts["tilt_corrected"] = Fact(state, f"tag {_TAG} DP_TILT_CORRECTION")
        angle = _number(values.get("AP_TILT_ANGLE"))
        if state and angle is not None:
            facts["tilt_deg"] = Fact(abs(angle[0]), f"tag {_TAG} AP_TILT_ANGLE")
    return facts


def check_zeiss(tags: Tags) -> list[Finding]:
    """A finding where a microscope with an ion column has not corrected the image for the tilt of the section."""
    values = _read_values(tags)
    if not _is_on(values.get("DP_FIB_PRESENT")) or _is_on(values.get("DP_TILT_CORRECTION")) is not False:
        return []
    angle = _number(values.get("AP_FIB_SEM_ANGLE"))
    columns = angle[0] if angle is not None and 0 < angle[0] < 90 else _COLUMNS_DEG
    return [report_uncorrected(f"tag {_TAG} DP_TILT_CORRECTION", columns)]


def _read_values(tags: Tags) -> Mapping[str, str]:
    """The values by key."""
    values: dict[str, str] = {}
    key = ""
    for line in bytes(tags[_TAG]).decode("latin-1").splitlines():
        text = line.strip()
        if re.fullmatch(r"(?:AP|DP|SV)_[A-Z0-9_]+", text):
            key = text
        elif key and "=" in text:
            values[key], key = text.partition("=")[2].strip(), ""
    return values


def _number(text: str | None) -> tuple[float, str] | None:
    """A number and its unit."""
    match = re.match(r"\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*(\S*)", text or "")
    try:
        return (float(match[1]), match[2]) if match else None
    except ValueError:
        return None


def _length_nm(text: str | None) -> float | None:
    number = _number(text)
    if number is None or number[1] not in _NM or number[0] <= 0:
        return None
    return float(f"{number[0] * _NM[number[1]]:.9g}")


def _is_on(text: str | None) -> bool | None:
    return {"on": True, "yes": True, "off": False, "no": False}.get((text or "").lower())


ZEISS = Vendor("zeiss", "Zeiss (SmartSEM)", recognises=lambda tags: _TAG in tags, read=read_zeiss, check=check_zeiss)
