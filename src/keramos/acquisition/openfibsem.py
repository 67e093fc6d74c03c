"""OpenFIBSEM (fibsem): JSON in the ImageDescription of a TIFF."""

from __future__ import annotations

import math
from typing import Any

from keramos.acquisition.json_values import parse_json
from keramos.acquisition.raw_tags import bytes_of
from keramos.acquisition.sections import decode_text
from keramos.acquisition.values import keep_known, tidy, to_number
from keramos.acquisition.vendor import Fact, Tags, Vendor

_TAG = "270"
_SOURCE = "ImageDescription"
_BEAM = (
    ("horizontal_field_um", "hfw", 1e6),
    ("dwell_us", "dwell_time", 1e6),
    ("beam_voltage_kv", "voltage", 1e-3),
    ("beam_current_na", "beam_current", 1e9),
    ("working_distance_mm", "working_distance", 1e3),
    ("scan_rotation_deg", "scan_rotation", math.degrees(1)),
)
"""Fact, its key, and its unit in that of the file (metres, seconds, volts, amperes, radians)."""


def read_openfibsem(tags: Tags) -> dict[str, Fact]:
    """The edges of a pixel, which are those of the stored image also where a reduced area was scanned, how the image
    was made, and the angle between the columns."""
    content = _parse(tags)
    facts: dict[str, Fact] = {}
    for axis in "yx":
        edge = _number(content, "pixel_size", axis)
        if edge is not None and edge > 0:
            facts[f"voxel_size_{axis}_nm"] = Fact(tidy(edge * 1e9), f"{_SOURCE} pixel_size.{axis}")
    beam = "ion" if str(_find(content, "image", "beam_type")).upper() == "ION" else "electron"
    facts["beam"] = Fact(beam, f"{_SOURCE} image.beam_type")
    older = ("microscope_state", "ib_settings" if beam == "ion" else "eb_settings")
    state = older if _find(content, *older) is not None else ("microscope_state", f"{beam}_beam")
    for name, key, factor in _BEAM:
        path = ("image", key) if key in ("hfw", "dwell_time") else (*state, key)
        value = _number(content, *path)
        if value is not None and (value > 0 or key == "scan_rotation"):
            facts[name] = Fact(tidy(value * factor), f"{_SOURCE} {'.'.join(path)}")
    part, field = _number(content, "image", "reduced_area", "width"), facts.get("horizontal_field_um")
    if part is not None and field is not None and 0 < part <= 1:
        facts["horizontal_field_um"] = Fact(tidy(field.value * part), f"{field.source} and reduced_area.width")
    for name, path, axes in (
        ("field_shift_um", (*state, "shift"), "yx"),
        ("stage_um", ("microscope_state", "stage_position"), "zyx"),
    ):
        values = [_number(content, *path, axis) for axis in axes]
        if None not in values:
            facts[name] = Fact(tuple(tidy((value or 0) * 1e6) for value in values), f"{_SOURCE} {'.'.join(path)}")
    return facts | _read_system(content, beam)


def _read_system(content: Any, beam: str) -> dict[str, Fact]:
    """The instrument, its detector and the angle between its columns."""
    info = [_find(content, "system", "info", key) for key in ("manufacturer", "model")]
    tilts = [_number(content, "system", name, "column_tilt") for name in ("electron", "ion")]
    angle = abs(tilts[1] - tilts[0]) if tilts[0] is not None and tilts[1] is not None else None
    detector = ("microscope_state", f"{beam}_detector", "type")
    return keep_known(
        {
            "instrument": (" ".join(str(part) for part in info if part), f"{_SOURCE} system.info"),
            "detector": (_find(content, *detector), f"{_SOURCE} {'.'.join(detector)}"),
            "columns_deg": (angle or None, f"{_SOURCE} system.ion.column_tilt"),
        }
    )


def _parse(tags: Tags) -> Any:
    """The JSON of the description; None where it is none of this program."""
    data = bytes_of(tags, _TAG)
    if not data.lstrip().startswith(b"{") or b'"pixel_size"' not in data:
        return None
    content = parse_json(decode_text(data).strip("\0"))
    return content if isinstance(content, dict) and isinstance(content.get("image"), dict) else None


def _find(content: Any, *path: str) -> Any:
    for key in path:
        content = content.get(key) if isinstance(content, dict) else None
    return content


def _number(content: Any, *path: str) -> float | None:
    value = _find(content, *path)
    return to_number(str(value)) if isinstance(value, int | float) and not isinstance(value, bool) else None


OPENFIBSEM = Vendor("openfibsem", "OpenFIBSEM", recognises=lambda tags: _parse(tags) is not None, read=read_openfibsem)
