"""The edges of a voxel that a TIFF's metadata state: OME-XML, or ImageJ's resolution, spacing and unit.

The resolution of other TIFFs is for printing (72, 96, 192 or 254 dpi), and no size of anything that was imaged.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree

import tifffile

from keramos.acquisition import Fact
from keramos.io.units import edges_of


def tiff_edges(tif: tifffile.TiffFile) -> Mapping[str, Fact]:
    """The edges that are stated, in nm by axis."""
    if tif.ome_metadata:
        return _from_ome(tif.ome_metadata)
    if tif.imagej_metadata:
        return _from_imagej(tif.imagej_metadata, tif.pages.first)
    return {}


def _from_ome(xml: str) -> Mapping[str, Fact]:
    try:
        pixels = ElementTree.fromstring(xml.encode("utf-8")).find(".//{*}Pixels")
    except ElementTree.ParseError:
        return {}
    if pixels is None:
        return {}
    names = [f"PhysicalSize{axis}" for axis in "ZYX"]
    units = [pixels.get(f"{name}Unit", "um") for name in names]
    return edges_of([_number(pixels.get(name)) for name in names], units, [f"OME-XML {name}" for name in names])


def _from_imagej(metadata: dict[str, Any], page: Any) -> Mapping[str, Fact]:
    unit = metadata.get("unit")
    spacing = _number(metadata.get("spacing"))
    edges = [abs(spacing) if spacing else None, _edge(page, "YResolution"), _edge(page, "XResolution")]
    units = [metadata.get("zunit", unit), metadata.get("yunit", unit), unit]
    return edges_of(edges, units, ("ImageJ spacing", "ImageJ YResolution", "ImageJ XResolution"))


def _edge(page: Any, tag: str) -> float | None:
    """One pixel in ImageJ's unit: resolution tags count pixels per unit, as a fraction."""
    entry = page.tags.get(tag)
    if entry is None:
        return None
    count, unit = entry.value
    return unit / count if count else None


def _number(text: Any) -> float | None:
    try:
        return float(text)
    except (TypeError, ValueError):
        return None
