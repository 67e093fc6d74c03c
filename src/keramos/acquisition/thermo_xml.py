"""The XML that newer microscopes of Thermo Fisher write, by the element names that public programs read."""

from __future__ import annotations

import math

from keramos.acquisition.values import keep_known, tidy, to_number, to_time
from keramos.acquisition.vendor import Fact
from keramos.acquisition.xml_values import find_value, parse_xml

_NUMBERS = (
    ("voxel_size_x_nm", "BinaryResult/PixelSize/X", 1e9),
    ("voxel_size_y_nm", "BinaryResult/PixelSize/Y", 1e9),
    ("horizontal_field_um", "Optics/ScanFieldOfView/X", 1e6),
    ("dwell_us", "ScanSettings/DwellTime", 1e6),
    ("beam_voltage_kv", "Optics/AccelerationVoltage", 1e-3),
    ("beam_current_na", "Optics/BeamCurrent", 1e9),
    ("working_distance_mm", "Optics/WorkingDistance", 1e3),
    ("scan_rotation_deg", "ScanSettings/ScanRotation", math.degrees(1)),
)
"""Fact, path of the element, and its unit in that of the file (metres, seconds, volts, amperes, radians)."""
_TEXTS = (
    ("instrument", "Instrument/InstrumentClass"),
    ("detector", "Detectors/ScanningDetector/DetectorName"),
    ("beam", "Acquisition/BeamType"),
)


def read_thermo_xml(content: bytes, tag: str) -> dict[str, Fact]:
    """The facts in the XML of one image."""
    root = parse_xml(content)
    if root is None:
        return {}
    facts: dict[str, Fact] = {}
    for name, path, factor in _NUMBERS:
        value = to_number(find_value(root, path))
        if value is not None and (value > 0 or name == "scan_rotation_deg"):
            facts[name] = Fact(tidy(value * factor), f"{tag} {path}")
    facts |= keep_known({name: (find_value(root, path), f"{tag} {path}") for name, path in _TEXTS})
    if "beam" in facts:
        facts["beam"] = Fact(facts["beam"].value.lower(), facts["beam"].source)
    path = "Acquisition/AcquisitionDatetime"
    for name, base, axes in (
        ("field_shift_um", "Optics/BeamShift", "YX"),
        ("stage_um", "StageSettings/StagePosition", "ZYX"),
    ):
        values = [to_number(find_value(root, f"{base}/{axis}")) for axis in axes]
        if None not in values:
            facts[name] = Fact(tuple(tidy((value or 0) * 1e6) for value in values), f"{tag} {base}")
    return facts | keep_known({"time": (to_time(find_value(root, path)), f"{tag} {path}")})
