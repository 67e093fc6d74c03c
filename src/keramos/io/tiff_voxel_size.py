"""The voxel size that a TIFF's metadata states: OME-XML, or ImageJ's resolution, spacing and unit."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import tifffile

from keramos.core import VoxelSize
from keramos.io.units import voxel_size_of


def tiff_voxel_size(tif: tifffile.TiffFile) -> VoxelSize | None:
    """None unless all three edges are stated. FEI and Zeiss tags know the pixel but no cutting pitch."""
    if tif.ome_metadata:
        return _from_ome(tif.ome_metadata)
    if tif.imagej_metadata:
        return _from_imagej(tif.imagej_metadata, tif.pages.first)
    return None


def _from_ome(xml: str) -> VoxelSize | None:
    try:
        pixels = ElementTree.fromstring(xml.encode("utf-8")).find(".//{*}Pixels")
    except ElementTree.ParseError:
        return None
    if pixels is None:
        return None
    edges = [_number(pixels.get(f"PhysicalSize{axis}")) for axis in "ZYX"]
    return voxel_size_of(edges, [pixels.get(f"PhysicalSize{axis}Unit", "um") for axis in "ZYX"])


def _from_imagej(metadata: dict[str, Any], page: Any) -> VoxelSize | None:
    unit = metadata.get("unit")
    spacing = _number(metadata.get("spacing"))
    edges = [abs(spacing) if spacing else None, _edge(page, "YResolution"), _edge(page, "XResolution")]
    return voxel_size_of(edges, [metadata.get("zunit", unit), metadata.get("yunit", unit), unit])


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
