"""TESCAN: `key=value` lines in TIFF tag 50431, behind a thumbnail (JPEG 2000) and eight bytes, and in an `.hdr` file
beside the image; the project file of its tomography, by the names that public programs read."""

from __future__ import annotations

import re

from keramos.acquisition.raw_tags import LENGTH, bytes_of, count_of
from keramos.acquisition.sections import Sections, decode_text, find_number, find_text, read_sections
from keramos.acquisition.tilt import report_uncorrected
from keramos.acquisition.values import keep_known, tidy, to_number, to_time
from keramos.acquisition.vendor import Fact, Tags, Vendor, compare_facts
from keramos.acquisition.xml_values import find_element, parse_xml
from keramos.core import Finding

_TAG, _HEADER = "50431", ".hdr"
_END_OF_THUMBNAIL, _BYTES_BEHIND = b"\xff\xd9", 8
_PLACES = ("", "MAIN", "SEM")
_TWO_COLUMNS = ("AMBER", "FERA", "GAIA", "LYRA", "SOLARIS", "VELA", "XEIA")
"""Families of microscopes that have an ion column."""
_NUMBERS = (
    ("voxel_size_x_nm", ("PixelSizeX",), 1e9),
    ("voxel_size_y_nm", ("PixelSizeY",), 1e9),
    ("dwell_us", ("DwellTime",), 1e6),
    ("beam_voltage_kv", ("HV", "AcceleratorVoltage"), 1e-3),
    ("beam_current_na", ("BeamCurrent", "PredictedBeamCurrent"), 1e9),
    ("working_distance_mm", ("WD",), 1e3),
    ("scan_rotation_deg", ("ScanRotation",), 1.0),
)
"""Fact, its keys, and its unit in that of the file (metres, seconds, volts, amperes, degrees)."""


def read_tescan(tags: Tags) -> dict[str, Fact]:
    """The edges of a pixel, which contain a correction for the tilt, the rows of the information strip, and how the
    image was made. `StageTilt` is no tilt of the view. What the image says wins over the file beside it."""
    facts: dict[str, Fact] = {}
    for source, sections in _texts(tags):
        facts = {**_read_text(sections, source, tags), **facts}
    return facts


def check_tescan(tags: Tags) -> list[Finding]:
    """Findings where a microscope of two columns has not corrected the image for the tilt of the section, and where the
    file beside the image contradicts it."""
    texts = _texts(tags)
    findings = compare_facts(*(_read_text(text, source, tags) for source, text in texts)) if len(texts) > 1 else []
    for source, sections in texts:
        device, angle = find_text(sections, _PLACES, "Device"), find_number(sections, _PLACES, "TiltCorrection")
        has_two = device is not None and any(name in device[1].upper() for name in _TWO_COLUMNS)
        if has_two and angle is not None and angle[1] == 0:
            return [*findings, report_uncorrected(f"{source} {angle[0]}", None)]
    return findings


def _texts(tags: Tags) -> list[tuple[str, Sections]]:
    """The texts that are there, with what they are, the image's own first."""
    texts = []
    if _TAG in tags:
        data = bytes_of(tags, _TAG)
        end = data.rfind(_END_OF_THUMBNAIL)
        texts.append((f"tag {_TAG}", data[end + len(_END_OF_THUMBNAIL) + _BYTES_BEHIND :] if end >= 0 else data))
    if _is_header(tags):
        texts.append(("the .hdr file", bytes_of(tags, _HEADER)))
    return [(source, _clean(read_sections(decode_text(text)))) for source, text in texts]


def _clean(sections: Sections) -> Sections:
    """Sections whose keys are letters and digits: bytes of the thumbnail may stand before the first one."""
    return {
        name: {re.sub(r"^.*[^A-Za-z0-9]", "", key): value.strip("\0 ") for key, value in section.items()}
        for name, section in sections.items()
    }


def _is_header(tags: Tags) -> bool:
    return b"PixelSizeX" in bytes_of(tags, _HEADER)


def _read_text(sections: Sections, source: str, tags: Tags) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    for name, keys, factor in _NUMBERS:
        number = find_number(sections, _PLACES, *keys)
        if number is not None and (number[1] > 0 or name == "scan_rotation_deg"):
            facts[name] = Fact(tidy(number[1] * factor), f"{source} {number[0]}")
    for name, key in (("instrument", "Device"), ("detector", "Detector")):
        text = find_text(sections, _PLACES, key)
        facts |= {} if text is None else {name: Fact(text[1], f"{source} {text[0]}")}
    angle = find_number(sections, _PLACES, "TiltCorrection")
    if angle is not None:
        facts["tilt_corrected"] = Fact(angle[1] != 0, f"{source} {angle[0]}")
        facts |= {} if angle[1] == 0 else {"tilt_deg": Fact(abs(angle[1]), f"{source} {angle[0]}")}
    strip, rows = find_number(sections, _PLACES, "ImageStripSize"), count_of(tags, LENGTH)
    if strip is not None and 0 < strip[1] < (rows or strip[1] + 1):
        facts["information_bar_rows"] = Fact(int(strip[1]), f"{source} {strip[0]}")
    return facts | _read_vectors(sections, source)


def _read_vectors(sections: Sections, source: str) -> dict[str, Fact]:
    """The shift of the image, the position of the stage, and the time."""
    facts: dict[str, Fact] = {}
    for name, key, axes in (("field_shift_um", "ImageShift", "YX"), ("stage_um", "Stage", "ZYX")):
        numbers = [find_number(sections, _PLACES, f"{key}{axis}") for axis in axes]
        if None not in numbers:
            values = tuple(tidy(number[1] * 1e6) for number in numbers if number is not None)
            facts[name] = Fact(values, f"{source} {key}{axes[0]} and {key}X")
    parts = [find_text(sections, _PLACES, key) for key in ("Date", "Time")]
    when = to_time(" ".join(part[1] for part in parts if part is not None))
    return facts | keep_known({"time": (when, f"{source} Date and Time")})


def read_tescan_project(name: str, content: bytes) -> dict[str, Fact]:
    """The thickness of slices that was asked for, in metres in the file."""
    root = parse_xml(content)
    element = None if root is None else find_element(root, "Project/Slicing")
    value = None if element is None else to_number(element.get("thickness"))
    nm = None if value is None or not 0 < value < 1e-4 else tidy(value * 1e9)
    return keep_known({"voxel_size_z_nm": (nm, f"{name} Project/Slicing thickness")})


TESCAN = Vendor(
    "tescan",
    "TESCAN",
    recognises=lambda tags: _TAG in tags or _is_header(tags),
    read=read_tescan,
    check=check_tescan,
    beside=(_HEADER,),
    projects=("*tomographyproject*.xml", "*.tomographyproject"),
    read_project=read_tescan_project,
)
