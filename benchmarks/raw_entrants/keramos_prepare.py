"""`keramos prepare` with its defaults, and the numbers that its messages ask for: the slice thickness where the files
do not state it, and the height of a pixel where the image is not corrected for the tilt.
"""

from __future__ import annotations

from math import radians, sin
from typing import Any

import numpy as np
from raw_entry import Case, Entry

import keramos
from keramos.io import describe


def prepare(case: Case) -> Entry:
    """The volume that `keramos prepare` writes, and what its JSON says of the slices."""
    facts = describe(case.folder)
    z, y, x = facts["voxel_size_nm"]
    more: dict[str, Any] = {}
    if facts["tilt_corrected"] is False:
        more = {
            "voxel_size": (z or case.thickness_nm, y / sin(radians(case.columns_deg)), x),
            "tilt": 90 - case.columns_deg,
        }
    elif z is None:
        more = {"slice_thickness": case.thickness_nm}
    result = keramos.prepare(case.folder, case.work / "prepared.ome.zarr", **more)
    said, volume = result.to_json(), result.volume
    places = np.array(said["slice_positions_nm"])
    size = said["voxel_size_nm"]
    return Entry(
        said["slices"],
        np.array(said["shifts_px"]),
        places,
        said["bar_rows"],
        tuple(size),
        None if volume.view is None else volume.view.tilt_deg,
        None if volume.view is None else volume.view.frame,
        volume.read(),
        places[0] + size[0] * np.arange(volume.shape[0]),
        (said["window"][0][0], said["window"][1][0]),
    )
