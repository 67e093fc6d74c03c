"""Zeiss Atlas 3D (Fibics): XML in TIFF tag 51023 and in `Atlas3D.a3d-setup` among the slices.

Each slice has its measured position (`ATLAS3D/Slice/ZPos`), also in the file's name, and what the field of view was
moved by since the first slice (`SEMCorrectionX`, `SEMCorrectionY`), all in micrometres. There is no information bar.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree.ElementTree import Element, SubElement, tostring

from keramos.simulation.raw.maker import Maker, RawSlice, Tag
from keramos.simulation.raw.makers.zeiss import name_by_position

_TAG, _TEXT = 51023, 2
_DECLARATION = '<?xml version="1.0" encoding="iso-8859-1"?>\n'
_SETUP = "Atlas3D.a3d-setup"


def describe(facts: RawSlice) -> list[Tag]:
    """The tag with the XML of a slice."""
    edge_um, height = facts.pixels.x_nm * 1e-3, facts.pixels.y_nm * 1e-3
    root = Element("Fibics", version="1.0")
    _add(root, "Application", Version="NPVE v4.5", Date=f"{facts.time:%Y-%m-%dT%H:%M:%S}")
    _add(root, "Image", Width=facts.columns, Height=facts.rows, Machine="Crossbeam 550", Beam="SEM", Detector="ESB")
    scan = _add(root, "Scan", Ux=f"{edge_um:.9g}", Uy=0, Vx=0, Vy=f"{-height:.9g}", ScanRot=0)
    for name, value, units in (
        ("Dwell", 1200, "ns"),
        ("FOV_X", f"{edge_um * facts.columns:.9g}", "um"),
        ("FOV_Y", f"{height * facts.rows:.9g}", "um"),
    ):
        SubElement(scan, name, units=units).text = str(value)
    stage = SubElement(root, "Stage")
    for axis, place in (("X", 62113.0), ("Y", 70402.0), ("Z", 43870.0)):
        SubElement(stage, axis, units="um").text = f"{place:.1f}"
    items = SubElement(root, "BeamInfo")
    corrected = "On" if facts.is_corrected else "Off"
    for name, text in (
        ("EHT", "1.50 kV"),
        ("WD", "5.00 mm"),
        ("Tilt Angle", f"{facts.view.tilt_deg:.1f} deg"),
        ("Tilt Corrn.", corrected),
    ):
        SubElement(items, "item", name=name).text = text
    part = _add(SubElement(root, "ATLAS3D"), "Slice", ZIndex=facts.number - 1, ZPos=f"{facts.z_nm * 1e-3:.6f}")
    for axis, moved in (("X", 0.0), ("Y", facts.followed_nm)):
        SubElement(part, f"SEMCorrection{axis}").text = f"{moved * 1e-3:.6f}"
    return [(_TAG, _TEXT, _write(root))]


def describe_series(facts: RawSlice) -> Mapping[str, bytes]:
    """The setup file: the nominal distance of slices, and the pixel's size, in micrometres."""
    root = Element("ATLAS3D-Setup", version="1.0")
    _add(root, "JobName").text = "phantom"
    settings = SubElement(root, "Settings")
    acquisition = SubElement(SubElement(settings, "Imaging"), "DefaultAcquisition")
    for name, nm in (("FOV", facts.pixels.x_nm * facts.columns), ("PixelSize", facts.pixels.x_nm)):
        SubElement(acquisition, name).text = f"{nm * 1e-3:.9g}"
    distance = SubElement(SubElement(acquisition, "Interval"), "Distance")
    SubElement(distance, "Interval").text = f"{facts.pixels.z_nm * 1e-3:.9g}"
    SubElement(SubElement(settings, "Options"), "TiltCorrectionEnabled").text = str(facts.is_corrected).lower()
    return {_SETUP: _write(root)}


def _add(parent: Element, name: str, **values: Any) -> Element:
    """A new element with an element for each value."""
    element = SubElement(parent, name)
    for key, value in values.items():
        SubElement(element, key).text = str(value)
    return element


def _write(root: Element) -> bytes:
    return (_DECLARATION + tostring(root, encoding="unicode")).encode("latin-1")


ATLAS = Maker(
    "atlas",
    "Zeiss Atlas 3D (Fibics)",
    columns_deg=54.0,
    corrects=True,
    stretches=True,
    bar_share=0.0,
    name_file=lambda facts: name_by_position(facts.number - 1, facts.z_nm),
    tags=describe,
    other_files=describe_series,
)
