"""Thermo Fisher (FEI): text of sections and keys, as in an INI file, in TIFF tag 34682 or 34680."""

from __future__ import annotations

import math
from collections.abc import Mapping

from keramos.acquisition.tilt import report_uncorrected
from keramos.acquisition.vendor import Fact, Tags, Vendor
from keramos.core import Finding

_TAGS = ("34682", "34680")
_LENGTH, _NM = "257", 1e9
_COLUMNS_DEG = 52.0
"""The angle between the electron and the ion column of these makers' microscopes."""
_SAME = 0.01

Sections = Mapping[str, Mapping[str, str]]


def read_thermo(tags: Tags) -> dict[str, Fact]:
    """The edges of a pixel as they are written, in which a tilt correction is contained; the rows of the information
    bar, which are those beyond `ResolutionY`; and the correction's angle."""
    tag, sections = _read_sections(tags)
    facts: dict[str, Fact] = {}
    for axis, key in (("x", "PixelWidth"), ("y", "PixelHeight")):
        edge = _find(sections, _scans(sections), key)
        if edge is not None and edge[1] > 0:
            facts[f"voxel_size_{axis}_nm"] = Fact(float(f"{edge[1] * _NM:.9g}"), f"tag {tag} {edge[0]}.{key}")
    bar = _read_bar(tags, sections)
    if bar is not None:
        facts["information_bar_rows"] = Fact(bar[1], f"tag {tag} {bar[0]}")
    state = _is_corrected(sections)
    if state is not None:
        facts["tilt_corrected"] = Fact(state[1], f"tag {tag} {state[0]}.TiltCorrectionIsOn")
        angle = _find(sections, [state[0]], "TiltCorrectionAngle")
        if state[1] and angle is not None:
            degrees = round(abs(math.degrees(angle[1])), 2)
            facts["tilt_deg"] = Fact(degrees, f"tag {tag} {angle[0]}.TiltCorrectionAngle")
    return facts


def check_thermo(tags: Tags) -> list[Finding]:
    """Findings: a height of a pixel that the height of the field contradicts; no tilt correction in a microscope of
    two columns."""
    tag, sections = _read_sections(tags)
    scans = _scans(sections)
    height, width, field = (_find(sections, scans, key) for key in ("PixelHeight", "PixelWidth", "VerFieldsize"))
    rows = _find(sections, ["Image"], "ResolutionY")
    findings = []
    if height and field and rows and rows[1] > 0 and abs(field[1] / rows[1] / height[1] - 1) > _SAME:
        findings.append(_report_field(tag, height[1] * _NM, field[1] / rows[1] * _NM))
    state, is_dual = _is_corrected(sections), "dual" in sections.get("System", {}).get("Type", "").lower()
    is_square = height is not None and width is not None and abs(height[1] / width[1] - 1) < _SAME
    if is_dual and is_square and state is not None and not state[1]:
        findings.append(report_uncorrected(f"tag {tag} {state[0]}.TiltCorrectionIsOn", _COLUMNS_DEG))
    return findings


def _report_field(tag: str, stated: float, other: float) -> Finding:
    return Finding(
        "voxel-size",
        f"tag {tag} says {stated:.6g} nm for the height of a pixel (PixelHeight), but {other:.6g} nm by the height of "
        "the field (VerFieldsize / ResolutionY)",
        "PixelHeight is taken, which contains the correction for the tilt of the section",
        severity="note",
    )


def _read_sections(tags: Tags) -> tuple[str, Sections]:
    """The number of the tag that is there, and its sections."""
    tag = next(name for name in _TAGS if name in tags)
    sections: dict[str, dict[str, str]] = {"": {}}
    section = sections[""]
    for line in bytes(tags[tag]).decode("latin-1").splitlines():
        text = line.strip()
        if text.startswith("[") and text.endswith("]"):
            section = sections.setdefault(text[1:-1], {})
        elif "=" in text:
            key, _, value = text.partition("=")
            section[key.strip()] = value.strip()
    return tag, sections


def _scans(sections: Sections) -> list[str]:
    """The sections that may describe the scan of this image, the likeliest first."""
    beam = sections.get("Beam", {})
    return [name for name in (beam.get("Scan"), "EScan", "Scan", "IScan") if name]


def _find(sections: Sections, names: list[str], key: str) -> tuple[str, float] | None:
    """The first of the sections that has a number under the key, and the number."""
    for name in names:
        try:
            value = float(sections.get(name, {})[key])
        except (KeyError, ValueError):
            continue
        if math.isfinite(value):
            return name, value
    return None


def _is_corrected(sections: Sections) -> tuple[str, bool] | None:
    """The section that says whether the image is corrected for tilt, and what it says."""
    beam = sections.get("Beam", {})
    for name in (beam.get("Beam", "EBeam"), *_scans(sections), "EBeam"):
        value = sections.get(name, {}).get("TiltCorrectionIsOn", "").lower()
        if value:
            return name, value in ("yes", "on", "true", "1")
    return None


def _read_bar(tags: Tags, sections: Sections) -> tuple[str, int] | None:
    """The key that tells of the information bar, and its rows; None where the image has none."""
    stored, rows = tags.get(_LENGTH), _find(sections, ["Image"], "ResolutionY")
    if rows is not None and stored is not None:
        below = int(stored) - int(rows[1])
        return ("Image.ResolutionY", below) if 0 < below < rows[1] else None
    bar = _find(sections, ["PrivateFei"], "DatabarHeight")
    return ("PrivateFei.DatabarHeight", int(bar[1])) if bar is not None and bar[1] > 0 else None


THERMO = Vendor(
    "thermo",
    "Thermo Fisher Scientific (FEI)",
    recognises=lambda tags: any(name in tags for name in _TAGS),
    read=read_thermo,
    check=check_thermo,
)
