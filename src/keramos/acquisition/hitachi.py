"""Hitachi: a text of `key=value` lines under `[SemImageFile]`, with the image's name, beside it."""

from __future__ import annotations

import re

from keramos.acquisition.raw_tags import bytes_of
from keramos.acquisition.resampled import read_bar, report_resampled
from keramos.acquisition.sections import decode_text, read_sections
from keramos.acquisition.values import KV_NA_US, NM, keep_known, to_amount, to_time
from keramos.acquisition.vendor import Fact, Tags, Vendor
from keramos.core import Finding

_SUFFIX, _SECTION = ".txt", "SemImageFile"


def read_hitachi(tags: Tags) -> dict[str, Fact]:
    """The edge of a pixel, which is square, of an image that still has the size that it was scanned with; the rows
    below that size; and how the image was made."""
    values = _read_values(tags)
    source = "the .txt file"
    size = _read_size(values)
    edge = to_amount(values.get("PixelSize"), NM, "nm")
    if edge and edge > 0 and report_resampled(tags, size, source) is None:
        fact = Fact(edge, f"{source} PixelSize")
        facts = {"voxel_size_y_nm": fact, "voxel_size_x_nm": fact}
    else:
        facts = {}
    facts |= read_bar(tags, size, f"{source} DataSize")
    distance = to_amount(values.get("WorkingDistance"), NM)
    return facts | keep_known(
        {
            "instrument": (values.get("InstructName"), f"{source} InstructName"),
            "detector": (values.get("SignalName"), f"{source} SignalName"),
            "beam_voltage_kv": (
                to_amount(values.get("AcceleratingVoltage"), KV_NA_US),
                f"{source} AcceleratingVoltage",
            ),
            "working_distance_mm": (distance and distance / 1e6, f"{source} WorkingDistance"),
            "time": (to_time(f"{values.get('Date')} {values.get('Time')}"), f"{source} Date and Time"),
        }
    )


def check_hitachi(tags: Tags) -> list[Finding]:
    """A finding where the image has another size than the text says."""
    doubt = report_resampled(tags, _read_size(_read_values(tags)), "the .txt file")
    return [] if doubt is None else [doubt]


def _read_values(tags: Tags) -> dict[str, str]:
    return dict(read_sections(decode_text(bytes_of(tags, _SUFFIX))).get(_SECTION, {}))


def _read_size(values: dict[str, str]) -> tuple[int, int] | None:
    """Rows and columns as they were scanned."""
    match = re.match(r"\s*([0-9]+)\s*[xX*]\s*([0-9]+)", values.get("DataSize", ""))
    return None if match is None else (int(match[2]), int(match[1]))


HITACHI = Vendor(
    "hitachi",
    "Hitachi",
    recognises=lambda tags: f"[{_SECTION}]" in decode_text(bytes_of(tags, _SUFFIX)),
    read=read_hitachi,
    check=check_hitachi,
    beside=(_SUFFIX,),
)
