"""Names of length units in the metadata of files, converted to nm on input."""

from __future__ import annotations

import math
from collections.abc import Sequence

from keramos.core import VoxelSize

_NM = {
    "pm": 1e-3,
    "picometer": 1e-3,
    "å": 0.1,
    "a": 0.1,
    "angstrom": 0.1,
    "ångström": 0.1,
    "nm": 1.0,
    "nanometer": 1.0,
    "nanometre": 1.0,
    "nanometers": 1.0,
    "µm": 1e3,
    "um": 1e3,
    "micron": 1e3,
    "microns": 1e3,
    "micrometer": 1e3,
    "micrometre": 1e3,
    "micrometers": 1e3,
    "mm": 1e6,
    "millimeter": 1e6,
    "millimetre": 1e6,
    "cm": 1e7,
    "centimeter": 1e7,
    "centimetre": 1e7,
    "m": 1e9,
    "meter": 1e9,
    "metre": 1e9,
    "inch": 2.54e7,
    "in": 2.54e7,
}


def nm_per(unit: str | None) -> float | None:
    """The length of one `unit` in nm; None for a unit that is missing, `pixel`, or not a length.

    Example:
        >>> nm_per("micron"), nm_per("pixel")
        (1000.0, None)
    """
    # Fiji writes the micro sign as an escape, and two different characters look like it.
    name = (unit or "").strip().replace("\\u00B5", "µ").replace("\\u00b5", "µ").replace("\u03bc", "µ")
    return _NM.get(name.lower())


def voxel_size_of(edges_zyx: Sequence[float | None], units_zyx: Sequence[str | None]) -> VoxelSize | None:
    """The voxel size when all three edges are positive lengths in a known unit, else None."""
    lengths = []
    for edge, unit in zip(edges_zyx, units_zyx, strict=True):
        nm = nm_per(unit)
        if nm is None or edge is None or not math.isfinite(edge) or edge <= 0:
            return None
        lengths.append(edge if nm == 1 else _tidy(edge * nm))
    return VoxelSize.of(lengths)


def _tidy(length_nm: float) -> float:
    """Without the last digits that only the conversion of units put there (0.0208 um is 20.8 nm)."""
    return float(f"{length_nm:.12g}")
