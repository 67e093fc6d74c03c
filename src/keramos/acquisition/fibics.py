"""Zeiss Atlas 3D (Fibics): XML in TIFF tag 51023, and `Atlas3D.a3d-setup` beside the stack. The names of elements are
those that public programs read; lengths without a unit are in µm."""

from __future__ import annotations

import math
from xml.etree import ElementTree

from keramos.acquisition.raw_tags import bytes_of
from keramos.acquisition.values import (
    DEGREES,
    KV_NA_US,
    NM,
    Amounts,
    keep_known,
    tidy,
    to_amount,
    to_number,
    to_switch,
    to_time,
)
from keramos.acquisition.vendor import Fact, Tags, Vendor
from keramos.acquisition.xml_values import find_element, find_value, parse_xml

_TAG = "51023"
_UNITS = {"um": "µm", "micron": "µm"}
_ITEMS = (
    ("beam_voltage_kv", "EHT", KV_NA_US, 1.0),
    ("beam_current_na", "I Probe", KV_NA_US, 1.0),
    ("working_distance_mm", "WD", NM, 1e-6),
)
_BEAMS = {"SEM": "electron", "FIB": "ion"}
_INTERVALS = ("Settings/Imaging/DefaultAcquisition/Interval/Distance/Interval", "Settings/Imaging/Interval")


def read_fibics(tags: Tags) -> dict[str, Fact]:
    """The edges of a pixel, which are the lengths of the vectors from one to the next, whatever their direction and
    sign; the position of the slice, and by how much the microscope moved the field of view."""
    root = parse_xml(bytes_of(tags, _TAG))
    if root is None:
        return {}
    facts = _read_scan(root)
    place, where = _amount(root, "ATLAS3D/Slice/ZPos", NM), f"tag {_TAG} ATLAS3D/Slice/ZPos"
    facts |= keep_known({"slice_z_nm": (place, where)})
    for name, path in (("instrument", "Image/Machine"), ("detector", "Image/Detector"), ("beam", "Image/Beam")):
        text = find_value(root, path)
        facts |= keep_known({name: (_BEAMS.get(text or "", text), f"tag {_TAG} {path}")})
    facts |= keep_known(
        {"time": (to_time(find_value(root, "Application/Date")), f"tag {_TAG} Application/Date")},
    )
    stage = [_amount(root, f"Stage/{axis}", NM) for axis in "ZYX"]
    if None not in stage:
        facts["stage_um"] = Fact(tuple((one or 0) / 1e3 for one in stage), f"tag {_TAG} Stage")
    return facts | _read_items(root)


def _read_scan(root: ElementTree.Element) -> dict[str, Fact]:
    facts: dict[str, Fact] = {}
    base = "Scan" if find_value(root, "Scan/Ux") else "Scan/Affine"
    ux, uy, vx, vy = (to_number(find_value(root, f"{base}/{name}")) for name in ("Ux", "Uy", "Vx", "Vy"))
    if ux is not None and vy is not None:
        vectors = (ux, uy or 0.0, vx or 0.0, vy)
        for axis, pair, name in (("x", vectors[:2], "Ux"), ("y", vectors[2:], "Vy")):
            if (edge := math.hypot(*pair)) > 0:
                facts[f"voxel_size_{axis}_nm"] = Fact(tidy(edge * 1e3), f"tag {_TAG} {base}/{name}")
        facts |= _read_correction(root, vectors)
    field, width = _amount(root, "Scan/FOV_X", NM), to_number(find_value(root, "Image/Width"))
    facts |= keep_known({"horizontal_field_um": (field and field / 1e3, f"tag {_TAG} Scan/FOV_X")})
    if "voxel_size_x_nm" not in facts and field and width:
        square = Fact(tidy(field / width), f"tag {_TAG} Scan/FOV_X and Image/Width")
        facts |= {"voxel_size_x_nm": square, "voxel_size_y_nm": square}
    dwell, rotation = _amount(root, "Scan/Dwell", KV_NA_US, "ns"), _amount(root, "Scan/ScanRot", DEGREES, "deg")
    return facts | keep_known(
        {
            "dwell_us": (dwell, f"tag {_TAG} Scan/Dwell"),
            "scan_rotation_deg": (rotation, f"tag {_TAG} Scan/ScanRot"),
        }
    )


def _read_correction(root: ElementTree.Element, vectors: tuple[float, float, float, float]) -> dict[str, Fact]:
    """The shift of the field of view along the edges of the image (y, x): that combination of the vectors of a pixel
    which gives it, times their lengths."""
    path = "ATLAS3D/Slice/SEMCorrection"
    x, y = (_amount(root, f"{path}{axis}", NM) for axis in "XY")
    ux, uy, vx, vy = vectors
    area = ux * vy - uy * vx
    if x is None or y is None or not area:
        return {}
    rows, columns = (ux * y - uy * x) / area, (vy * x - vx * y) / area
    shift = (tidy(rows * math.hypot(vx, vy) / 1e3), tidy(columns * math.hypot(ux, uy) / 1e3))
    return {"field_shift_um": Fact(shift, f"tag {_TAG} {path}Y and X")}


def _read_items(root: ElementTree.Element) -> dict[str, Fact]:
    """Facts among the named items of the beam and the scan, as `= 1.50 kV`."""
    items = {
        (item.get("name") or "").strip(): (item.text or "").strip(" =")
        for group in ("BeamInfo", "ScanInfo")
        for item in root.findall(f"./{{*}}{group}/{{*}}item")
    }
    facts: dict[str, Fact] = {}
    for name, key, units, factor in _ITEMS:
        value = to_amount(items.get(key), units)
        facts |= keep_known({name: (value and tidy(value * factor), f"tag {_TAG} item {key}")})
    for key, text in items.items():
        if key.lower().startswith("tilt corr") and (state := to_switch(text)) is not None:
            facts["tilt_corrected"] = Fact(state, f"tag {_TAG} item {key}")
    angle = to_amount(items.get("Tilt Angle"), DEGREES, "°")
    if angle is not None and "tilt_corrected" in facts and facts["tilt_corrected"].value:
        facts["tilt_deg"] = Fact(abs(angle), f"tag {_TAG} item Tilt Angle")
    return facts


def _amount(root: ElementTree.Element, path: str, units: Amounts, default: str = "µm") -> float | None:
    """The amount of an element, whose unit is an attribute."""
    element = find_element(root, path)
    if element is None:
        return None
    return to_amount(element.text, units, _unit_of(element, default))


def _unit_of(element: ElementTree.Element, default: str = "µm") -> str:
    unit = element.get("units") or element.get("unit") or default
    return _UNITS.get(unit, unit)


def read_fibics_project(name: str, content: bytes) -> dict[str, Fact]:
    """The nominal distance of slices (in µm), and whether images are corrected for the tilt."""
    root = parse_xml(content)
    if root is None:
        return {}
    setup = root if root.tag.endswith("Setup") else root.find(".//{*}ATLAS3D-Setup")
    setup = root if setup is None else setup
    facts: dict[str, Fact] = {}
    for path in _INTERVALS:
        interval = _amount(setup, path, NM)
        if interval and interval > 0:
            facts.setdefault("voxel_size_z_nm", Fact(interval, f"{name} {path}"))
    if not facts:
        facts = _find_interval(setup, name)
    path = "Settings/Options/TiltCorrectionEnabled"
    return facts | keep_known({"tilt_corrected": (to_switch(find_value(setup, path)), f"{name} {path}")})


def _find_interval(setup: ElementTree.Element, name: str) -> dict[str, Fact]:
    """The distance of slices where the file has it elsewhere: that of the only element of its name with a length."""
    for tag in ("Interval", "SliceThickness"):
        values = {to_amount(one.text, NM, _unit_of(one)) for one in setup.iter() if one.tag.rpartition("}")[2] == tag}
        lengths = [value for value in values if value is not None and value > 0]
        if len(lengths) == 1:
            return {"voxel_size_z_nm": Fact(lengths[0], f"{name} {tag}")}
    return {}


FIBICS = Vendor(
    "fibics",
    "Zeiss Atlas (Fibics)",
    recognises=lambda tags: _TAG in tags,
    read=read_fibics,
    projects=("*.a3d-setup",),
    read_project=read_fibics_project,
)
