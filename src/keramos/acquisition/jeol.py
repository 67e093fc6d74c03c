"""JEOL: a text of `$KEY value` lines, with the image's name, beside it."""

from __future__ import annotations

import re

from keramos.acquisition.raw_tags import bytes_of
from keramos.acquisition.resampled import read_bar, report_resampled
from keramos.acquisition.sections import decode_text
from keramos.acquisition.values import NM, keep_known, tidy, to_amount, to_number, to_time
from keramos.acquisition.vendor import Fact, Tags, Vendor
from keramos.core import Finding

_SUFFIX, _SOURCE = ".txt", "the .txt file"
_MARK = re.compile(rb"^\$CM_FORMAT\s+JEOL|^\$\$?SM_MICRON_MARKER\s", re.MULTILINE)


def read_jeol(tags: Tags) -> dict[str, Fact]:
    """The edge of a pixel, which is the length of the scale bar over that in pixels, where both are there; the rows
    below those that were scanned; and how the image was made."""
    values = _read_values(tags)
    size = _read_size(values)
    facts = read_bar(tags, size, f"{_SOURCE} $CM_FULL_SIZE")
    length, pixels = to_amount(values.get("SM_MICRON_MARKER"), NM), to_number(values.get("SM_MICRON_BAR"))
    if length and pixels and pixels > 0 and report_resampled(tags, size, _SOURCE) is None:
        fact = Fact(tidy(length / pixels), f"{_SOURCE} $$SM_MICRON_MARKER and $$SM_MICRON_BAR")
        facts |= {"voxel_size_y_nm": fact, "voxel_size_x_nm": fact}
    rotation = to_number(values.get("SM_SCAN_ROTATION"))
    facts |= keep_known({"scan_rotation_deg": (rotation, f"{_SOURCE} $$SM_SCAN_ROTATION")})
    voltage, distance = to_number(values.get("CM_ACCEL_VOLT")), to_number(values.get("SM_WD"))
    return facts | keep_known(
        {
            "instrument": (values.get("CM_INSTRUMENT"), f"{_SOURCE} $CM_INSTRUMENT"),
            "detector": (values.get("CM_DETECTOR") or values.get("CM_DETECTOR_NAME"), f"{_SOURCE} $CM_DETECTOR"),
            "beam_voltage_kv": (voltage or None, f"{_SOURCE} $CM_ACCEL_VOLT"),
            "working_distance_mm": (distance or None, f"{_SOURCE} $$SM_WD"),
            "time": (to_time(f"{values.get('CM_DATE')} {values.get('CM_TIME')}"), f"{_SOURCE} $CM_DATE and $CM_TIME"),
        }
    )


def check_jeol(tags: Tags) -> list[Finding]:
    """A finding where the image has another size than the text says."""
    doubt = report_resampled(tags, _read_size(_read_values(tags)), _SOURCE)
    return [] if doubt is None else [doubt]


def _read_values(tags: Tags) -> dict[str, str]:
    """The values by key without its dollar signs."""
    lines = (line.strip().partition(" ") for line in decode_text(bytes_of(tags, _SUFFIX)).splitlines())
    return {key.lstrip("$"): value.strip() for key, _, value in lines if key.startswith("$")}


def _read_size(values: dict[str, str]) -> tuple[int, int] | None:
    """Rows and columns as they were scanned."""
    match = re.match(r"([0-9]+)\s+([0-9]+)", values.get("CM_FULL_SIZE", ""))
    return None if match is None else (int(match[2]), int(match[1]))


JEOL = Vendor(
    "jeol",
    "JEOL",
    recognises=lambda tags: _MARK.search(bytes_of(tags, _SUFFIX)) is not None,
    read=read_jeol,
    check=check_jeol,
    beside=(_SUFFIX,),
)
