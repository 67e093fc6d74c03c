"""The tilt of the section against the view."""

from __future__ import annotations

import math

from keramos.core import Finding


def report_uncorrected(source: str, columns_deg: float) -> Finding:
    """A finding about images that were not stretched for the angle between the columns, at which sections are seen."""
    factor = 1 / math.sin(math.radians(columns_deg))
    return Finding(
        "voxel-size",
        f"the images are not corrected for the tilt of the section ({source})",
        f"if they show a section cut at {columns_deg:g}° to the view, as between the columns of this microscope, the "
        f"edge along y is {factor:.3f} times as long as stated",
        "give the voxel size (--voxel-size Z Y X, in nm) with that edge",
    )
