"""Names of length units in the metadata of files, converted to nm on input."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence

from keramos.acquisition import Fact
from keramos.core import VoxelSize

AXES = "zyx"
_PREFIXES = {"p": 1e-3, "pico": 1e-3, "n": 1.0, "nano": 1.0, "u": 1e3, "micro": 1e3, "m": 1e6, "milli": 1e6}
_PREFIXES |= {"c": 1e7, "centi": 1e7, "": 1e9}
_METRES = re.compile(r"(p|n|u|m|c|)m|(pico|nano|micro|milli|centi|)-?met(?:er|re|ro)s?")
_OTHERS = {"a": 0.1, "ang": 0.1, "angstrom": 0.1, "angstroms": 0.1, "u": 1e3, "micron": 1e3, "microns": 1e3}
_OTHERS |= dict.fromkeys(("inch", "inches", "in", '"'), 2.54e7)
_GREEK_MU = "\u03bc"


def nm_per(unit: str | None) -> float | None:
    """The length of one `unit` in nm; None for a unit that is missing, `pixel`, or not a length.

    Example:
        >>> nm_per("micron"), nm_per("Ångström"), nm_per("nanometres"), nm_per("pixel")
        (1000.0, 0.1, 1.0, None)
    """
    # Fiji writes other letters as escapes; two characters each stand for micro and for Å.
    text = re.sub(r"\\u([0-9a-fA-F]{4})", lambda match: chr(int(match[1], 16)), (unit or "").strip())
    letters = (letter for letter in unicodedata.normalize("NFKD", text) if not unicodedata.combining(letter))
    name = "".join(letters).lower().replace(_GREEK_MU, "u").rstrip(".")
    match = _METRES.fullmatch(name)
    return _OTHERS.get(name) if match is None else _PREFIXES[match[1] if match[2] is None else match[2]]


def voxel_size_of(edges_zyx: Sequence[float | None], units_zyx: Sequence[str | None]) -> VoxelSize | None:
    """The voxel size when all three edges are positive lengths in a known unit, else None."""
    return whole_size(edges_of(edges_zyx, units_zyx, ("", "", "")))


def edges_of(
    edges_zyx: Sequence[float | None], units_zyx: Sequence[str | None], sources_zyx: Sequence[str]
) -> dict[str, Fact]:
    """The edges in nm that are positive lengths in a known unit, by axis, each with what states it.

    Example:
        >>> edges_of((None, 0.005, 5), ("nm", "um", "nm"), ("", "YResolution", "XResolution"))["y"]
        Fact(value=5.0, source='YResolution')
    """
    known = {}
    for axis, edge, unit, source in zip(AXES, edges_zyx, units_zyx, sources_zyx, strict=True):
        nm = nm_per(unit)
        if nm is not None and edge is not None and math.isfinite(edge) and edge > 0:
            known[axis] = Fact(edge if nm == 1 else _tidy(edge * nm), source)
    return known


def whole_size(edges: Mapping[str, Fact]) -> VoxelSize | None:
    """The voxel size of edges in nm by axis; None unless all three are there."""
    return VoxelSize.of([edges[axis].value for axis in AXES]) if set(AXES) <= set(edges) else None


def _tidy(length_nm: float) -> float:
    """Without the last digits that only the conversion of units put there (0.0208 um is 20.8 nm)."""
    return float(f"{length_nm:.12g}")
