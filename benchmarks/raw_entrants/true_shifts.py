"""No entrant: the true shifts, positions and facts, and nothing else done, as the ceiling for the other figures."""

from __future__ import annotations

import json

import numpy as np
from raw_entry import Case, Entry
from scipy.ndimage import shift


def prepare(case: Case) -> Entry:
    """The usable slices, moved by their true offsets."""
    file = case.folder.with_name(f"{case.folder.name}-truth") / "truth.json"
    truth = json.loads(file.read_text("utf-8"))
    usable = {row["file"]: row for row in truth["slices"] if not row["blank"] and row["repeats"] is None}
    names, images = case.read()
    rows = [usable[name] for name in names if name in usable]
    grey = [image[: case.rows].astype(np.float32) for name, image in zip(names, images, strict=True) if name in usable]
    shifts = np.array([row["offset_px"] for row in rows])
    shifts -= shifts.mean(axis=0)
    moved = np.stack([shift(one, move, order=1, mode="nearest") for one, move in zip(grey, shifts, strict=True)])
    places = np.array([row["z_nm"] for row in rows])
    z, y, x = truth["voxel_size_nm"]
    return Entry(
        [row["file"] for row in rows],
        shifts,
        places,
        truth["information_bar_rows"],
        (z, y, x),
        truth["tilt_deg"],
        None,
        moved,
        places,
    )
