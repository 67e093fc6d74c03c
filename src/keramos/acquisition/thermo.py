"""Thermo Fisher (FEI): text of sections and keys, as in an INI file, in TIFF tag 34682 or 34680, or XML there or in tag
34683; and the project files of Auto Slice & View."""

from __future__ import annotations

import math
from collections.abc import Mapping

from keramos.acquisition.raw_tags import LENGTH, WIDTH, bytes_of, count_of
from keramos.acquisition.sections import Sections, decode_text, find_number, find_text, read_sections
from keramos.acquisition.thermo_project import PROJECTS, read_thermo_project
from keramos.acquisition.thermo_xml import read_thermo_xml
from keramos.acquisition.tilt import report_uncorrected
from keramos.acquisition.values import tidy, to_switch, to_time
from keramos.acquisition.vendor import Fact, Tags, Vendor
from keramos.core import Finding

_TAGS = ("34682", "34680", "34683")
_COLUMNS_DEG = 52.0
"""The angle between the electron and the ion column of these makers' microscopes."""
_SAME = 0.01
_NUMBERS = (
    ("voxel_size_x_nm", "scan", ("PixelWidth",), 1e9),
    ("voxel_size_y_nm", "scan", ("PixelHeight",), 1e9),
    ("horizontal_field_um", "scan", ("HorFieldsize",), 1e6),
    ("dwell_us", "scan", ("Dwell", "Dwelltime"), 1e6),
    ("beam_voltage_kv", "beam", ("HV",), 1e-3),
    ("beam_current_na", "beam", ("BeamCurrent",), 1e9),
    ("working_distance_mm", "beam", ("WD", "WorkingDistance"), 1e3),
    ("scan_rotation_deg", "beam", ("ScanRotation",), math.degrees(1)),
)
"""Fact, where it stands, its keys, and its unit in that of the file (metres, seconds, volts, amperes, radians)."""


def read_thermo(tags: Tags) -> dict[str, Fact]:
    """The edges of a pixel as they are written, in which a tilt correction is contained; the rows of the information
    bar, which are those beyond `ResolutionY` of an image that is as wide as it was scanned; the correction's angle,
    which is counted from the section's normal; and how the image was made."""
    facts: dict[str, Fact] = {}
    for name in [name for name in _TAGS if name in tags]:
        content, tag = bytes_of(tags, name), f"tag {name}"
        ini, mark, xml = content.partition(b"<?xml")
        if not mark and content.lstrip(b"\xef\xbb\xbf \r\n\t").startswith(b"<"):
            ini, xml = b"", content
        facts = {**read_thermo_xml(mark + xml, tag), **_read_ini(read_sections(decode_text(ini)), tag, tags), **facts}
    return facts


def _read_ini(sections: Sections, tag: str, tags: Tags) -> dict[str, Fact]:
    places = {"scan": _scans(sections), "beam": _beams(sections)}
    facts: dict[str, Fact] = {}
    for name, place, keys, factor in _NUMBERS:
        number = find_number(sections, places[place], *keys)
        if number is not None and (number[1] > 0 or name == "scan_rotation_deg"):
            facts[name] = Fact(tidy(number[1] * factor), f"{tag} {number[0]}")
    for name, place, key in (
        ("instrument", "System", "SystemType"),
        ("detector", "Detectors", "Name"),
        ("beam", "Beam", "Beam"),
    ):
        text = find_text(sections, [place], key)
        if text is not None:
            facts[name] = Fact(_BEAMS.get(text[1], text[1]), f"{tag} {text[0]}")
    facts |= _read_vectors(sections, tag)
    bar = _read_bar(tags, sections)
    if bar is not None:
        facts["information_bar_rows"] = Fact(bar[1], f"{tag} {bar[0]}")
    return facts | _read_correction(sections, tag)


_BEAMS = {"EBeam": "electron", "IBeam": "ion"}


def _read_vectors(sections: Sections, tag: str) -> dict[str, Fact]:
    """The shift of the beam, the position of the stage, and the time of the image."""
    facts: dict[str, Fact] = {}
    shift = [find_number(sections, _beams(sections), f"BeamShift{axis}") for axis in "YX"]
    if all(shift):
        values = tuple(tidy(one[1] * 1e6) for one in shift if one)
        facts["field_shift_um"] = Fact(values, f"{tag} {(shift[0] or ('', 0))[0]} and BeamShiftX")
    stage = [find_number(sections, ["Stage"], f"Stage{axis}") for axis in "ZYX"]
    if all(stage):
        facts["stage_um"] = Fact(tuple(tidy(one[1] * 1e6) for one in stage if one), f"{tag} Stage.StageZ, Y and X")
    user = sections.get("User", {})
    texts = (sections.get("PrivateFei", {}).get("TimeOfCreation"), f"{user.get('Date')} {user.get('Time')}")
    time = next((time for text in texts if (time := to_time(text))), None)
    return facts | ({} if time is None else {"time": Fact(time, f"{tag} PrivateFei.TimeOfCreation or User.Date")})


def _read_correction(sections: Sections, tag: str) -> dict[str, Fact]:
    """Whether the image was stretched for the tilt, and by what angle; the angle of one that was not is a setting."""
    state = _is_corrected(sections)
    if state is None:
        return {}
    facts = {"tilt_corrected": Fact(state[1], f"{tag} {state[0]}.TiltCorrectionIsOn")}
    angle = find_number(sections, [state[0], *_beams(sections), *_scans(sections)], "TiltCorrectionAngle")
    if state[1] and angle is not None:
        facts["tilt_deg"] = Fact(round(abs(math.degrees(angle[1])), 2), f"{tag} {angle[0]}")
    return facts


def check_thermo(tags: Tags) -> list[Finding]:
    """Findings: a height of a pixel that the height of the field contradicts; no tilt correction in a microscope of
    two columns."""
    tag, sections = _ini_of(tags)
    scans = _scans(sections)
    height, width, field = (find_number(sections, scans, key) for key in ("PixelHeight", "PixelWidth", "VerFieldsize"))
    rows = find_number(sections, ["Image"], "ResolutionY")
    findings = []
    if height and field and rows and rows[1] > 0 < height[1] and abs(field[1] / rows[1] / height[1] - 1) > _SAME:
        findings.append(_report_field(tag, height[1] * 1e9, field[1] / rows[1] * 1e9))
    state, is_dual = _is_corrected(sections), "dual" in sections.get("System", {}).get("Type", "").lower()
    is_square = bool(height and width and width[1] > 0) and abs(_ratio(height, width) - 1) < _SAME
    if is_dual and is_square and state is not None and not state[1]:
        findings.append(report_uncorrected(f"tag {tag} {state[0]}.TiltCorrectionIsOn", _COLUMNS_DEG))
    return findings


def _ratio(one: tuple[str, float] | None, other: tuple[str, float] | None) -> float:
    return one[1] / other[1] if one and other else math.nan


def _report_field(tag: str, stated: float, other: float) -> Finding:
    return Finding(
        "voxel-size",
        f"tag {tag} says {stated:.6g} nm for the height of a pixel (PixelHeight), but {other:.6g} nm by the height of "
        "the field (VerFieldsize / ResolutionY)",
        "PixelHeight is taken, which contains the correction for the tilt of the section",
        severity="note",
    )


def _ini_of(tags: Tags) -> tuple[str, Sections]:
    """The number of the first tag with such text, and its sections; empty sections where there is only XML."""
    for name in [name for name in _TAGS if name in tags]:
        sections = read_sections(decode_text(bytes_of(tags, name)))
        if len(sections) > 1:
            return name, sections
    return "", {}


def _scans(sections: Sections) -> list[str]:
    """The sections that may describe the scan of this image, the likeliest first."""
    return [name for name in (sections.get("Beam", {}).get("Scan"), "EScan", "Scan", "IScan") if name]


def _beams(sections: Sections) -> list[str]:
    """The sections that may describe the beam, the likeliest first. Each has some of the keys only."""
    own = sections.get("Beam", {}).get("Beam") or "EBeam"
    return [own, "Beam", *_scans(sections), "Stage"]


def _is_corrected(sections: Sections) -> tuple[str, bool] | None:
    """The section that says whether the image is corrected for tilt, and what it says."""
    beam: Mapping[str, str] = sections.get("Beam", {})
    for name in (beam.get("Beam", "EBeam"), *_scans(sections), "EBeam"):
        value = sections.get(name, {}).get("TiltCorrectionIsOn", "")
        if value:
            return name, bool(to_switch(value))
    return None


def _read_bar(tags: Tags, sections: Sections) -> tuple[str, int] | None:
    """The key that tells of the information bar, and its rows; None where the image has none, or is a part of what was
    scanned."""
    stored, rows = count_of(tags, LENGTH), find_number(sections, ["Image"], "ResolutionY")
    columns = find_number(sections, ["Image"], "ResolutionX")
    if columns is not None and count_of(tags, WIDTH) not in (None, int(columns[1])):
        return None
    if rows is not None and stored is not None:
        below = stored - int(rows[1])
        return (rows[0], below) if 0 < below < rows[1] else None
    bar = find_number(sections, ["PrivateFei"], "DatabarHeight")
    return (bar[0], int(bar[1])) if bar is not None and bar[1] > 0 else None


THERMO = Vendor(
    "thermo",
    "Thermo Fisher Scientific (FEI)",
    recognises=lambda tags: any(name in tags for name in _TAGS),
    read=read_thermo,
    check=check_thermo,
    projects=PROJECTS,
    read_project=read_thermo_project,
)
