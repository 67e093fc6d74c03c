"""The tilt of the section against the view."""

from __future__ import annotations

import math

from keramos.core import Finding


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
    )
