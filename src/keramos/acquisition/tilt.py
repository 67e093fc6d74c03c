"""The tilt of the section against the view, and a scan that was turned."""

from __future__ import annotations

import math

from keramos.acquisition.vendor import Fact
from keramos.core import Finding
from keramos.core.finding import UNCORRECTED_TILT

_STRAIGHT_DEG = 1.0


def report_uncorrected(source: str, columns_deg: float | None) -> Finding:
    """A finding about images that were not stretched for the angle between the columns, at which sections are seen;
    None where the angle is not known."""
    if columns_deg is None:
        view, factor = "an angle θ to the view, as between the columns of this microscope", "1 / sin θ"
    else:
        view = f"{columns_deg:g}° to the view, as between the columns of this microscope"
        factor = f"{1 / math.sin(math.radians(columns_deg)):.3f}"
    return Finding(
        "voxel-size",
        f"the images are not corrected for the tilt of the section ({source})",
        f"if they show a section cut at {view}, the edge along y is {factor} times as long as stated",
        "give the voxel size (--voxel-size Z Y X, in nm) with that edge",
        topic=UNCORRECTED_TILT,
    )


def report_turned_scan(rotation: Fact | None) -> Finding | None:
    """A note where the scan was turned, so that up and down of the images are not those of the microscope."""
    degrees = 0.0 if rotation is None else (float(rotation.value) + 180) % 360 - 180
    if rotation is None or abs(degrees) <= _STRAIGHT_DEG:
        return None
    advice = "turn the slices back (Fiji: Image > Transform)"
    if abs(abs(degrees) - 180) <= _STRAIGHT_DEG:
        effect = (
            "up and down of the images are exchanged: shading, curtains and what shines through voids come from the "
        )
        effect += "other side"
        advice = "turn the slices back (keramos prepare --turn 180)"
    else:
        effect = "the ion beam and the tilt do not run along y: curtains and what shines through voids lie at an angle"
    return Finding(
        "scan-rotation",
        f"the scan was turned by {abs(degrees):.4g}° ({rotation.source})",
        effect,
        f"{advice} if voids do not show their floors at the lower edge",
        severity="note",
    )
